"""Chapters that stand in a feed itself: Podlove's simple chapters, and times in the description.

https://podlove.org/simple-chapters
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from xml.etree.ElementTree import Element

from pipeline.formats.clock import parse_clock
from pipeline.formats.records.chapters_json import Mark
from pipeline.formats.untrusted_text import plain_title

PODLOVE = ("http://podlove.org/simple-chapters", "https://podlove.org/simple-chapters")
FEWEST = 3
"""Lines with a time from which a description holds chapters; one or two times are when something is broadcast."""
LONGEST_TITLE = 150  # characters; a longer line is a sentence

_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}"
_SIGN = r"[\s:|\u2010-\u2015\u2022>.)\]-]*"
_BEFORE = re.compile(
    rf"[\s\u2022*\u00b7\u2013-]*[(\[]?(?P<clock>{_CLOCK})(?:\s*[\u2013-]\s*{_CLOCK})?[)\]]?{_SIGN}(?P<title>\S.*)"
)
_BEHIND = re.compile(rf"[\s\u2022*\u00b7]*(?P<title>\S.*?)[\s:|\u2010-\u2015-]*[(\[]?(?P<clock>{_CLOCK})[)\]]?\s*")


def podlove_chapters(item: Element | None) -> tuple[Mark, ...]:
    """The simple chapters of a feed's item; one without a time or a title is no chapter."""
    if item is None:
        return ()
    nodes = [node for space in PODLOVE for node in item.iter(f"{{{space}}}chapter")]
    return tuple(
        Mark(start, title, None, node.get("href", ""))
        for node in nodes
        if (start := parse_clock(node.get("start", ""))) is not None and (title := plain_title(node.get("title", "")))
    )


def chapters_in_text(text: str) -> tuple[Mark, ...]:
    """The chapters that a description lists, a line each with its time before or behind it; none if they do not rise.

    >>> [mark.title for mark in chapters_in_text("Hello!\\n00:00 Intro\\n(1:30) Water\\n1:02:03 - Bye\\nMore")]
    ['Intro', 'Water', 'Bye']
    """
    lines = [line[: 2 * LONGEST_TITLE] for line in text.splitlines()]
    return max((_listed(lines, pattern) for pattern in (_BEFORE, _BEHIND)), key=len)


def _listed(lines: Iterable[str], pattern: re.Pattern[str]) -> tuple[Mark, ...]:
    found = [match for line in lines if (match := pattern.fullmatch(line))]
    listed = [Mark(parse_clock(match["clock"]) or 0.0, match["title"].strip()[:LONGEST_TITLE]) for match in found]
    rising = all(earlier.start < later.start for earlier, later in pairwise(listed))
    return tuple(listed) if rising and len(listed) >= FEWEST else ()
