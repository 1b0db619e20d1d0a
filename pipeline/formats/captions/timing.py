"""The clocks of captions, as files have them: found among the lines, read, and put right where one is odd.

A caption whose clock cannot be read, or cannot be true, keeps its words: it is placed between its neighbours, and that
is said. No clock ever becomes text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.formats.clock import parse_clock
from pipeline.timeline import Seconds

Warn = Callable[[str], None]
"""Told in a sentence what of a file was mended or left out."""


def ignore(_text: str) -> None:
    """A ``warn`` that tells nobody."""


STRAYED_S = 30.0
"""A start this far from where the captions around it stand is a slip; captions of two voices overlap by seconds."""
STRAYED_SHARE = 0.1
"""Above this share of captions out of order, the file is in another order (voice by voice), and nothing has slipped."""
CHARS_S = 15.0
"""Characters a second of English speech: how long a caption without an end is shown."""
LONGEST_CLOCKS = 120  # characters of a line in which its clocks are looked for
MOST_LISTED = 3  # lines named in a warning
READ = "with an odd clock, read as it was meant"
UNREADABLE = "with a clock that cannot be read, placed between those around"
STRAYED = "with a clock far from those around, placed between them"
BACKWARDS = "that ended before it started, placed between those around"

_ARROW = r"(?:[-\u2010-\u2015\u2212=]{1,3}\s?(?:>|\uff1e|\u203a|&gt;)|\u2192|\u27f6|\u21d2)"
_CLOCK = r"-?\d{1,4}(?::\d{1,2}){1,2}(?:[.,:]\d{1,3})?"
_EXACT = r"-?\d{1,2}(?::\d{1,2}){1,2}[.,]\d{1,3}"
_PLAIN_CLOCK = r"\d{1,3}(?::\d{1,2}){1,2}(?:[.,]\d+)?"
_PLAIN = re.compile(rf"\s*({_PLAIN_CLOCK})\s*-->\s*({_PLAIN_CLOCK})\s*")
_WITH_ARROW = re.compile(rf"(?P<start>[^<>]{{0,40}}?)\s*(?P<arrow>{_ARROW})\s*(?P<end>.*)", re.DOTALL)
_BARE = re.compile(rf"\s*(?P<start>{_EXACT})\s*(?:[,;|-]|to|\s)\s*(?P<end>{_EXACT})\s*")
_CLOCK_LIKE = re.compile(r"\s*\[?\s*[-+]?\s*(?=[^\s]*\d)[\w:.,;?#-]{3,16}(?:\s?[.,:]\s?\d+)?\s*\]?\s*")
_SETTING = re.compile(r"[A-Za-z]\w*:\S+|]")
_AROUND = re.compile(r"\s*([:.,])\s*(?=\d)")
_LOOKALIKES = str.maketrans("OoIl|SB", "0011158")
_WHOLE = re.compile(r"(?:\d{1,2}:)?\d{2}:\d{2}(?:[.,]\d{3})?")
_FRAMES = re.compile(r"(\d+:\d+:\d+):(\d{2,3})")
_FRAME_RATE = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock line of a caption: where it stands (from 1), what it says, and whether it had to be mended.

    ``text``: what is said on the same line, as on Whisper's screen.
    """

    line: int
    start: Seconds | None
    end: Seconds | None
    mended: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A caption as it stands in a file: its clock, and the lines below it."""

    timing: Timing
    lines: tuple[str, ...]

    @property
    def chars(self) -> int:
        return sum(map(len, self.lines))


def find_blocks(lines: Sequence[str], *, numbered: bool = True) -> tuple[list[Block], list[str]]:
    """The captions of a file, and the lines above the first. ``numbered``: leave out the number above each clock.

    A line of white space does not end a caption, and neither does an empty one: some programs write them into it.
    """
    timings = [timing for index in range(len(lines)) if (timing := read_timing(lines, index))]
    blocks: list[Block] = []
    for timing, following in zip(timings, [*timings[1:], None], strict=False):
        below = list(lines[timing.line : following.line - 1 if following else len(lines)])
        while numbered and below and not below[-1].strip():
            below.pop()
        if numbered and following and below and _is_number_of(lines, following, below, len(blocks) + 2):
            below.pop()
        blocks.append(Block(timing, (timing.text, *below) if timing.text else tuple(below)))
    return blocks, list(lines[: timings[0].line - 1]) if timings else list(lines)


def _is_number_of(lines: Sequence[str], following: Timing, below: Sequence[str], expected: int) -> bool:
    """Whether the last line of a caption is the number of the next one."""
    number = below[-1].strip()
    if not number.isdigit() or lines[following.line - 2].strip() != number:
        return False
    return len(below) == 1 or not below[-2].strip() or number in (str(expected), str(expected - 1))


def read_timing(lines: Sequence[str], index: int) -> Timing | None:
    """The clocks of a line, if it is the clock line of a caption; times that cannot be read are None.

    >>> read_timing(["00:00:01,500 \u2013> 00:00:0Z,000"], 0)
    Timing(line=1, start=1.5, end=None, mended=True, text='')
    >>> read_timing(["so a -> b, he said"], 0)
    """
    line = lines[index]
    if not any(sign in line for sign in (":", "-->", "--&gt;")):
        return None
    tail = line[LONGEST_CLOCKS:]
    line = " ".join(line[:LONGEST_CLOCKS].split())
    if not tail and (plain := _PLAIN.fullmatch(line)):
        return Timing(index + 1, parse_clock(plain[1]), parse_clock(plain[2]))
    found = _WITH_ARROW.fullmatch(line) or _BARE.fullmatch(line)
    if not found:
        return _cut_short(lines, index)
    start_text, (end_text, *rest) = found["start"], _AROUND.sub(r"\1", found["end"]).split(maxsplit=1) or [""]
    if "arrow" in found.groupdict() and not _is_arrow_of_clocks(lines, index, start_text, end_text):
        return None
    start, odd_start = read_clock(start_text)
    end, odd_end = read_clock(end_text)
    arrow = found.groupdict().get("arrow")
    behind = " ".join(rest) + tail
    said = "" if all(_SETTING.fullmatch(word) for word in behind.split()) else behind
    return Timing(index + 1, start, end, odd_start or odd_end or arrow not in (None, "-->"), said)


def _is_arrow_of_clocks(lines: Sequence[str], index: int, start: str, end: str) -> bool:
    """Whether an arrow stands between clocks, good or bad, and not in a sentence."""
    likely = [bool(_CLOCK_LIKE.fullmatch(text)) and ":" in text for text in (start, end)]
    if all(likely):
        return True
    begins = index == 0 or not lines[index - 1].strip() or lines[index - 1].strip().isdigit()
    return "-->" in lines[index] and (any(likely) or (begins and len(start.split()) < 2))


def _cut_short(lines: Sequence[str], index: int) -> Timing | None:
    """A clock line that lost its arrow and what came after: known by the number above it."""
    above = index > 0 and lines[index - 1].strip().isdigit() and (index == 1 or not lines[index - 2].strip())
    if not above or not (found := re.match(rf"\s*({_EXACT})(?=\s|$|[-\u2013])", lines[index])):
        return None
    rest = lines[index][found.end() :]
    if re.search(r"[^\W\d_]{2}", rest):
        return None
    return Timing(index + 1, read_clock(found[1])[0], None, True)


def read_clock(text: str) -> tuple[Seconds | None, bool]:
    """The seconds of a caption's clock, and whether it had to be mended; None where it says no time.

    Read as they were meant: letters for digits, a sign before it, frames or milliseconds after a third colon.

    >>> read_clock("00:00:1O,5"), read_clock("-00:00:03,000"), read_clock("0:00:02:250"), read_clock("soon")
    ((10.5, True), (0.0, True), (2.25, False), (None, True))
    """
    plain = _AROUND.sub(r"\1", unicodedata.normalize("NFKC", text[:60])).strip().strip("[]")
    negative = plain.startswith(("-", "\u2212"))
    plain = plain.lstrip("-\u2212+ ")
    if framed := _FRAMES.fullmatch(plain):
        whole = parse_clock(framed[1]) or 0.0
        return whole + (int(framed[2]) / (1000 if len(framed[2]) == 3 else _FRAME_RATE)), negative
    digits = re.sub(r"[^\d:.,]", "", plain)
    stripped = digits if _WHOLE.fullmatch(digits) else ""
    for tried, odd in ((plain, negative), (plain.translate(_LOOKALIKES), True), (stripped, True)):
        seconds = parse_clock(tried) if ":" in tried else None
        if seconds is not None:
            return (0.0 if negative else seconds), odd
    return None, True


def settle(blocks: Sequence[Block], warn: Warn) -> list[Block]:
    """The captions with clocks that can be true, in the order of the file; ``warn`` is told which were mended.

    A start or an end that cannot be read, lies far from its neighbours or ends before it starts is set between them.
    """
    timings = [block.timing for block in blocks]
    odd = {i: READ for i, timing in enumerate(timings) if timing.mended}
    odd |= {i: UNREADABLE for i, timing in enumerate(timings) if timing.start is None or timing.end is None}
    for i in range(1, len(timings)):
        if timings[i].mended and timings[i].start == 0.0:  # a sign that slipped in: only the first begins before 0
            timings[i] = replace(timings[i], start=None)
    for i in _strayed(timings):
        timings[i] = replace(timings[i], start=None, end=None)
        odd[i] = STRAYED
    following = _following(timings)
    settled: list[Block] = []
    before = 0.0
    for i, (block, timing) in enumerate(zip(blocks, timings, strict=True)):
        start, end = _placed(timing, before, following[i], block.chars)
        if timing.start is not None and timing.end is not None and timing.end < timing.start:
            odd[i] = BACKWARDS
        settled.append(replace(block, timing=replace(timing, start=start, end=end)))
        before = max(before, end) if timing.start is not None else before
    for reason in dict.fromkeys(odd.values()):
        listed = [str(blocks[i].timing.line) for i, why in sorted(odd.items()) if why == reason]
        warn(f"{_captions(len(listed))} {reason} (line {_listed(listed)})")
    return settled


def _placed(timing: Timing, before: Seconds, after: Seconds | None, chars: int) -> tuple[Seconds, Seconds]:
    """Start and end of a caption from its own clock, else between the one before and the one after."""
    start, end = timing.start, timing.end
    if start is not None and end is not None and end < start:
        fits = before <= end + STRAYED_S and (after is None or start <= after + STRAYED_S)
        return (end, start) if fits else _placed(replace(timing, start=None, end=None), before, after, chars)
    lasts = chars / CHARS_S
    if start is None:
        limit = end if end is not None else after
        start = before if limit is None else min(before, limit)
    if end is None:
        end = start + lasts if after is None or after < start else min(after, start + max(lasts, 1.0) * 2)
    return start, max(start, end)


def _following(timings: Sequence[Timing]) -> list[Seconds | None]:
    """For each caption the start of the next one that says its own."""
    following: list[Seconds | None] = [None] * len(timings)
    known: Seconds | None = None
    for index in range(len(timings) - 1, -1, -1):
        following[index] = known
        start, end = timings[index].start, timings[index].end
        if start is not None:
            known = start if end is None else min(start, end)
    return following


def _strayed(timings: Sequence[Timing]) -> list[int]:
    """Captions whose start breaks the order of a file that is otherwise in order, by far."""
    known = [(i, t.start) for i, t in enumerate(timings) if t.start is not None]
    tails: list[Seconds] = []
    ends: list[int] = []
    came_from: list[int] = []
    for place, (_, start) in enumerate(known):
        size = bisect_right(tails, start)
        tails[size : size + 1], ends[size : size + 1] = [start], [place]
        came_from.append(ends[size - 1] if size else -1)
    kept = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        kept.add(place)
        place = came_from[place]
    out = [p for p in range(len(known)) if p not in kept]
    if len(out) > max(1, STRAYED_SHARE * len(known)) or len(known) < 3:
        return []
    in_order = sorted(kept)
    return [known[p][0] for p in out if _is_far(known, p, in_order)]


def _is_far(known: Sequence[tuple[int, Seconds]], place: int, in_order: Sequence[int]) -> bool:
    at = bisect_right(in_order, place)
    left = known[in_order[at - 1]][1] if at else 0.0
    right = known[in_order[at]][1] if at < len(in_order) else None
    start = known[place][1]
    return start < left - STRAYED_S or (right is not None and start > right + STRAYED_S)


def _captions(count: int) -> str:
    return f"{count} caption{'s' if count > 1 else ''}"


def _listed(numbers: Sequence[str]) -> str:
    more = f" and {len(numbers) - MOST_LISTED} more" if len(numbers) > MOST_LISTED else ""
    return ", ".join(numbers[:MOST_LISTED]) + more
