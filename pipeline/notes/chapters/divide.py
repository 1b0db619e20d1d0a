"""Chapters: where one starts, by a model learnt from published ones; the creator's own win where there are any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline.notes.chapters.boundaries import boundary_features
from pipeline.notes.chapters.titles import title_chapters
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material, unit
from pipeline.ports import SentenceEncoder
from pipeline.result import Chapter
from pipeline.timeline import CutList, Seconds

SHORTEST_S = 45.0
"""A shorter chapter is a remark, not a part (not measured)."""
LONGEST_SHARE = 1 / 3
"""No chapter is longer than this share of the show, if the show has three chapters or more."""
EVENNESS = 0.5
"""What a squared factor e between a chapter's length and the usual costs, in log-odds of a boundary."""
UNITY = 0.4
"""What a chapter's keeping to one subject (``_unity``) counts, in log-odds of a boundary.

On shows left out F1 within 10 and 30 s rises from 0.38 and 0.52 to 0.39 and 0.54; from 0.3 to 0.8 it is within 0.01.
"""
NEARBY_S, NEARBY = 30.0, 0.4
"""A sentence's log-odds are mixed, to this share, with those of a boundary within so many seconds of it.

With both, F1 within 10 and 30 s is 0.39 to 0.40 and 0.55 to 0.56 with a share of 0.2 to 0.5, on the folds that these
were chosen on; on others 0.38 and 0.54, before 0.37 and 0.52.
"""
CONSIDERED = 0.4
"""Share of the sentences that may start a chapter: the likeliest. The others change no division and cost time."""
CLOSED = 1e6
TOO_LONG = 20.0

_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}"
_TIMED_LINE = re.compile(rf"^\W*(?P<first>{_CLOCK})\W+(?P<after>\S.*)$|^(?P<before>.*?\S)\W+(?P<last>{_CLOCK})\W*$")
LEAST_TIMED = 3
"""A description with fewer lines that carry a time has no list of chapters."""


def find_chapters(
    material: Material,
    *,
    model: NotesModel,
    encoder: SentenceEncoder,
    given: Sequence[Chapter] = (),
    description: str = "",
    cuts: CutList | None = None,
    duration_s: Seconds | None = None,
    avoid: Sequence[str] = (),
) -> tuple[Chapter, ...]:
    """Titled chapters that tile the episode, in source time.

    ``given``: the creator's chapters, which win; after them the times written in the ``description``. ``cuts``: what
    was removed, so that a given chapter inside it is dropped; ``avoid``: names that title nothing, such as the show's.
    """
    last = material.segments[-1].end if material.segments else 0.0
    end = duration_s if duration_s is not None else cuts.duration if cuts else last
    if published := tuple(given) or chapters_of_description(description, duration_s=end):
        return keep_given(published, cuts=cuts, duration_s=end)
    if not material.segments:
        return ()
    starts = divide(material, model, duration_s=last)
    groups = [range(a, b) for a, b in pairwise([*starts, len(material.segments)])]
    titles = title_chapters(material, groups, encoder=encoder, common=model.common, avoid=avoid)
    times = [0.0, *(material.segments[group[0]].start for group in groups[1:]), max(end, last)]
    return tuple(Chapter(a, b, text) for (a, b), text in zip(pairwise(times), titles, strict=True))


def keep_given(given: Sequence[Chapter], *, cuts: CutList | None, duration_s: Seconds) -> tuple[Chapter, ...]:
    """The creator's chapters in order, closed up, without those that a cut swallowed and without empty titles."""
    named = sorted((c for c in given if c.title.strip() and c.start < max(duration_s, 0.001)), key=lambda c: c.start)
    ends = [*(c.start for c in named[1:]), max([duration_s, *(c.start for c in named[-1:])])]
    chapters = [Chapter(c.start, end, c.title.strip(), c.url) for c, end in zip(named, ends, strict=True)]
    if cuts is None:
        return tuple(chapters)
    return tuple(c for c in chapters if cuts.to_clean(c.end) - cuts.to_clean(c.start) > 1.0 or not cuts.removed)


def chapters_of_description(description: str, *, duration_s: Seconds) -> tuple[Chapter, ...]:
    """The chapters that a description lists, one a line with its time before or after the title, in rising order.

    >>> chapters_of_description("(00:00) Hello\\n12:30 - Bread\\n[@1:02:03] - Salt\\n", duration_s=4000.0)[1]
    Chapter(start=750.0, end=3723.0, title='Bread', url='')
    """
    found: list[tuple[Seconds, str]] = []
    for line in description.splitlines():
        match = _TIMED_LINE.match(re.sub(r"\[([^\]]*)\]\((?:[^)]*)\)", r"\1", line.strip()))
        if match:
            text = (match["after"] or match["before"]).strip(" -\u2013\u2014:|*([").strip()
            found.append((_seconds(match["first"] or match["last"]), text))
    times = [time for time, _ in found]
    rising = all(a < b for a, b in pairwise(times))
    if len(found) < LEAST_TIMED or not rising or times[-1] >= duration_s:
        return ()
    ends = [*times[1:], duration_s]
    return tuple(Chapter(time, end, text) for (time, text), end in zip(found, ends, strict=True) if text)


