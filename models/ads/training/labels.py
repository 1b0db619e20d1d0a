"""What the network is to say of each word of a labelled episode, and how much each answer counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.ads.training.corpus import PAID, Document, Mark

CLASSES = {"sponsor": 1, "spot": 2, "promo": 3, "self": 4, "credits": 5, "mock": 0, "ad": 6}
"""A mock ad is the show. ``ad`` (6): some kind of ad, which one nobody said."""
CAPTION_NEAR_WORDS, CAPTION_NEAR, CAPTION_FAR = 120, 0.6, 0.1
"""Video captions have one marked ad each; far from it there may be others, so what is there counts little."""


@dataclass(frozen=True, slots=True)
class Labels:
    """For each word: its class, whether a paid ad starts or ends with it, and the weight of its loss."""

    classes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    weight: np.ndarray


def labels_of(document: Document, hidden: Iterable[Mark] = ()) -> Labels:
    """The labels of a document; the words of ``hidden`` marks (ads that a held-out show has too) do not count."""
    count = len(document.words)
    classes, paid = np.zeros(count, np.int64), np.zeros(count + 2, bool)
    for mark in document.marks:
        classes[mark.first : mark.last] = CLASSES[mark.kind]
        paid[mark.first + 1 : mark.last + 1] |= mark.kind in PAID
    starts = (paid[1:-1] & ~paid[:-2]).astype(np.float32)
    ends = (paid[1:-1] & ~paid[2:]).astype(np.float32)
    weight = np.full(count, document.weight, np.float32)
    if document.source == "captions":
        (mark,) = document.marks
        places = np.arange(count)
        far = np.maximum(mark.first - places, places - mark.last + 1) > CAPTION_NEAR_WORDS
        weight *= np.where(far, CAPTION_FAR, CAPTION_NEAR).astype(np.float32)
    for mark in hidden:
        weight[mark.first : mark.last] = 0.0
    return Labels(classes, starts, ends, weight)
