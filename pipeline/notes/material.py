"""An episode as the notes see it: its sentences with their grammar and their vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.language import AnalysedText
from pipeline.ports import LanguageAnalysis, SentenceEncoder
from pipeline.timeline import Segment


@dataclass(frozen=True)
class Material:
    """The sentences of an episode without its ads, in order.

    ``texts``: their analyses, one a segment; ``vectors``: their embeddings, shape (n, width), unit length; ``title``:
    the vector of the episode's title, None where there is none.
    """

    segments: tuple[Segment, ...]
    texts: tuple[AnalysedText, ...]
    vectors: np.ndarray
    title: np.ndarray | None = None

    @property
    def parsed(self) -> bool:
        """Whether there is a grammar for the episode's language."""
        return any(text.parsed for text in self.texts)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Words of each sentence, shape (n,)."""
        return np.array([len(segment.words) for segment in self.segments], float)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each sentence starts, in seconds, shape (n,)."""
        return np.array([segment.start for segment in self.segments], float)

    @cached_property
    def weights(self) -> np.ndarray:
        """What each sentence counts in a mean: its words, at most LONGEST_COUNTED, shape (n,)."""
        return np.minimum(self.lengths, LONGEST_COUNTED)

    @cached_property
    def misheard(self) -> frozenset[str]:
        """The words, in lower case, that the recogniser was never sure of: likely other words that sound like them."""
        surest: dict[str, float] = {}
        for segment in self.segments:
            for word in segment.words:
                bare = bare_word(word.text)
                surest[bare] = max(word.probability, surest.get(bare, 0.0))
        return frozenset(word for word, most in surest.items() if most < SURE_ONCE and len(word) >= SHORTEST_MISHEARD)

    @cached_property
    def centre(self) -> np.ndarray:
        """The weighted mean of the vectors, shape (width,), not of unit length."""
        mean: np.ndarray = (self.vectors * self.weights[:, None]).sum(0) / max(1.0, float(self.weights.sum()))
        return mean


SURE_ONCE, SHORTEST_MISHEARD = 0.6, 4
"""The least probability that a word of so many letters has to have once in an episode. In seven episodes by synthetic
voices a quarter of the 218 words that stay below were said, of those from 0.6 to 0.8 two thirds, from 0.9 98 %
(``python -m tests.bench.misheard``)."""
LONGEST_COUNTED = 40.0
"""Words beyond which a sentence counts no more: a longer one is no better a hint at the subject."""


def read_material(
    segments: Sequence[Segment],
    *,
    encoder: SentenceEncoder,
    analysis: LanguageAnalysis,
    language: str = "en",
    title: str = "",
) -> Material:
    """The sentences analysed and embedded, each once; ``title`` is the episode's."""
    texts = [segment.text for segment in segments]
    vectors = encoder.encode([*texts, title] if title else texts).astype(float)
    return Material(
        segments=tuple(segments),
        texts=analysis.analyse(texts, language=language),
        vectors=vectors[: len(texts)],
        title=vectors[-1] if title else None,
    )


def bare_word(text: str) -> str:
    """A word as it is compared: in lower case, without marks and possessive."""
    return re.sub(r"\W", "", re.sub(r"['’]s$", "", text.lower().strip(".,;:!?\"”)")))


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors (last axis) at length one; zeros stay zeros."""
    result: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return result