def _seconds(clock: str) -> Seconds:
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return float(total)


def chapter_count(spoken_s: Seconds, model: NotesModel) -> int:
    """How many chapters an episode of this length gets, as published ones have."""
    factor, exponent = model.chapters
    minutes: float = spoken_s / 60
    return max(1, min(round(factor * minutes**exponent), int(spoken_s // SHORTEST_S)))


def divide(material: Material, model: NotesModel, *, duration_s: Seconds) -> list[int]:
    """The index of each chapter's first sentence: the likeliest division into as many as the episode's length asks for.

    Solved exactly: the sum of the boundaries' log-odds and of the chapters' unity, less what uneven lengths cost.
    """
    odds = _with_nearby(model.boundary.score(boundary_features(material, model.common)), material.starts)
    spoken = sum(segment.duration for segment in material.segments)
    count = chapter_count(spoken, model)
    worth_it = np.flatnonzero(odds >= np.quantile(odds, 1 - CONSIDERED))
    candidates = np.array([0, *worth_it[worth_it > 0]], int)
    count = min(count, len(candidates))
    times = np.append(material.starts[candidates], duration_s)
    times[0] = min(0.0, times[0])
    gains = np.append(odds[candidates], 0.0)
    gains[0] = 0.0
    unity = _unity(material, np.append(candidates, len(material.segments)))
    chosen = _best_path(gains, _lengths_cost(times, count) - UNITY * unity, count)
    return [int(candidates[i]) for i in chosen]


def _with_nearby(odds: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The log-odds of each sentence, together with those that a chapter starts not far from it."""
    summed = np.append(0.0, np.cumsum(1.0 / (1.0 + np.exp(-odds))))
    first = np.searchsorted(starts, starts - NEARBY_S)
    beyond = np.searchsorted(starts, starts + NEARBY_S, "right")
    mixed: np.ndarray = (1.0 - NEARBY) * odds + NEARBY * np.log(np.maximum(summed[beyond] - summed[first], 1e-9))
    return mixed


def _lengths_cost(times: np.ndarray, count: int) -> np.ndarray:
    """What a chapter from one candidate to another costs, shape (n, n); the diagonal and below is closed."""
    lengths = times[None, :] - times[:, None]
    usual = max(1.0, float(times[-1] - times[0])) / count
    cost = EVENNESS * 0.5 * np.log(np.maximum(lengths, 1.0) / usual) ** 2
    cost[lengths < min(SHORTEST_S, usual / 2)] = CLOSED
    if count >= 1 / LONGEST_SHARE:
        cost[lengths > LONGEST_SHARE * (times[-1] - times[0])] += TOO_LONG
    cost[np.tril_indices(len(times))] = np.inf
    return cost


def _unity(material: Material, edges: np.ndarray) -> np.ndarray:
    """How far a chapter from one edge to another keeps to a subject of its own, shape (n, n).

    The squared length of the sum of its sentences' directions from the episode's middle, over their weight: what kernel
    change-point detection maximises (Arlot, Celisse and Harchaoui 2019). Sentences in random order have about 1.
    """
    directions = unit(material.vectors - material.centre)
    directions -= np.average(directions, axis=0, weights=material.weights)
    directions *= np.sqrt(material.weights)[:, None]
    spread = (directions**2).sum() / material.weights.sum()
    sums = np.concatenate([np.zeros((1, directions.shape[1])), np.cumsum(directions, axis=0)])[edges]
    said = np.append(0.0, np.cumsum(material.weights))[edges]
    squares = (sums**2).sum(1)
    between = np.maximum(squares[:, None] + squares[None, :] - 2 * sums @ sums.T, 0.0)
    found: np.ndarray = between / np.maximum(said[None, :] - said[:, None], 1.0) / max(spread, 1e-9)
    return found


def _best_path(gains: np.ndarray, cost: np.ndarray, count: int) -> list[int]:
    """The ``count`` candidates, from the first on, with the greatest sum of gains less costs to the end."""
    size = len(gains)
    best = np.full(size, -np.inf)
    best[0] = 0.0
    back = np.zeros((count + 1, size), int)
    for step in range(1, count + 1):
        options = best[:, None] - cost + gains[None, :]
        back[step] = options.argmax(0)
        best = options.max(0)
    path, at = [], size - 1
    for step in range(count, 0, -1):
        at = int(back[step, at])
        path.append(at)
    return sorted(set(path))
