"""Word by word: what each system made of every word of the same reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.scores.comparison.kinds import KINDS, Kind, kinds_of
from pipeline.scores.comparison.paired import Difference, difference
from pipeline.scores.report.intervals import FEWEST_PARTS, PASSAGE_WORDS
from pipeline.scores.report.measures import share_of_sums
from pipeline.scores.report.picture import timed_pairs
from pipeline.scores.scoring import CaseScores
from pipeline.scores.words.normalise import Token
from pipeline.timeline import Seconds

GroupSort = Literal["kind", "place", "speaker"]
MOST_WORDS = 15
"""Words listed of those that only one system gets right."""


@dataclass(frozen=True, slots=True)
class WordView:
    """One word of the reference as each system has it: ``found`` (empty where it is missing), and whether ``right``.

    ``added``: words that a system has after it and the reference has not. ``at`` is when it is said, None where neither
    the reference nor a system says so.
    """

    text: str
    kind: Kind
    speaker: str | None
    in_ad: bool | None
    at: Seconds | None
    found: tuple[str, ...]
    right: tuple[bool, ...]
    added: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Words of one kind, place or speaker: how many there are, and how many each system gets right."""

    sort: GroupSort
    label: str
    words: int
    right: tuple[int, ...]
    differences: tuple[Difference | None, ...]

    def figure(self) -> dict[str, Any]:
        differences = [None if one is None else one.figure() for one in self.differences]
        counts = {"words": self.words, "right": list(self.right), "differences": differences}
        return {"by": self.sort, "label": self.label, **counts}


@dataclass(frozen=True, slots=True)
class Split:
    """Words in a row that some systems have right and others not."""

    at: Seconds | None
    speaker: str
    reference: str
    found: tuple[str, ...]
    right: tuple[bool, ...]

    def figure(self) -> dict[str, Any]:
        sides = {"found": list(self.found), "right": list(self.right)}
        return {
            "at": None if self.at is None else round(self.at, 2),
            "speaker": self.speaker,
            "reference": self.reference,
            **sides,
        }


def view_words(scores: Sequence[CaseScores]) -> tuple[WordView, ...] | None:
    """The words of one case's reference, as each system has them; None unless all compared the same reference."""
    compared = [one.words.raw for one in scores if one.words is not None]
    if len(compared) < len(scores) or len({tuple(t.text for t in one.alignment.reference) for one in compared}) > 1:
        return None
    first = scores[0]
    assert first.words is not None
    tokens, case = compared[0].alignment.reference, first.case
    sides = [_side(one) for one in scores]
    times = _times(scores, tokens)
    kinds = kinds_of(tokens, [word.text for word in case.words], language=case.language)
    mask = first.words.mask
    return tuple(
        WordView(
            text=token.text,
            kind=kinds[i],
            speaker=case.words[token.first].speaker,
            in_ad=None if mask is None else mask.reference[token.first],
            at=times[i],
            found=tuple(side[i][0] for side in sides),
            right=tuple(side[i][1] for side in sides),
            added=tuple(side[i][2] for side in sides),
        )
        for i, token in enumerate(tokens)
    )


def group_words(cases: Sequence[Sequence[WordView]], *, systems: int, by_speaker: bool) -> tuple[Group, ...]:
    """The words by kind, inside and outside of ads, and by speaker, with what each system gets right of them."""
    sorts: list[tuple[GroupSort, str, Callable[[WordView], bool]]] = [
        ("kind", label, lambda view, kind=kind: view.kind == kind)  # type: ignore[misc]
        for kind, label in KINDS.items()
    ]
    if any(view.in_ad for views in cases for view in views):
        sorts += [
            ("place", "in the show", lambda view: view.in_ad is False),
            ("place", "in ads", lambda v: bool(v.in_ad)),
        ]
    if by_speaker:
        spoken = Counter(view.speaker for views in cases for view in views if view.speaker)
        sorts += [
            ("speaker", speaker, lambda view, speaker=speaker: view.speaker == speaker)  # type: ignore[misc]
            for speaker, _ in spoken.most_common()
        ]
    units = list(_units(cases))
    over = "recordings" if len(cases) >= FEWEST_PARTS else "passages"
    groups = [_group(sort, label, belongs, units, systems, over) for sort, label, belongs in sorts]
    return tuple(group for group in groups if group.words)


