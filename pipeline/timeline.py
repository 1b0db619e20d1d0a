"""The words everything speaks: spans of time, and what was said, by whom, and what was cut.

Times are seconds (float) from the start of the *source* recording unless a name says ``clean`` (ads cut out).
Spans are half-open, ``[start, end)``. Every type is frozen; sequences are tuples.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np

Seconds = float


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time.

    >>> Span(1.0, 3.0).overlap(Span(2.0, 5.0))
    1.0
    """

    start: Seconds
    end: Seconds

    def __post_init__(self) -> None:
        if not self.start <= self.end:  # also refuses NaN
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def duration(self) -> Seconds:
        return self.end - self.start

    @property
    def middle(self) -> Seconds:
        return (self.start + self.end) / 2

    def overlap(self, other: Span) -> Seconds:
        """Seconds that both spans share; 0.0 when they are apart."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))

    def contains(self, time: Seconds) -> bool:
        return self.start <= time < self.end

    def shifted(self, by_s: Seconds) -> Self:
        return replace(self, start=self.start + by_s, end=self.end + by_s)


@dataclass(frozen=True, slots=True)
class Word(Span):
    """One spoken word with its punctuation and no surrounding space; ``probability`` is the recogniser's, 0..1."""

    text: str
    probability: float = 1.0
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Turn(Span):
    """One speaker holding the floor; turns of different speakers may overlap."""

    speaker: str


@dataclass(frozen=True, slots=True)
class Segment(Span):
    """A sentence-sized run of words of one speaker."""

    words: tuple[Word, ...]
    speaker: str | None = None

    @property
    def text(self) -> str:
        return join_words(self.words)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said, in order of time."""

    words: tuple[Word, ...]
    language: str
    model: str

    @property
    def text(self) -> str:
        return join_words(self.words)


@dataclass(frozen=True, slots=True)
class Waveform:
    """Sound in memory: ``samples`` float32, shape (n,), mono, -1..1."""

    samples: np.ndarray
    sample_rate: int

    @property
    def duration(self) -> Seconds:
        return len(self.samples) / self.sample_rate

    def slice(self, span: Span) -> Waveform:
        first, last = round(span.start * self.sample_rate), round(span.end * self.sample_rate)
        return Waveform(self.samples[max(0, first) : max(0, last)], self.sample_rate)


@dataclass(frozen=True, slots=True)
class Diarization:
    """Who spoke when.

    ``turns`` may overlap; ``exclusive`` gives each moment to at most one speaker (for words);
    ``speech`` is where anybody speaks, sorted and disjoint; ``voices`` maps speaker to its embedding.
    """

    turns: tuple[Turn, ...]
    exclusive: tuple[Turn, ...]
    speech: tuple[Span, ...]
    voices: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CutList:
    """What is cut out of the source: the one place where the two clocks meet.

    ``removed`` is sorted, disjoint and inside ``[0, duration]`` (see ``CutList.of``).

    >>> cuts = CutList.of([Span(10.0, 20.0)], duration=60.0)
    >>> cuts.to_clean(25.0), cuts.to_source(15.0), cuts.to_clean(12.0)
    (15.0, 25.0, 10.0)
    """

    removed: tuple[Span, ...]
    duration: Seconds

    @classmethod
    def of(cls, spans: Iterable[Span], *, duration: Seconds) -> CutList:
        """The cut list of any spans: sorted, clipped to the recording, overlapping ones joined."""
        clipped = (Span(max(0.0, s.start), min(duration, s.end)) for s in spans if s.start < duration and s.end > 0)
        return cls(merge_spans(s for s in clipped if s.duration > 0), duration)

    @property
    def kept(self) -> tuple[Span, ...]:
        edges = [0.0, *(t for span in self.removed for t in (span.start, span.end)), self.duration]
        return tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a)

    @property
    def clean_duration(self) -> Seconds:
        return self.duration - sum(span.duration for span in self.removed)

    def removes(self, time: Seconds) -> bool:
        return any(span.contains(time) for span in self.removed)

    def to_clean(self, time: Seconds) -> Seconds:
        """Where a source time plays in the clean audio; a removed time maps to its seam."""
        return time - sum(min(time, s.end) - s.start for s in self.removed if s.start < time)

    def to_source(self, clean_time: Seconds) -> Seconds:
        """The source time heard at a clean time; at a seam, the first moment after the cut."""
        kept = self.kept
        if not kept:
            return clean_time
        starts = [self.to_clean(span.start) for span in kept]
        index = max(0, bisect_right(starts, clean_time) - 1)
        return kept[index].start + (clean_time - starts[index])


def join_words(words: Iterable[Word]) -> str:
    """The text of words, one space between them.

    >>> join_words([Word(0.0, 0.5, "Hello,"), Word(0.5, 1.0, "world.")])
    'Hello, world.'
    """
    return " ".join(word.text for word in words if word.text)


def merge_spans(spans: Iterable[Span], *, gap_s: Seconds = 0.0) -> tuple[Span, ...]:
    """Plain spans, sorted and disjoint, joined where they overlap or lie at most ``gap_s`` apart."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if merged and span.start <= merged[-1].end + gap_s:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(Span(span.start, span.end))
    return tuple(merged)
