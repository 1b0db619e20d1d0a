"""Fit the network to crops with ads and some without; states and side features are hidden at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.ads.crops import stack
from models.ads.features import CONTENT, PAUSES, PLACE, SIDE, STOPS, Features
from models.ads.network import KINDS, Head
from models.ads.training.corpus import Document
from models.ads.training.labels import Labels

CROP_WORDS, LEAST_WORDS = 1024, 60
BATCH, EPOCHS = 6, 5
SHOW_SHARE = 0.2  # of the crops without any label, in each pass
CAPTION_SHARE = 0.5
RATE, LEAST_RATE, DECAY = 1.5e-3, 3e-5, 0.02
WARM_STEPS = 60
PLACE_HIDDEN, STOPS_HIDDEN, PAUSES_HIDDEN = 0.3, 0.4, 0.5
EDGE_WEIGHT = 3.0
OWN_ODDS = 0.7  # nats by which "paid" is preferred to "the show's own" where nobody said which
SAY_STEPS = 100

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Example:
    """A document as the network reads it; ``states``: of its words, shape (words, STATES)."""

    document: Document
    features: Features
    labels: Labels
    states: np.ndarray


Place = tuple[Example, int, int]


def fit_network(examples: Sequence[Example], *, seed: int = 0, say: Say = lambda _line: None) -> Head:
    """A network fitted to the examples; the same numbers each time on the same kind of processor."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    head = Head().train()
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    steps = step = 0
    losses: list[float] = []
    for _ in range(EPOCHS):
        places = _places(examples, rng)
        steps = steps or len(places) // BATCH * EPOCHS
        for n in range(0, len(places) - BATCH + 1, BATCH):
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = _rate(step, steps)
            loss = loss_of(*_read(head, places[n : n + BATCH], rng))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
            if step % SAY_STEPS == 0:
                say(f"step {step} of about {steps}, loss {np.mean(losses[-SAY_STEPS:]):.3f}")
    return head.eval()


def _rate(step: int, steps: int) -> float:
    """The learning rate: it rises in a line and falls along a cosine (Loshchilov and Hutter 2017)."""
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, (step - 1) / steps)))
    return min(1.0, step / WARM_STEPS) * max(LEAST_RATE, RATE * fall)


def _read(head: Head, batch: Sequence[Place], rng: np.random.Generator) -> tuple[Tensor, ...]:
    """The network's logits of a batch of crops, and their targets."""
    states, real = stack([np.asarray(example.states[first:last], np.float32) for example, first, last in batch])
    side, _ = stack([_side(*place, rng) for place in batch])
    logits = head(states, side, real)
    return (logits, *_targets(batch, logits.shape[1]))


def loss_of(logits: Tensor, classes: Tensor, starts: Tensor, ends: Tensor, weight: Tensor) -> Tensor:
    """Paid or not, which kind, and where ads start and end, as the mean over the weight of the words."""
    kinds = functional.log_softmax(logits[..., :KINDS], -1)
    paid = torch.logsumexp(kinds[..., 1:4], -1)
    any_kind = -torch.maximum(paid, torch.logsumexp(kinds[..., 1:5], -1) - OWN_ODDS)
    unnamed = classes == KINDS
    kind = -kinds.gather(-1, classes.clamp(max=KINDS - 1)[..., None])[..., 0]
    inside = torch.where((classes >= 1) & (classes <= 3), -paid, -torch.log1p(-paid.exp().clamp(max=1 - 1e-6)))
    kind, inside = torch.where(unnamed, any_kind, kind), torch.where(unnamed, any_kind, inside)
    edges = sum(
        functional.binary_cross_entropy_with_logits(logits[..., KINDS + n], truth, reduction="none")
        for n, truth in enumerate((starts, ends))
    )
    return ((kind + inside + EDGE_WEIGHT * edges) * weight).sum() / weight.sum().clamp(min=1)


def _places(examples: Sequence[Example], rng: np.random.Generator) -> list[Place]:
    """The crops of one pass, in random order: all with labels, a share of the others, at other places each time."""
    places: list[Place] = []
    for example in examples:
        count = len(example.features)
        if example.document.source == "captions":
            if rng.random() < CAPTION_SHARE:
                places.append((example, 0, count))
            continue
        for at in range(int(rng.integers(1, CROP_WORDS)) - CROP_WORDS, count, CROP_WORDS):
            first, last = max(0, at), min(count, at + CROP_WORDS)
            marked = any(mark.first < last and mark.last > first for mark in example.document.marks)
            if last - first >= LEAST_WORDS and (marked or rng.random() < SHOW_SHARE):
                places.append((example, first, last))
    return [places[n] for n in rng.permutation(len(places))]


def _side(example: Example, first: int, last: int, rng: np.random.Generator) -> np.ndarray:
    """The side features of a crop, with groups of them hidden at random."""
    side = example.features.side[first:last].copy()
    known = example.document.source in ("read", "bench")
    place, stops = CONTENT + PLACE, CONTENT + PLACE + STOPS
    if rng.random() < PLACE_HIDDEN or example.document.source == "captions":
        side[:, CONTENT:place] = 0.0
    if rng.random() < STOPS_HIDDEN:
        side[:, place:stops] = 0.0
    if rng.random() < PAUSES_HIDDEN or not known:
        side[:, SIDE - PAUSES :] = 0.0
    return side


def _targets(batch: Sequence[Place], words: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    classes = np.zeros((len(batch), words), np.int64)
    starts, ends, weight = (np.zeros((len(batch), words), np.float32) for _ in range(3))
    for n, (example, first, last) in enumerate(batch):
        labels, count = example.labels, last - first
        classes[n, :count] = labels.classes[first:last]
        starts[n, :count], ends[n, :count] = labels.starts[first:last], labels.ends[first:last]
        weight[n, :count] = labels.weight[first:last]
    return tuple(torch.from_numpy(array) for array in (classes, starts, ends, weight))  # type: ignore[return-value]
