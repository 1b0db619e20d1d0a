"""An episode as the notes see it: its sentences with their grammar and their vectors."""

from __future__ import annotations

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
    def centre(self) -> np.ndarray:
        """The weighted mean of the vectors, shape (width,), not of unit length."""
        mean: np.ndarray = (self.vectors * self.weights[:, None]).sum(0) / max(1.0, float(self.weights.sum()))
        return mean


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


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors (last axis) at length one; zeros stay zeros."""
    result: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return result
