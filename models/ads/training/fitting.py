"""Fit the head and the corrections of MPNet to crops with ads and some without; side features are hidden at random."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils import deterministic

from models.ads.crops import stack
from models.ads.features import CONTENT, PAUSES, PLACE, SIDE, STOPS
from models.ads.network import KINDS
from models.ads.reader import by_word, windows_of
from models.ads.training.corrected import Learner
from models.ads.training.examples import Example
from models.fine_tuning import rate_share
from models.machine import read_machine
from models.mpnet import WIDTH, Weights, cpu_precision

CROP_WORDS, LEAST_WORDS = 1860, 60  # four windows of the network
BATCH, PASSES = 5, 4
SHOW_SHARE = 0.6  # of the crops without any label, in each pass
CAPTION_SHARE = 0.5
HEAD_RATE, CORRECTION_RATE, DECAY = 1.5e-3, 3e-4, 0.02
WARM_STEPS = 60
PLACE_HIDDEN, STOPS_HIDDEN, PAUSES_HIDDEN = 0.3, 0.4, 0.5
EDGE_WEIGHT = 3.0
OWN_ODDS = 0.7  # nats by which "paid" is preferred to "the show's own" where nobody said which
SAY_STEPS = 50

Say = Callable[[str], None]


Place = tuple[Example, int, int]


def fit_network(
    examples: Sequence[Example],
    weights: Weights,
    dtype: torch.dtype,
    *,
    seed: int = 0,
    say: Say = lambda _line: None,
) -> Learner:
    """Head and corrections fitted to the examples, where the weights are; the same numbers each time on one device."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    learner = Learner(weights, dtype)
    learner.head.train()
    optimizer = torch.optim.AdamW(
        [
            {"params": list(learner.head.parameters()), "rate": HEAD_RATE},
            {"params": list(learner.matrices.parameters()), "rate": CORRECTION_RATE},
        ],
        weight_decay=DECAY,
    )
    steps, step, began = 0, 0, time.monotonic()
    losses: list[Tensor] = []
    for _ in range(PASSES):
        places = _places(examples, rng)
        steps = steps or len(places) // BATCH * PASSES
        for n in range(0, len(places) - BATCH + 1, BATCH):
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = group["rate"] * rate_share(step, steps, WARM_STEPS)
            loss = loss_of(*_read(learner, places[n : n + BATCH], rng))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(list(learner.parameters()), 1.0)
            optimizer.step()
            losses.append(loss.detach())
            if step % SAY_STEPS == 0:
                left = (time.monotonic() - began) / step * max(0, steps - step) / 60
                loss_now = torch.stack(losses[-SAY_STEPS:]).mean()
                say(f"step {step} of about {steps}, loss {loss_now:.3f}, {left:.0f} min left")
    learner.head.eval()
    return learner


def prepare_device() -> tuple[torch.device, torch.dtype]:
    """What networks learn on, a GPU where there is one, and in which precision; a GPU sums in the same order always."""
    if read_machine().cuda:
        torch.use_deterministic_algorithms(True, warn_only=True)
        deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # mypy does not see it
        torch.set_float32_matmul_precision("high")
        return torch.device("cuda"), torch.bfloat16
    return torch.device("cpu"), cpu_precision()


def _read(learner: Learner, batch: Sequence[Place], rng: np.random.Generator) -> tuple[Tensor, ...]:
    """The network's logits of a batch of crops, and their targets."""
    side, real = stack([_side(*place, rng) for place in batch])
    states, device = _states(learner, batch, side.shape[1]), learner.device
    logits = learner.head(states, side.to(device), real.to(device))
    return (logits, *(target.to(device) for target in _targets(batch, logits.shape[1])))


def _states(learner: Learner, batch: Sequence[Place], words: int) -> Tensor:
    """What the corrected network makes of the words of crops, shape (crops, words, WIDTH); zeros behind their end."""
    rows: list[Tensor] = []
    counts = np.zeros((len(batch), words), np.int64)
    read: list[Tensor] = []
    for n, (example, first, last) in enumerate(batch):
        bounds = example.features.first[first : last + 1]
        rows.append(windows_of(example.features.pieces[bounds[0] : bounds[-1]]))
        counts[n, : last - first] = np.diff(bounds)
    states = learner.mpnet.states(torch.cat(rows).to(learner.device))
    for row, states_of_crop in zip(counts, states.split([len(row) for row in rows]), strict=True):
        read.append(states_of_crop.reshape(-1, WIDTH)[: int(row.sum())])
    return by_word(read, counts.ravel(), learner.device).view(len(batch), words, WIDTH)


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
