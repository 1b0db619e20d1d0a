"""Chapters: where one starts, by a model learnt from published ones; the creator's own win where there are any."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

from pipeline.notes.chapters.boundaries import boundary_features
from pipeline.notes.chapters.divisions import (
    SHORTEST_S,
    best_path,
    closed_lengths,
    division_cost,
    start_chances,
    subject_unity,
    within,
)
from pipeline.notes.chapters.titles import title_chapters
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material
from pipeline.ports import SentenceEncoder
from pipeline.result import Chapter
from pipeline.timeline import CutList, Seconds

HIT_S, NEAR_S = 10.0, 30.0
"""A start is found within the first, nearly within the second (as chapters are scored)."""
NEARLY = 0.6
"""What a start within NEAR_S counts against one within HIT_S; from 0.3 to 1 F1 is within 0.01 on shows left out."""
CONSIDERED = 0.5
"""Share of the sentences that may start a chapter: the likeliest. The others change no division and cost time."""

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
    avoid: Sequence[str] = (),
    untold: Collection[int] = (),
) -> tuple[Chapter, ...]:
    """Titled chapters that tile the episode, in source time.

    ``given``: the creator's chapters, which win; after them the times written in the ``description``. ``cuts``: what
    was removed, so that a given chapter inside it is dropped; ``avoid``: names that title nothing, such as the show's;
    ``untold``: sentences that title nothing unless a chapter has no others.
    """
    last = material.segments[-1].end if material.segments else 0.0
    end = cuts.duration if cuts else last
    if published := tuple(given) or chapters_of_description(description, duration_s=end):
        return keep_given(published, cuts=cuts, duration_s=end)
    if not material.segments:
        return ()
    starts = divide(material, model, duration_s=last)
    groups = [range(a, b) for a, b in pairwise([*starts, len(material.segments)])]
    told = [[index for index in group if index not in untold] or group for group in groups]
    titles = title_chapters(material, told, encoder=encoder, common=model.common, avoid=avoid)
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
    """The index of each chapter's first sentence; as many as the episode's length asks for.

    The division of which most starts can be expected to be right, over all divisions with their chances: what a start
    at a sentence is worth is the chance of one within HIT_S of it, and within NEAR_S (minimum Bayes risk).
    """
    odds = model.boundary.score(boundary_features(material, model.common))
    spoken = sum(segment.duration for segment in material.segments)
    likely = np.flatnonzero(odds >= np.quantile(odds, 1 - CONSIDERED))
    candidates = np.array([0, *likely[likely > 0]], int)
    count = min(chapter_count(spoken, model), len(candidates))
    times = np.append(material.starts[candidates], duration_s)
    times[0] = min(0.0, times[0])
    closed = closed_lengths(times, count)
    unity = subject_unity(material, np.append(candidates, len(material.segments)))
    chances = start_chances(odds[candidates], division_cost(times, unity, count) + closed, count)
    starts = material.starts[candidates]
    worth = within(chances, starts, HIT_S) + NEARLY * within(chances, starts, NEAR_S)
    return [int(candidates[i]) for i in best_path(np.append(worth, 0.0), closed, count)]
