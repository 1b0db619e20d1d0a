"""Podcasting 2.0's JSON chapters, version 1.2.0 (``application/json+chapters``), on the clean clock.

An ad that stayed in the recording becomes a silent chapter (``"toc": false``): an app can skip it, no list shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.clock import is_seconds
from pipeline.formats.records.result_json import load_object, print_lines
from pipeline.formats.transcripts.clean_transcript import ad_title, kept_ads
from pipeline.result import Chapter, Result
from pipeline.timeline import CutList, Seconds

VERSION = "1.2.0"
DIGITS = 3
SHORTEST_S = 1.0
"""A chapter left shorter than this by a cut is gone with it."""


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


def parse_chapters(text: str, *, duration: Seconds = 0.0, path: str = "chapters.json") -> tuple[Chapter, ...]:
    """The chapters a table of contents shows; one without an end lasts to the next, the last to ``duration``."""
    document = load_object(text, path=path)
    raw = document.get("chapters")
    if not isinstance(raw, list):
        raise FormatError(path, 'is not a chapters file: expected {"version": "1.2.0", "chapters": [...]}')
    shown = []
    for index, item in enumerate(raw):
        if not isinstance(item, dict) or not is_seconds(item.get("startTime")):
            raise FormatError(path, f'chapter {index + 1} has no "startTime" in seconds')
        if item.get("toc", True) is not False and isinstance(item.get("title"), str) and item["title"].strip():
            shown.append(item)
    shown.sort(key=lambda item: item["startTime"])
    chapters = []
    for index, item in enumerate(shown):
        start = float(item["startTime"])
        fallback = shown[index + 1]["startTime"] if index + 1 < len(shown) else max(duration, start)
        end = item["endTime"] if is_seconds(item.get("endTime")) else fallback
        url = item["url"] if isinstance(item.get("url"), str) and _WEB.match(item["url"]) else ""
        chapters.append(Chapter(start, max(start, float(end)), item["title"].strip(), url))
    return tuple(chapters)


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
