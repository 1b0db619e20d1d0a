"""``WORDS.json``: words with times, and what is known of the episode; the input of ``cleancast ads``.

    {"words": [[start, end, "text"], ...], "title": "...", "show": "...", "description": "..."}

Only "words" is required. The JSON of other tools is read too (see json_shapes.py), because those are the files people
have: words as they are timed, sentences shared out over their words as captions are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Caption, Cue, Piece, cues_of, words_of_cues
from pipeline.formats.captions.json_shapes import FEWEST_JUDGED, Entry, read_entries
from pipeline.formats.captions.timing import CHARS_S, Warn, ignore
from pipeline.formats.records.result_json import load_json
from pipeline.timeline import Seconds, Word

DIGITS = 3


@dataclass(frozen=True, slots=True)
class WordList:
    """Words with times and, where known, what the episode says of itself."""

    words: tuple[Word, ...]
    title: str = ""
    show: str = ""
    description: str = ""
    duration: Seconds = 0.0


def parse_words(text: str, *, path: str = "words.json", warn: Warn = ignore) -> WordList:
    """The words of a JSON transcript, in order of time; those without times lie between their neighbours.

    ``warn`` is told what was mended or left out. Raises FormatError for a document that is no transcript with times.
    """
    document = load_json(text, path=path)
    found, single = read_entries(document, path=path, warn=warn)
    entries = timed(found, path=path, warn=warn)
    about: dict[str, Any] = document if isinstance(document, dict) else {}
    for key in ("title", "show", "description"):
        if not isinstance(about.get(key) or "", str):
            raise FormatError(path, f'"{key}" should be a string')
    duration = about.get("duration")
    return WordList(
        words_of_entries(entries) if single or _has_words(entries) else words_of_cues(cues_of_entries(entries)),
        title=about.get("title") or "",
        show=about.get("show") or "",
        description=about.get("description") or "",
        duration=float(duration) if isinstance(duration, int | float) and not isinstance(duration, bool) else 0.0,
    )


def parse_sentences(text: str, *, path: str = "transcript.json", warn: Warn = ignore) -> tuple[Cue, ...]:
    """The sentences of a JSON transcript as cues; words that stand alone are put together until one ends them.

    Raises FormatError as ``parse_words`` does.
    """
    from pipeline.words.sentences import group_segments

    found, single = read_entries(load_json(text, path=path), path=path, warn=warn)
    entries = timed(found, path=path, warn=warn)
    if (single and len(entries) >= FEWEST_JUDGED) or _has_words(entries):
        segments = group_segments(words_of_entries(entries))
        return tuple(Cue(s.start, s.end, s.text, s.speaker or "") for s in segments)
    return cues_of_entries(entries)


def timed(entries: Sequence[Entry], *, path: str, warn: Warn) -> list[Entry]:
    """Entries that all have a start and an end, in the order of the document."""
    if entries and all(time is None for entry in entries for time in (entry.start, *entry.within)):
        raise FormatError(path, f"word 1 ({entries[0].text[:40]!r}) has no start or end time, nor has any other")
    turned = [entry for entry in entries if _is_turned(entry)]
    if turned:
        warn(f"{len(turned)} entries end before they start ({turned[0].text[:40]!r}); the two times are exchanged")
    lost = [e for e in entries if e.start is None and e.within == (None, None)]
    if lost:
        warn(f"{len(lost)} entries have no times ({lost[0].text[:40]!r}) and are placed between their neighbours")
    whole = [replace(entry, start=entry.end, end=entry.start) if _is_turned(entry) else entry for entry in entries]
    placed: list[Entry] = []
    index = 0
    while index < len(whole):
        stop = index
        while stop < len(whole) and whole[stop].start is None:
            stop += 1
        before = placed[-1].end if placed else None
        if stop > index:
            placed += _between(whole[index:stop], before, whole[stop].start if stop < len(whole) else None)
        if stop < len(whole):
            placed.append(_ended(whole[stop], whole[stop + 1].start if stop + 1 < len(whole) else None))
        index = stop + 1
    return placed


def _is_turned(entry: Entry) -> bool:
    return entry.start is not None and entry.end is not None and entry.end < entry.start


def _between(lost: Sequence[Entry], before: Seconds | None, after: Seconds | None) -> list[Entry]:
    """Entries without a start, shared out by their length over the gap they lie in."""
    letters = sum(len(entry.text) for entry in lost)
    first, last = lost[0].within[0], lost[-1].within[1]
    start = max(time for time in (before, first, 0.0) if time is not None)
    limits = [time for time in (after, last) if time is not None]
    end = max(start, min(limits) if limits else start + letters / CHARS_S)
    placed, done = [], 0
    for entry in lost:
        edges = [start + (end - start) * chars / letters for chars in (done, done + len(entry.text))]
        placed.append(replace(entry, start=edges[0], end=edges[1]))
        done += len(entry.text)
    return placed


def _ended(entry: Entry, after: Seconds | None) -> Entry:
    if entry.end is not None or entry.start is None:
        return entry
    lasts = len(entry.text) / CHARS_S
    end = entry.start + lasts if after is None or after < entry.start else min(after, entry.start + 2 * max(lasts, 0.5))
    return replace(entry, end=end)


def words_of_entries(entries: Sequence[Entry]) -> tuple[Word, ...]:
    """Words by their own times; an entry of several words shares its time over them."""
    words: list[Word] = []
    for entry in entries:
        start, end, letters = entry.start or 0.0, entry.end or 0.0, len(entry.text)
        at = 0
        for text in entry.text.split():
            first, last = (start + (end - start) * chars / letters for chars in (at, at + len(text)))
            first, last = (start, end) if len(text) == letters else (first, last)
            words.append(Word(first, last, text, entry.probability, entry.speaker or None))
            at += len(text) + 1
    return tuple(sorted(words, key=lambda word: word.start))


def cues_of_entries(entries: Sequence[Entry]) -> tuple[Cue, ...]:
    """Sentences as cues, one for each voice in them."""
    return cues_of([Caption(e.start or 0.0, e.end or 0.0, (Piece(e.text),), e.speaker) for e in entries])


def _has_words(entries: Sequence[Entry]) -> bool:
    return any(entry.within != (None, None) for entry in entries)
