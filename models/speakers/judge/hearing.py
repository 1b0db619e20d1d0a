"""Judges of names for published episodes: each show is heard by one that was fitted on the shows of the other folds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.speakers.artifact import load_name_judge, save_name_judge
from models.speakers.examples import Example, Examples, answer_of
from models.speakers.fitting import even, folds
from models.speakers.judge.correcting import fit_name_judge
from models.speakers.judge.reader import Marked, NameReader, TrainedNameJudge
from pipeline.speakers.hearing import Heard, name_windows
from pipeline.speakers.names.clues import RELATIONS, Relation
from pipeline.speakers.names.mentions import Mention


@dataclass(frozen=True, slots=True)
class ReadNames:
    """The names of all episodes, each once, as the published layers read them.

    ``places``: the number of the episode and the mention; ``answers``: shape (n, relations), 1, 0 or -1 (not asked);
    ``shows``: of each name the number of its show.
    """

    places: tuple[tuple[int, Mention], ...]
    read: tuple[Marked, ...]
    answers: np.ndarray
    shows: np.ndarray


def read_names(examples: Examples) -> ReadNames:
    """Every name that is read, of episodes with their metadata: about eight minutes for 200 and three gigabytes."""
    places, windows, answers = [], [], []
    for number, example in enumerate(examples.episodes):
        if not example.bare:
            found = name_windows(example.talk, example.people, example.clues)
            asked = _answers(example)
            places += [(number, mention) for mention in found]
            windows += list(found.values())
            answers += [asked[mention] for mention in found]
    reader = NameReader()
    read = dict(reader.read(reader.cut(windows)))
    shows = [examples.shows.index(examples.episodes[number].episode.show) for number, _ in places]
    return ReadNames(tuple(places), tuple(read[n] for n in range(len(read))), np.array(answers), np.array(shows))


def _answers(example: Example) -> dict[Mention, list[int]]:
    """For each name and relation whether it is so of any voice and person that are meant; -1 where not asked."""
    found: dict[Mention, list[int]] = {}
    for clue in example.clues:
        answers = found.setdefault(clue.mention, [-1] * len(RELATIONS))
        place = RELATIONS.index(clue.relation)
        answers[place] = max(answers[place], answer_of(example, clue))
    return found


def fit_judge_on(names: ReadNames, shows: Sequence[int], kept: Path) -> TrainedNameJudge:
    """The judge fitted on the names of some shows; it is kept in a folder and taken from there the next time."""
    rows = np.flatnonzero(np.isin(names.shows, shows))
    marks = [tuple(names.read[n].marks.tolist()) for n in rows.tolist()]
    print_of = hashlib.sha256(repr((names.answers[rows].tolist(), marks)).encode()).hexdigest()[:20]
    file = kept / f"names-{print_of}.npz"
    if not file.exists():
        judge = fit_name_judge([names.read[n] for n in rows.tolist()], names.answers[rows], even(names.shows[rows]))
        kept.mkdir(parents=True, exist_ok=True)
        save_name_judge(judge, file)
    return load_name_judge(file)


def hear_unseen(examples: Examples, names: ReadNames, kept: Path) -> Examples:
    """The examples with what judges say of their names that have not seen their shows; ``kept``: see above."""
    heard: dict[int, Heard] = {}
    for left_out in folds(sorted(examples.shows)):
        apart = [examples.shows.index(show) for show in left_out]
        judge = fit_judge_on(names, [n for n in range(len(examples.shows)) if n not in apart], kept)
        heard |= _heard(examples, names, judge, apart)
    return replace(examples, episodes=tuple(replace(e, heard=heard.get(id(e.episode), {})) for e in examples.episodes))


def _heard(examples: Examples, names: ReadNames, judge: TrainedNameJudge, shows: Sequence[int]) -> Mapping[int, Heard]:
    """What a judge says of the names of some shows, by the identity of the episode."""
    rows = np.flatnonzero(np.isin(names.shows, shows)).tolist()
    odds = judge.judge([names.read[n] for n in rows])
    found: dict[int, dict[Mention, dict[Relation, float]]] = {}
    for n, row in zip(rows, odds.tolist(), strict=True):
        number, mention = names.places[n]
        by_mention = found.setdefault(id(examples.episodes[number].episode), {})
        by_mention[mention] = dict(zip(RELATIONS, row, strict=True))
    return found
