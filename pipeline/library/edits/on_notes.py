"""Edits of chapters and notes: a person's list takes the place of the one that was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.library.edits.kinds import ChaptersSet, NotesSet, Part, TextEdit
from pipeline.result import Chapter, Notes, Quote, Result
from pipeline.timeline import CutList, Seconds, Span


def edit_notes(result: Result, edit: TextEdit) -> Result:
    """The result after one edit. Who says a quote is who speaks at its moment, whatever the voice is called now."""
    if isinstance(edit, ChaptersSet):
        return replace(result, chapters=_following(edit.chapters, result.cuts.duration))
    if isinstance(edit, NotesSet):
        items = tuple(replace(quote, speaker=_speaker_at(result, quote)) for quote in edit.items)
        return replace(result, notes=_with_part(result.notes, edit.part, items))
    return replace(result, notes=replace(result.notes, mentions=edit.mentions))


def map_quotes(notes: Notes, change: Callable[[Quote], Quote]) -> Notes:
    """The notes with every sentence and quote changed."""
    summary, points, quotes = (tuple(map(change, part)) for part in (notes.summary, notes.points, notes.quotes))
    return replace(notes, summary=summary, points=points, quotes=quotes)


def without_cut_quotes(notes: Notes, cuts: CutList) -> Notes:
    """The notes without what a person has cut out of the sound."""

    def heard(quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
        return tuple(quote for quote in quotes if not cuts.removes(quote.middle))

    return replace(notes, summary=heard(notes.summary), points=heard(notes.points), quotes=heard(notes.quotes))


def _with_part(notes: Notes, part: Part, items: tuple[Quote, ...]) -> Notes:
    if part == "summary":
        return replace(notes, summary=items)
    return replace(notes, points=items) if part == "points" else replace(notes, quotes=items)


def _following(chapters: Sequence[Chapter], duration: Seconds) -> tuple[Chapter, ...]:
    ordered = sorted((c for c in chapters if c.start < duration), key=lambda c: c.start)
    ends = [chapter.start for chapter in ordered[1:]] + [duration]
    return tuple(replace(chapter, end=end) for chapter, end in zip(ordered, ends, strict=False))


def _speaker_at(result: Result, span: Span) -> str:
    said: dict[str, Seconds] = {}
    for word in result.transcript.words:
        if word.speaker and word.overlap(span) > 0:
            said[word.speaker] = said.get(word.speaker, 0.0) + word.overlap(span)
    return max(sorted(said), key=lambda label: said[label], default="")