def split_words(views: Sequence[WordView]) -> tuple[Split, ...]:
    """The words that some systems have right and others not, in order; those in a row with the same outcome are one."""
    found: list[list[WordView]] = []
    before: WordView | None = None
    for view in views:
        differs = len(set(view.right)) > 1
        if differs and before is not None and before.right == view.right and before.speaker == view.speaker:
            found[-1].append(view)
        elif differs:
            found.append([view])
        before = view if differs else None
    return tuple(
        Split(
            at=row[0].at,
            speaker=row[0].speaker or "",
            reference=" ".join(view.text for view in row),
            found=tuple(" ".join(filter(None, texts)) for texts in zip(*(view.found for view in row), strict=True)),
            right=row[0].right,
        )
        for row in found
    )


def only_right(views: Iterable[WordView], *, systems: int) -> tuple[Counter[str], ...]:
    """For each system the words that it alone has right, and how often."""
    counts: tuple[Counter[str], ...] = tuple(Counter() for _ in range(systems))
    for view in views:
        if sum(view.right) == 1:
            counts[view.right.index(True)][view.text] += 1
    return counts


def errors_over_time(views: Sequence[WordView], *, systems: int, bins: int) -> tuple[tuple[int, ...], ...]:
    """Each system's errors in equal stretches of the reference, inserted words with the word before them."""
    counts = [[0] * bins for _ in range(systems)]
    for index, view in enumerate(views):
        place = min(bins - 1, bins * index // max(1, len(views)))
        for side in range(systems):
            counts[side][place] += (not view.right[side]) + view.added[side]
    return tuple(map(tuple, counts))


def _side(scores: CaseScores) -> list[tuple[str, bool, int]]:
    """For each word of the reference: what the system has, whether it is right, and how many words it added."""
    assert scores.words is not None
    alignment = scores.words.raw.alignment
    side: list[tuple[str, bool, int]] = []
    early = 0  # words added before the first one are counted with it
    for pair in alignment.pairs:
        if pair.reference is not None:
            side.append((alignment.texts(pair)[1], pair.kind == "hit", early))
            early = 0
        elif side:
            side[-1] = (*side[-1][:2], side[-1][2] + 1)
        else:
            early += 1
    return side


def _times(scores: Sequence[CaseScores], tokens: Sequence[Token]) -> list[Seconds | None]:
    """When each word is said: by the reference, else by the first system that has times."""
    words = scores[0].case.words
    if all(word.span is not None for word in words):
        return [None if (span := words[token.first].span) is None else span.start for token in tokens]
    times: list[Seconds | None] = [None] * len(tokens)
    timed = next((one for one in scores if one.timed), None)
    for at, pair in timed_pairs(timed) if timed else ():
        if pair.reference is not None:
            times[pair.reference] = at
    return times


def _units(cases: Sequence[Sequence[WordView]]) -> Iterator[Sequence[WordView]]:
    """What is drawn for an interval: recordings, or passages where there are few of them."""
    for views in cases:
        if len(cases) >= FEWEST_PARTS:
            yield views
        else:
            yield from (views[i : i + PASSAGE_WORDS] for i in range(0, len(views), PASSAGE_WORDS))


def _group(
    sort: GroupSort,
    label: str,
    belongs: Callable[[WordView], bool],
    units: Sequence[Sequence[WordView]],
    systems: int,
    over: str,
) -> Group:
    own = [[view for view in unit if belongs(view)] for unit in units]
    rows = [[(sum(v.right[side] for v in unit), len(unit)) for unit in own] for side in range(systems)]
    differences = tuple(
        difference(rows[0], other, share_of_sums, over=over, more_is_better=True) if own else None for other in rows[1:]
    )
    right = tuple(sum(count for count, _ in side) for side in rows)
    return Group(sort, label, sum(map(len, own)), right, differences)
