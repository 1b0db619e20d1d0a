"""What the middle asks of the edges: one method each, our own types on both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from pipeline.language import AnalysedText
from pipeline.timeline import Diarization, Span, Transcript, Waveform

if TYPE_CHECKING:
    import numpy as np

Progress = Callable[[float], None]
"""Called with the finished share of a stage, 0..1, never falling."""


def silent(_share: float) -> None:
    """A progress that shows nothing."""


class Transcriber(Protocol):
    """Speech to words. ``speech``: where anybody speaks, sorted and disjoint; nothing outside it is decoded."""

    def transcribe(
        self, wave: Waveform, speech: Sequence[Span], *, language: str | None = None, progress: Progress = silent
    ) -> Transcript: ...


class Diarizer(Protocol):
    """Sound to who spoke when; ``speakers`` bounds the number of voices (least, most), None leaves it open."""

    def diarize(
        self,
        wave: Waveform,
        *,
        speakers: tuple[int | None, int | None] = (None, None),
        progress: Progress = silent,
    ) -> Diarization: ...


class LanguageModel(Protocol):
    """Instructions and material to an answer; raises EndpointError when there is none. ``name`` is for people."""

    @property
    def name(self) -> str: ...

    def ask(self, instructions: str, material: str) -> str: ...


class SentenceEncoder(Protocol):
    """Sentences to vectors of unit length: float32, shape (n, width)."""

    def encode(self, sentences: Sequence[str]) -> np.ndarray: ...


class LanguageAnalysis(Protocol):
    """Texts to their tokens, sentences and, where ``language`` (an ISO 639-1 code) has a grammar, the rest.

    Texts of other languages come back with tokens and sentences only (``parsed`` is False), so that no rule for
    English is ever asked about them.
    """

    def analyse(self, texts: Sequence[str], *, language: str = "en") -> tuple[AnalysedText, ...]: ...
