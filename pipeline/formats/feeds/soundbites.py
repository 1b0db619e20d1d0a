"""Podcasting 2.0's soundbites: a quote with enough around it to be played by itself, 15 to 120 seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.formats.transcripts.clean_transcript import Sentence, clean_sentences
from pipeline.result import Quote, Result
from pipeline.timeline import Seconds

SHORTEST_S, LONGEST_S = 15.0, 120.0
"""The bounds of the namespace (podcastindex.org/namespace/1.0, soundbite)."""
TITLE_CHARACTERS = 120
MOST = 3


@dataclass(frozen=True, slots=True)
class Soundbite:
    """A stretch of the clean recording worth hearing alone; ``title`` is what is said in it."""

    start: Seconds
    duration: Seconds
    title: str


def find_soundbites(result: Result) -> tuple[Soundbite, ...]:
    """At most three, around the quotes, of whole sentences and without any ad; in order of time."""
    sentences = [s for s in clean_sentences(result) if s.ad is None]
    bites: list[Soundbite] = []
    for quote in result.notes.quotes:
        bite = _around(quote, sentences, result)
        if bite is not None and all(bite.start >= b.start + b.duration for b in bites):
            bites.append(bite)
    return tuple(bites[:MOST])


def _around(quote: Quote, sentences: Sequence[Sentence], result: Result) -> Soundbite | None:
    """The quote's sentence and those after it, or before it at the end, until they last long enough."""
    at = result.cuts.to_clean(quote.start)
    first = next((i for i, s in enumerate(sentences) if s.start - 0.01 <= at < max(s.end, s.start + 0.01)), None)
    if first is None:
        return None
    last = first
    while sentences[last].end - sentences[first].start < SHORTEST_S:
        if last + 1 < len(sentences):
            last += 1
        elif first > 0:
            first -= 1
        else:
            return None
    start, end = sentences[first].start, sentences[last].end
    if end - start > LONGEST_S:
        return None
    title = quote.text
    if len(title) > TITLE_CHARACTERS:
        title = title[: TITLE_CHARACTERS - 1].rsplit(" ", 1)[0] + "\u2026"
    return Soundbite(round(start, 3), round(end - start, 3), title)
