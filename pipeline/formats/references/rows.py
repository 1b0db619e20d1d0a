"""The lines of a transcript without the clocks that programs write before, behind and into them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

CLOCK = r"\d{1,3}(?::\d{1,2}){1,2}(?:[.,]\d{1,3})?"
SECONDS = r"\d{1,6}(?:\.\d{1,3})?\s?s?"
_TO = r"\s*(?:-{1,2}>|[\u2010-\u2015]>?|-|\u2192|to|,)\s*"
_TIME = rf"(?:{CLOCK}|{SECONDS})"
BRACKETED = (
    rf"(?:\[\s*(?:{CLOCK}|{_TIME}{_TO}{_TIME})(?:{_TO}{_TIME})?\s*\]|"
    rf"\(\s*{CLOCK}(?:{_TO}{CLOCK})?\s*\)|<\s*{CLOCK}\s*>|\{{\s*{CLOCK}\s*\}})"
)
RANGE = rf"{CLOCK}\s*(?:-{{1,2}}>|[\u2010-\u2015]>?|-|\u2192|to)\s*{CLOCK}"
BARE = rf"{CLOCK}(?![\w:%])"

_FRONT = re.compile(rf"\s*(?:{BRACKETED}|{RANGE})\s*(?:[|\u2013\u2014-]\s)?\s*")
_FRONT_BARE = re.compile(rf"\s*({BARE})\s*(?:[|\u2013\u2014-]\s)?\s*")
_INSIDE = re.compile(rf"\s*(?:{BRACKETED})\s*")
_TABBED = re.compile(r"\s*\d{1,9}(?:\.\d{1,9})?\t\s*\d{1,9}(?:\.\d{1,9})?\t\s*")
_BARE_SHARE = 0.5
"""Share of passages that begin with a clock where clocks stand on all of them; "10:30 is late" is said once."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of what was said; ``opens``: nothing, an empty line or a clock stands above it.

    ``clocked``: a clock stood at its head.
    """

    text: str
    opens: bool
    clocked: bool = False


def read_rows(lines: Sequence[str]) -> list[Row]:
    """The lines that say something, without the clocks at their head, and without the numbers of captions.

    >>> [row.text for row in read_rows(["1", "0:0:0.0 --> 0:0:7.0", "Ada Park", "Hello you", "", "[0:09] Bye"])]
    ['Ada Park', 'Hello you', 'Bye']
    """
    bare = _has_bare_clocks(lines)
    rows: list[Row] = []
    opens = True
    for index, line in enumerate(lines):
        if line.strip().isdigit() and index + 1 < len(lines) and _FRONT.match(lines[index + 1]):
            opens = True
            continue
        text, clocked = _without_front(line, bare=bare)
        text = " ".join(text.split(" ")).strip()
        if text:
            rows.append(Row(text, opens or clocked, clocked))
        opens = not text
    return rows


def without_clocks(text: str) -> str:
    """What is said, without the clocks in brackets that stand in it.

    >>> without_clocks("Hello [00:03] you (1:02:03)")
    'Hello you'
    """
    return _INSIDE.sub(" ", text).strip() if any(sign in text for sign in "[(<{") else text


def _without_front(line: str, *, bare: bool) -> tuple[str, bool]:
    """A line without the clocks at its head, and whether there were any."""
    text, clocked = line, False
    if found := _TABBED.match(text):
        text, clocked = text[found.end() :], True
    while found := _FRONT.match(text):
        text, clocked = text[found.end() :], True
    found = _FRONT_BARE.match(text)
    if found and (bare or found.end() == len(text)):
        text, clocked = text[found.end() :], True
    return text, clocked


def _has_bare_clocks(lines: Sequence[str]) -> bool:
    """Whether clocks without brackets stand at the head of passages: on most of them, and rising."""
    opening = [line for above, line in zip(["", *lines], lines, strict=False) if line.strip() and not above.strip()]
    found = [match for line in lines if (match := _FRONT_BARE.match(line)) and match.end() < len(line)]
    times = [_seconds(match[1]) for match in found]
    return len(times) > 1 and times == sorted(times) and len(times) >= _BARE_SHARE * len(opening)


def _seconds(clock: str) -> float:
    parts = [float(part) for part in clock.replace(",", ".").split(":")]
    return sum(part * 60**place for place, part in enumerate(reversed(parts)))
