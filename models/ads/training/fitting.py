"""Fit the network to crops with ads and some without; wordpieces and side features are hidden at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.ads.features import CONTENT, PAUSES, PLACE, SIDE, STOPS, Features
from models.ads.mpnet import WINDOW
from models.ads.network import KINDS, STATES, AdNetwork
from models.ads.training.corpus import Document
from models.ads.training.crops import Crop, pad_words, stack
from models.ads.training.labels import Labels

CROP_WORDS, LEAST_WORDS = 1024, 60
BATCH, EPOCHS = 4, 2
SHOW_SHARE = 0.15  # of the crops without any label, in each pass
CAPTION_SHARE = 0.35
CORRECTION_RATE, HEAD_RATE = 6e-4, 1.5e-3
CORRECTION_DECAY, HEAD_DECAY = 0.01, 0.02
WARM_STEPS, FALL, LEAST_RATE = 80, 1.15, 0.02  # the rate rises, stays for an eighth of the steps, and falls in a line
HIDDEN_SHARE = 0.08  # of the wordpieces: their state becomes the mean of all
PLACE_HIDDEN, STOPS_HIDDEN, PAUSES_HIDDEN = 0.3, 0.4, 0.5
EDGE_WEIGHT = 3.0
OWN_ODDS = 0.7  # nats by which "paid" is preferred to "the show's own" where nobody said which
SAY_STEPS = 100

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Example:
    """A document as the network reads it.

    ``states``: of its pieces after the fixed layers, shape (windows, WINDOW, WIDTH).
    """

    document: Document
    features: Features
    labels: Labels
    states: np.ndarray


def fit_network(
    examples: Sequence[Example], network: AdNetwork, *, seed: int = 0, say: Say = lambda _line: None
) -> AdNetwork:
    """The network, fitted to the examples; the same numbers each time on the same kind of processor."""
    rng = np.random.default_rng(seed)
    network.train()
    middle = torch.from_numpy(np.mean([np.asarray(e.states[:1], np.float32).mean((0, 1)) for e in examples], axis=0))
    corrections, head = list(network.corrected.parameters()), list(network.head.parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": corrections, "lr": 0.0, "weight_decay": CORRECTION_DECAY, "top": CORRECTION_RATE},
            {"params": head, "lr": 0.0, "weight_decay": HEAD_DECAY, "top": HEAD_RATE},
        ]
    )
    steps = step = 0
    losses: list[float] = []
    for _ in range(EPOCHS):
        places = _places(examples, rng)
        steps = steps or len(places) // BATCH * EPOCHS
        for n in range(0, len(places) - BATCH + 1, BATCH):
            step += 1
            share = min(1.0, step / WARM_STEPS) * max(LEAST_RATE, min(1.0, FALL * (1 - (step - 1) / steps)))
            for group in optimizer.param_groups:
                group["lr"] = group["top"] * share
            batch = places[n : n + BATCH]
            loss = loss_of(*_read(network, batch, middle.to(network.dtype), rng))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*corrections, *head], 1.0)
            optimizer.step()
            losses.append(loss.item())
            if step % SAY_STEPS == 0:
                say(f"step {step} of about {steps}, loss {np.mean(losses[-SAY_STEPS:]):.3f}")
    return network.eval()


Place = tuple[Example, int, int]


def _read(network: AdNetwork, batch: Sequence[Place], middle: Tensor, rng: np.random.Generator) -> tuple[Tensor, ...]:
    """The network's logits of a batch of crops, and their targets."""
    crops = [_crop(example, first, last, rng) for example, first, last in batch]
    bounds = [crop.windows for crop in crops]
    states = torch.cat(
        [
            torch.from_numpy(np.array(example.states[low:high])).to(network.dtype)
            for (example, *_), (low, high) in zip(batch, bounds, strict=True)
        ]
    )
    hidden = torch.from_numpy(rng.random((len(states), WINDOW)) < HIDDEN_SHARE)
    read = network.correct(torch.where(hidden[..., None], middle, states))
    rows, at = [], 0
    for crop, (low, high) in zip(crops, bounds, strict=True):
        pieces = read[at : at + high - low].reshape(-1, STATES)
        rows.append(pieces[torch.from_numpy(crop.places - low * WINDOW)].float())
        at += high - low
    side, real = stack(crops)
    logits = network.head(pad_words(rows, real.shape[1]), side, real)
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


def _crop(example: Example, first: int, last: int, rng: np.random.Generator) -> Crop:
    """A crop with groups of side features hidden at random."""
    plain = Crop.of(example.features, first, last)
    side = plain.side.copy()
    known = example.document.source in ("read", "bench")
    place, stops = CONTENT + PLACE, CONTENT + PLACE + STOPS
    if rng.random() < PLACE_HIDDEN or example.document.source == "captions":
        side[:, CONTENT:place] = 0.0
    if rng.random() < STOPS_HIDDEN:
        side[:, place:stops] = 0.0
    if rng.random() < PAUSES_HIDDEN or not known:
        side[:, SIDE - PAUSES :] = 0.0
    return Crop(plain.features, first, last, side)


def _targets(batch: Sequence[Place], words: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    classes = np.zeros((len(batch), words), np.int64)
    starts, ends, weight = (np.zeros((len(batch), words), np.float32) for _ in range(3))
    for n, (example, first, last) in enumerate(batch):
        labels, count = example.labels, last - first
        classes[n, :count] = labels.classes[first:last]
        starts[n, :count], ends[n, :count] = labels.starts[first:last], labels.ends[first:last]
        weight[n, :count] = labels.weight[first:last]
    return tuple(torch.from_numpy(array) for array in (classes, starts, ends, weight))  # type: ignore[return-value]
