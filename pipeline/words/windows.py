"""Where to cut the sound for the recogniser: windows just under its limit, their edges in pauses.

A window costs the same however full it is, so few windows are cheap; a cut through speech costs words, so the longest
pauses are taken. Both are weighed over the whole recording at once (dynamic programming), not window by window.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from itertools import pairwise
from math import ceil

from pipeline.timeline import Seconds, Span, merge_spans

PAD_S = 0.3
"""Silence kept before and after the speech of a window: Whisper loses words that begin at its edge."""

LIMIT_S = 29.5
"""Whisper hears 30 s; the rest is room for rounding."""

EDGE_S = 1.0
"""A quiet moment nearer to the edge of a stretch of speech is no place to cut it."""

LONG_GAP_S = 4.0
"""A longer stretch without speech is never inside a window: music there makes Whisper invent words."""

WINDOW_COST = 1.0
"""What one more window costs, in the unit of the cost of a cut."""

CUT_COST_S = 0.1
"""A cut in a pause of this length costs a tenth of a window, one in a longer pause less: cost = 0.1 * 0.1 s / pause."""

QUIET_COST = 0.2
"""The cost of a cut at a quiet moment inside detected speech: mostly a breath that the detector bridged."""

BLIND_COST = 0.6
"""The cost of a cut where there is neither a pause nor a quiet moment."""


def plan_windows(
    speech: Sequence[Span],
    *,
    duration_s: Seconds,
    limit_s: Seconds = LIMIT_S,
    quiet: Sequence[Seconds] = (),
) -> tuple[Span, ...]:
    """The windows to decode: sorted, at most ``limit_s`` long, together holding all speech.

    ``quiet`` are moments inside speech at which it may be cut, too (see ``find_quiet``); speech that has none and is
    too long is cut evenly. A window reaches ``PAD_S`` into the pauses beside it, at most to their middle.

    >>> plan_windows([Span(1.0, 20.0), Span(21.0, 40.0)], duration_s=60.0)
    (Span(start=0.7, end=20.3), Span(start=20.7, end=40.3))
    """
    clipped = (Span(max(0.0, s.start), min(duration_s, s.end)) for s in speech if s.start < duration_s and s.end > 0)
    blind: set[Seconds] = set()
    pieces = [
        piece
        for span in merge_spans(s for s in clipped if s.duration > 0)
        for quarter in _at_quiet(span, quiet)
        for piece in _evenly(quarter, limit_s - 2 * PAD_S, blind)
    ]
    if not pieces:
        return ()
    windows = []
    for first, last in _pack(pieces, limit_s, blind):
        before = pieces[first - 1].end if first else 0.0
        after = pieces[last + 1].start if last + 1 < len(pieces) else duration_s
        start, end = pieces[first].start, pieces[last].end
        left = start - before if not first else (start - before) / 2
        right = after - end if last + 1 == len(pieces) else (after - end) / 2
        windows.append(Span(start - min(PAD_S, left), end + min(PAD_S, right)))
    return tuple(windows)


def _at_quiet(span: Span, quiet: Sequence[Seconds]) -> list[Span]:
    """Speech in pieces between its quiet moments."""
    first, last = bisect_right(quiet, span.start + EDGE_S), bisect_left(quiet, span.end - EDGE_S)
    edges = [span.start, *quiet[first : max(first, last)], span.end]
    return [Span(start, end) for start, end in pairwise(edges)]


def _evenly(span: Span, limit_s: Seconds, blind: set[Seconds]) -> list[Span]:
    """Speech without any pause in equal pieces of at most ``limit_s``; where it is cut is added to ``blind``."""
    count = ceil(span.duration / limit_s - 1e-9)
    if count <= 1:
        return [span]
    edges = [span.start + span.duration * part / count for part in range(count)] + [span.end]
    blind.update(edges[1:-1])
    return [Span(start, end) for start, end in pairwise(edges)]


def _pack(pieces: Sequence[Span], limit_s: Seconds, blind: Collection[Seconds]) -> list[tuple[int, int]]:
    """Which pieces go into which window (first and last index), at the least cost."""
    best = [0.0] + [float("inf")] * len(pieces)
    came_from = [0] * (len(pieces) + 1)
    for stop in range(1, len(pieces) + 1):
        for start in range(stop - 1, -1, -1):
            long_gap = start + 1 < stop and pieces[start + 1].start - pieces[start].end > LONG_GAP_S
            if long_gap or pieces[stop - 1].end - pieces[start].start + 2 * PAD_S > limit_s + 1e-9:
                break
            cost = best[start] + WINDOW_COST + (_cut_cost(pieces[start - 1], pieces[start], blind) if start else 0.0)
            if cost < best[stop]:
                best[stop], came_from[stop] = cost, start
    groups: list[tuple[int, int]] = []
    stop = len(pieces)
    while stop:
        groups.append((came_from[stop], stop - 1))
        stop = came_from[stop]
    return groups[::-1]


def _cut_cost(before: Span, after: Span, blind: Collection[Seconds]) -> float:
    pause = after.start - before.end
    if pause <= 0:
        return BLIND_COST if after.start in blind else QUIET_COST
    return min(QUIET_COST, 0.1 * CUT_COST_S / pause)
