"""Fit the network to crops with ads and some without; wordpieces, brands and side features are hidden at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.ads.features import CONTENT, PAUSES, PLACE, SIDE, STOPS, Features
from models.ads.network import KINDS, AdNetwork
from models.ads.training.corpus import Document, Mark
from models.ads.training.crops import Crop, stack
from models.ads.training.labels import Labels, labels_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CROP_WORDS, LEAST_WORDS = 896, 60
BATCH, EPOCHS = 4, 2
SHOW_SHARE = 0.12  # of the crops without any label, in each pass
CAPTION_SHARE, CAPTION_WORDS, CAPTION_REACH = 0.5, 1200, 500
TUNED_RATE, HEAD_RATE = 1e-4, 1.5e-3
TUNED_DECAY, HEAD_DECAY = 0.01, 0.02
WARM_STEPS, FALL, LEAST_RATE = 80, 1.15, 0.02  # the rate rises, stays for an eighth of the steps, and falls in a line
MASK, MASKED_SHARE = 103, 0.08  # MiniLM's own mask, for so many wordpieces
BRAND_SHARE = 0.4  # of ads whose sponsor is written down: its pieces become others, as a recogniser mishears a brand
OTHER_PIECES = (2000, 29000)  # ordinary wordpieces
PLACE_HIDDEN, STOPS_HIDDEN, PAUSES_HIDDEN = 0.3, 0.4, 0.5
EDGE_WEIGHT, KIND_WEIGHT = 3.0, 0.5
OWN_ODDS = 0.7  # nats by which "paid" is preferred to "the show's own" where nobody said which

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Example:
    """A document as the network reads it; ``brands``: for each mark the wordpieces of its sponsor."""

    document: Document
    features: Features
    labels: Labels
    brands: tuple[frozenset[int], ...]


def make_example(document: Document, features: Features, tokenizer: Tokenizer, hidden: Sequence[Mark] = ()) -> Example:
    """The document with its labels; features are made once and shared between folds."""
    common = set(tokenizer.encode("the and of a s you to for in com", add_special_tokens=False).ids)
    brands = tuple(
        frozenset(tokenizer.encode(mark.sponsor, add_special_tokens=False).ids) - common for mark in document.marks
    )
    return Example(document, features, labels_of(document, hidden), brands)


def fit_network(
    examples: Sequence[Example], weights: Mapping[str, Tensor], *, seed: int = 0, say: Say = lambda _line: None
) -> AdNetwork:
    """The network fitted to the examples, the same numbers each time on the same kind of processor."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = AdNetwork(weights).train()
    tuned = list(network.tuned_parameters())
    head = list(network.head.parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": tuned, "lr": TUNED_RATE, "weight_decay": TUNED_DECAY, "top": TUNED_RATE},
            {"params": head, "lr": HEAD_RATE, "weight_decay": HEAD_DECAY, "top": HEAD_RATE},
        ]
    )
    steps = step = 0
    for epoch in range(EPOCHS):
        places = _places(examples, rng)
        steps = steps or len(places) // BATCH * EPOCHS
        for n in range(0, len(places) - BATCH + 1, BATCH):
            step += 1
            share = min(1.0, step / WARM_STEPS) * max(LEAST_RATE, min(1.0, FALL * (1 - (step - 1) / steps)))
            for group in optimizer.param_groups:
                group["lr"] = group["top"] * share
            batch = places[n : n + BATCH]
            crops = [_crop(example, first, last, rng) for example, first, last in batch]
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(*stack(crops))
            loss = loss_of(logits.float(), *_targets(batch, logits.shape[1]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*tuned, *head], 1.0)
            optimizer.step()
        say(f"pass {epoch + 1}: step {step} of about {steps}, loss of the last batch {loss.item():.3f}")
    return network.eval()


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
    return ((KIND_WEIGHT * kind + inside + EDGE_WEIGHT * edges) * weight).sum() / weight.sum().clamp(min=1)


def _places(examples: Sequence[Example], rng: np.random.Generator) -> list[tuple[Example, int, int]]:
    """The crops of one pass, in random order: all with labels, a share of the others, at other places each time."""
    places: list[tuple[Example, int, int]] = []
    for example in examples:
        count = len(example.features)
        if example.document.source == "captions":
            if rng.random() < CAPTION_SHARE:
                first = max(0, example.document.marks[0].first - CAPTION_REACH)
                places.append((example, first, min(count, first + CAPTION_WORDS)))
            continue
        for at in range(int(rng.integers(1, CROP_WORDS)) - CROP_WORDS, count, CROP_WORDS):
            first, last = max(0, at), min(count, at + CROP_WORDS)
            marked = any(mark.first < last and mark.last > first for mark in example.document.marks)
            if last - first >= LEAST_WORDS and (marked or rng.random() < SHOW_SHARE):
                places.append((example, first, last))
    return [places[n] for n in rng.permutation(len(places))]


def _crop(example: Example, first: int, last: int, rng: np.random.Generator) -> Crop:
    """A crop with wordpieces, brands and groups of side features hidden at random."""
    plain = Crop.of(example.features, first, last)
    pieces, side = plain.pieces.copy(), plain.side.copy()
    pieces[rng.random(len(pieces)) < MASKED_SHARE] = MASK
    offset = example.features.first[first]
    for mark, brand in zip(example.document.marks, example.brands, strict=True):
        if brand and mark.last > first and mark.first < last and rng.random() < BRAND_SHARE:
            low, high = example.features.first[[max(first, mark.first), min(last, mark.last)]] - offset
            inside = pieces[low:high]
            for piece in sorted(brand):
                inside[inside == piece] = rng.integers(*OTHER_PIECES)
    known = example.document.source in ("read", "bench")
    place, stops = CONTENT + PLACE, CONTENT + PLACE + STOPS
    if rng.random() < PLACE_HIDDEN or example.document.source == "captions":
        side[:, CONTENT:place] = 0.0
    if rng.random() < STOPS_HIDDEN:
        side[:, place:stops] = 0.0
    if rng.random() < PAUSES_HIDDEN or not known:
        side[:, SIDE - PAUSES :] = 0.0
    return Crop(plain.features, first, last, pieces, side)


def _targets(batch: Sequence[tuple[Example, int, int]], words: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    classes = np.zeros((len(batch), words), np.int64)
    starts, ends, weight = (np.zeros((len(batch), words), np.float32) for _ in range(3))
    for n, (example, first, last) in enumerate(batch):
        labels, count = example.labels, last - first
        classes[n, :count] = labels.classes[first:last]
        starts[n, :count], ends[n, :count] = labels.starts[first:last], labels.ends[first:last]
        weight[n, :count] = labels.weight[first:last]
    return tuple(torch.from_numpy(array) for array in (classes, starts, ends, weight))  # type: ignore[return-value]
