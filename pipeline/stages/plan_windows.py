"""Where to cut the sound for the recogniser: windows just under its limit, their edges in pauses.

A window costs the same however full it is, so few windows are cheap; a cut through speech costs words, so the longest
pauses are taken. Both are weighed over the whole recording at once (dynamic programming), not window by window.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.timeline import Seconds, Span, merge_spans

PAD_S = 0.3
"""Silence kept before and after the speech of a window: Whisper loses words that begin at its edge."""

LIMIT_S = 29.5
"""Whisper hears 30 s; the rest is room for rounding."""

LONG_GAP_S = 4.0
"""A longer stretch without speech is never inside a window: music there makes Whisper invent words."""

WINDOW_COST = 1.0
"""What one more window costs, in the unit of the cost of a cut."""

CUT_COST_S = 0.1
"""A cut in a pause of this length costs a tenth of a window, one in a longer pause less: cost = 0.1 * 0.1 s / pause."""

CUT_COST_LIMIT = 0.6
"""The cost of a cut where no pause was detected at all."""


def plan_windows(
    speech: Sequence[Span],
    *,
    duration_s: Seconds,
    limit_s: Seconds = LIMIT_S,
    quiet: Sequence[Seconds] = (),
) -> tuple[Span, ...]:
    """The windows to decode: sorted, at most ``limit_s`` long, together holding all speech.

    ``quiet`` are moments at which unbroken speech may be cut if it must be (the quietest ones, see ``find_quiet``);
    without them it is cut evenly. A window reaches ``PAD_S`` into the pauses beside it, at most to their middle.

    >>> plan_windows([Span(1.0, 20.0), Span(21.0, 40.0)], duration_s=60.0)
    (Span(start=0.7, end=20.3), Span(start=20.7, end=40.3))
    """
    clipped = (Span(max(0.0, s.start), min(duration_s, s.end)) for s in speech if s.start < duration_s and s.end > 0)
    pieces = [
        piece
        for span in merge_spans(s for s in clipped if s.duration > 0)
        for piece in _split(span, limit_s - 2 * PAD_S, quiet)
    ]
    if not pieces:
        return ()
    windows = []
    for first, last in _pack(pieces, limit_s):
        before = pieces[first - 1].end if first else 0.0
        after = pieces[last + 1].start if last + 1 < len(pieces) else duration_s
        start, end = pieces[first].start, pieces[last].end
        left = start - before if not first else (start - before) / 2
        right = after - end if last + 1 == len(pieces) else (after - end) / 2
        windows.append(Span(start - min(PAD_S, left), end + min(PAD_S, right)))
    return tuple(windows)


def _split(span: Span, limit_s: Seconds, quiet: Sequence[Seconds]) -> list[Span]:
    """Speech without a pause, in pieces of at most ``limit_s``, cut at quiet moments where there are any."""
    if span.duration <= limit_s:
        return [span]
    count = int(span.duration // limit_s) + 1
    ideal = span.duration / count
    inside = [t for t in quiet if span.start + 1.0 < t < span.end - 1.0]
    edges = [span.start]
    while span.end - edges[-1] > limit_s:
        # As late as the even share asks for or later, so that no more pieces come out than needed.
        reachable = [t for t in inside if edges[-1] + ideal / 2 < t <= edges[-1] + limit_s]
        edges.append(max(reachable) if reachable else edges[-1] + ideal)
    return [Span(start, end) for start, end in pairwise([*edges, span.end])]


def _pack(pieces: Sequence[Span], limit_s: Seconds) -> list[tuple[int, int]]:
    """Which pieces go into which window (first and last index), at the least cost."""
    best = [0.0] + [float("inf")] * len(pieces)
    came_from = [0] * (len(pieces) + 1)
    for stop in range(1, len(pieces) + 1):
        for start in range(stop - 1, -1, -1):
            long_gap = start + 1 < stop and pieces[start + 1].start - pieces[start].end > LONG_GAP_S
            if long_gap or pieces[stop - 1].end - pieces[start].start + 2 * PAD_S > limit_s + 1e-9:
                break
            cost = best[start] + WINDOW_COST + (_cut_cost(pieces[start - 1], pieces[start]) if start else 0.0)
            if cost < best[stop]:
                best[stop], came_from[stop] = cost, start
    groups: list[tuple[int, int]] = []
    stop = len(pieces)
    while stop:
        groups.append((came_from[stop], stop - 1))
        stop = came_from[stop]
    return groups[::-1]


def _cut_cost(before: Span, after: Span) -> float:
    pause = after.start - before.end
    return CUT_COST_LIMIT if pause <= 0 else min(CUT_COST_LIMIT, 0.1 * CUT_COST_S / pause)
