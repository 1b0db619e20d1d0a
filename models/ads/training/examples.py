"""Documents as the network learns from them, and which of them it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.ads.features import Features, read_features
from models.ads.model import WEIGHTS
from models.ads.training.corpus import Document
from models.ads.training.labels import Labels, labels_of
from models.ads.training.validation import shared_marks
from models.encoder import read_tokenizer
from models.weights.installed import locate


@dataclass(frozen=True, slots=True)
class Example:
    """A document as the network reads it, and what it is to say."""

    document: Document
    features: Features
    labels: Labels


def read_examples(documents: Sequence[Document]) -> list[Example]:
    """The documents with their features and labels. WeightsError: MPNet's tokenizer is not here."""
    tokenizer = read_tokenizer(locate(WEIGHTS))
    return [
        Example(d, read_features(d.words, tokenizer, timed=d.timed and d.source in ("read", "bench")), labels_of(d))
        for d in documents
    ]


def shown_examples(
    examples: Sequence[Example], folds: Mapping[str, int], fold: int, share: float = 1.0
) -> list[Example]:
    """What a network learns from that is judged on the shows of ``fold``: the others, or a share of them.

    The words of ads that the fold's shows have too do not count; the texts and captions are always shown.
    """
    held = [e.document for e in examples if folds.get(e.document.show) == fold]
    kept = [e for e in examples if folds.get(e.document.show) != fold and e.document.source != "bench"]
    hidden = shared_marks([e.document for e in kept], held)
    kept = [
        replace(e, labels=labels_of(e.document, hidden[e.document.id])) if e.document.id in hidden else e for e in kept
    ]
    shows = sorted({e.document.show for e in kept if e.document.source == "read"})
    chosen = set(np.random.default_rng(7).permutation(shows)[: round(len(shows) * share)].tolist())
    return [e for e in kept if e.document.source != "read" or e.document.show in chosen]
