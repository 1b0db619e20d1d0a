"""Podcasting 2.0's JSON chapters, version 1.2.0 (``application/json+chapters``), on the clean clock.

An ad that stayed in the recording becomes a silent chapter (``"toc": false``): an app can skip it, no list shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.clock import is_seconds, parse_clock
from pipeline.formats.records.result_json import load_json, print_lines
from pipeline.formats.transcripts.clean_transcript import ad_title, kept_ads
from pipeline.result import Chapter, Result
from pipeline.timeline import CutList, Seconds

VERSION = "1.2.0"
DIGITS = 3
STARTS, ENDS = ("startTime", "start", "start_time", "time"), ("endTime", "end", "end_time")
SHORTEST_S = 1.0
"""A chapter left shorter than this by a cut is gone with it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a chapter begins, as a publisher says it; ``end`` is None where that is not said."""

    start: Seconds
    title: str
    end: Seconds | None = None
    url: str = ""


def print_chapters(result: Result) -> str:
    """The chapters of the clean recording, ascending, with the episode's title and show where known."""
    entries = [_entry(chapter) for chapter in clean_chapters(result.chapters, result.cuts)]
    for ad in kept_ads(result):
        if ad.verdict == "cut":
            start, end = result.cuts.to_clean(ad.start), result.cuts.to_clean(ad.end)
            entries.append(_entry(Chapter(start, end, ad_title(ad))) | {"toc": False})
    entries.sort(key=lambda entry: (entry["startTime"], entry.get("toc", True)))
    document: dict[str, Any] = {"version": VERSION}
    if result.episode.title:
        document["title"] = result.episode.title
    if result.episode.show:
        document["podcastName"] = result.episode.show
    return print_lines({**document, "chapters": entries})


_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
"""Links that may reach outputs: a publisher's javascript: and data: would run or show what they hold."""


def parse_chapters(
    text: str, *, duration: Seconds = 0.0, path: str = "chapters.json", warn: Callable[[str], None] = lambda _text: None
) -> tuple[Chapter, ...]:
    """The chapters a table of contents shows; one without an end lasts to the next, the last to ``duration``.

    Times are numbers, texts or clocks. ``warn`` is told how many entries cannot be used. Raises FormatError for what
    is no list of chapters, or has no entry with a time.
    """
    document = load_json(text, path=path)
    raw = document.get("chapters") if isinstance(document, dict) else document
    if not isinstance(raw, list):
        raise FormatError(path, 'is not a chapters file: expected {"version": "1.2.0", "chapters": [...]}')
    items = [item for item in raw if isinstance(item, dict) and _seconds(item, STARTS) is not None]
    if raw and not items:
        raise FormatError(path, 'chapter 1 has no "startTime" in seconds, nor has any other')
    shown = [item for item in items if item.get("toc", True) not in (False, "false") and _title(item)]
    unused = len(raw) - len(items) + sum(not _title(item) and item.get("toc", True) is True for item in items)
    if unused:
        warn(f"{unused} of {len(raw)} chapters have no title or no time and are left out")
    found = [
        Mark(
            _seconds(item, STARTS) or 0.0,
            _title(item),
            _seconds(item, ENDS),
            item["url"] if isinstance(item.get("url"), str) else "",
        )
        for item in shown
    ]
    return fit_chapters(found, duration=duration, warn=warn)


def fit_chapters(
    marks: Sequence[Mark], *, duration: Seconds, warn: Callable[[str], None] = lambda _text: None
) -> tuple[Chapter, ...]:
    """Chapters in order, each with an end; those that begin past ``duration`` are left out (0: it is not known).

    An end that is missing, or before the start, is the start of the next chapter.
    """
    ordered = sorted(marks, key=lambda mark: mark.start)
    inside = [mark for mark in ordered if not duration or mark.start < duration]
    if len(inside) < len(ordered):
        warn(f"{len(ordered) - len(inside)} of {len(ordered)} chapters begin past the end and are left out")
    chapters: list[Chapter] = []
    later: Seconds | None = None
    above: Seconds | None = None
    for mark in reversed(inside):
        if above is not None and above > mark.start:
            later = above
        above = mark.start
        fallback = later if later is not None else max(duration, mark.start)
        end = fallback if mark.end is None or mark.end <= mark.start else mark.end
        url = mark.url if _WEB.match(mark.url) else ""
        chapters.append(Chapter(mark.start, min(end, duration) if duration else end, mark.title, url))
    return tuple(chapters[::-1])


def _seconds(item: Mapping[str, Any], names: Sequence[str]) -> Seconds | None:
    value = next((item[name] for name in names if item.get(name) is not None), None)
    if isinstance(value, str):
        return parse_clock(value)
    return float(value) if is_seconds(value) else None


def _title(item: Mapping[str, Any]) -> str:
    title = item.get("title", item.get("name"))
    return title.strip() if isinstance(title, str) else ""


def clean_chapters(chapters: Sequence[Chapter], cuts: CutList) -> tuple[Chapter, ...]:
    """Chapters moved onto the clean clock; what a cut swallowed is left out, and none begins inside another."""
    moved = []
    for chapter in sorted(chapters, key=lambda c: c.start):
        start, end = cuts.to_clean(chapter.start), cuts.to_clean(chapter.end)
        if end - start >= SHORTEST_S or (chapter.duration < SHORTEST_S and not cuts.removes(chapter.start)):
            moved.append(Chapter(start, max(start, end), chapter.title, chapter.url))
    return tuple(moved)


def _entry(chapter: Chapter) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "startTime": round(chapter.start, DIGITS),
        "endTime": round(chapter.end, DIGITS),
        "title": chapter.title,
    }
    return entry | ({"url": chapter.url} if chapter.url else {})
