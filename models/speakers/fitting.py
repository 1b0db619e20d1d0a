"""Fits naming: small logistic regressions in two steps, the second on what the first says of shows it has not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from models.speakers.assigning import DIGITS, PairRow, fit_assignment
from models.speakers.corpus import ROLES, UNCLEAR, judge
from models.speakers.examples import WRITTEN, Example, Examples, Table, role_table, with_likeness
from pipeline.speakers.names.clues import RELATIONS
from pipeline.speakers.names.likeliest import choose_people
from pipeline.speakers.names.mentions import fold
from pipeline.speakers.names.model import BinaryModel, NamingModel, NumericModel, VectorModel
from pipeline.speakers.names.naming import printed_name
from pipeline.speakers.names.pairs import (
    Pair,
    Weighed,
    pair_features,
    whole_features,
)
from pipeline.speakers.names.people import Key
from pipeline.speakers.names.roles import manner_numbers, role_numbers

Features = dict[Pair, dict[str, float]]
"""By voice and person, the numbers of `pair_features`."""
Manner = Mapping[int, Mapping[str, Mapping[str, float]]]
"""By number of the episode and voice, how it speaks."""
FOLDS = 5
LEAST_SHOWS = {WRITTEN: 3}
LEAST_SHOWS_ELSE = 5
"""A feature is learnt where it occurs in this many shows: what one show says says nothing of others."""
LEAST_TIMES = {WRITTEN: 6}
LEAST_TIMES_ELSE = 12
STRENGTH = {"any": 0.01, WRITTEN: 0.1}
STRENGTH_ELSE = 0.03
"""Inverse of the L2 penalty: at 0.03, 0.1 and 0.3 clues of shows left out have an average precision of 0.561, 0.561
and 0.561 (the voice itself), 0.579, 0.572 and 0.559 (the voice before and after)."""
HOST_STRENGTH = 0.03
"""The same for roles, of which there are few: from 0.9 on 92.0 % of 311 are right at 0.1, 95.4 % of 263 at 0.03."""
DECISION_STRENGTH = 0.3
"""The same for whether a name is printed: at 0.1, 0.3 and 1.0 the log-loss of names on five folds, each left out, is
126.6, 124.9 and 124.1, and 72.8, 73.0 and 73.2 % of all voices are right where 3 % are wrong."""
LIKENESS_STRENGTH = 1.0  # not measured
MOSTLY, LEAST_MENTIONS = 0.8, 2  # share of its mentions, and mentions, from which a name's tags are taken as true
LEAST_NAME = 0.83
LEAST_WHOLE = 0.75
LEAST_ROLE = 0.9
"""Chances from which a name, its family name and a role are printed.

A name: from here 7 of 319 names are wrong on the shows whose errors were read, each left out of the fit. It was the
lowest hundredth with at most 3 % wrong of judges that took a false start for a part of a name; the shows set aside have
no part in it.
A family name: at 0.5 nine more of 266 are wrong and fifteen more right than at 0.7. A role: from 0.9 96.0 % of 274 are
right, from 0.85 94.6 % of 331, from 0.95 98.4 % of 191.
"""


def fit_naming(examples: Examples, shows: Collection[str]) -> NamingModel:
    """The model fitted on some shows alone, without a judge of names: what one said is among the examples."""
    ordered = sorted(shows)
    examples = with_likeness(examples, unseen_likeness(examples, ordered))
    roles = role_table(examples)
    weighed: dict[int, Weighed] = {}
    for left_out in folds(ordered):
        seen = [show for show in ordered if show not in left_out]
        weighed |= weigh_shows(examples, fit_clues(examples, seen), fit_written_host(examples, roles, seen), left_out)
    manner = {number: manner_numbers(examples.episodes[number].talk, found) for number, found in weighed.items()}
    hosting = _unseen_hosting(examples, manner, ordered)
    features = {n: _features(examples.episodes[n], found, hosting[n]) for n, found in weighed.items()}
    rows = [row for number, found in features.items() for row in _pair_rows(examples.episodes[number], number, found)]
    whole = _fit_whole(examples, rows)
    clue_models = fit_clues(examples, ordered)
    return NamingModel(
        likeness=fit_likeness(examples, ordered),
        clues={relation: clue_models[relation] for relation in RELATIONS},
        written=clue_models[WRITTEN],
        written_host=fit_written_host(examples, roles, ordered),
        manner=_fit_manner(examples, manner),
        pair=fit_assignment(rows),
        decision=_fit_decision(examples, features, rows, whole),
        whole=whole,
        host=_fit_host(examples, manner, rows),
        least_name=LEAST_NAME,
        least_whole=LEAST_WHOLE,
        least_role=LEAST_ROLE,
    )


def unseen_likeness(examples: Examples, shows: Sequence[str]) -> dict[int, dict[Key, float]]:
    """By episode and person, how much the name is like a person's, by a model of the shows in the other folds."""
    found = {}
    for left_out in folds(shows):
        model = fit_likeness(examples, [show for show in shows if show not in left_out])
        for number, example in enumerate(examples.episodes):
            if example.episode.show in left_out:
                found[number] = likeness_in(example, model)
    return found


def likeness_in(example: Example, model: VectorModel) -> dict[Key, float]:
    """For each person of an episode the log-odds that this is a person's name."""
    return dict(zip(example.names, model.log_odds(example.vectors).tolist(), strict=True))


def fit_likeness(examples: Examples, shows: Collection[str]) -> VectorModel:
    """Whether a name is a person's: names of voices, and those that are mostly or hardly ever tagged as a person's."""
    vectors, answers, of_shows = [], [], []
    for example in examples.of(shows):
        for key, vector in zip(example.names, example.vectors, strict=True):
            person = example.people.persons[key]
            speaks = example.voices[key] is not None
            if speaks or (person.tagged_share >= MOSTLY and person.mentions >= LEAST_MENTIONS):
                answers.append(1)
            elif person.tagged_share <= 1 - MOSTLY and person.mentions >= LEAST_MENTIONS:
                answers.append(0)
            else:
                continue
            vectors.append(vector)
            of_shows.append(example.episode.show)
    regression = LogisticRegression(C=LIKENESS_STRENGTH, max_iter=500, class_weight="balanced")
    regression.fit(np.array(vectors, float), np.array(answers), sample_weight=even(np.array(of_shows)))
    return VectorModel(round(float(regression.intercept_[0]), DIGITS), tuple(_rounded(regression.coef_[0])))


def folds(shows: Sequence[str]) -> list[list[str]]:
    """Shows dealt out in order of their names."""
    return [list(shows[start::FOLDS]) for start in range(FOLDS) if shows[start::FOLDS]]


def weigh_shows(
    examples: Examples, models: Mapping[str, BinaryModel], written_host: BinaryModel, shows: Collection[str]
) -> dict[int, Weighed]:
    """The weighed clues of every episode of some shows, by number: the same as pipeline's weigh, all at once."""
    numbers = [n for n, example in enumerate(examples.episodes) if example.episode.show in shows]
    spoken = {n: np.zeros(len(examples.episodes[n].clues)) for n in numbers}
    written = {n: np.zeros(len(examples.episodes[n].written)) for n in numbers}
    for name, table in examples.tables.items():
        rows = np.flatnonzero(np.isin(table.place[:, 0], numbers))
        coefficients = np.array([models[name].coefficients.get(column, 0.0) for column in table.columns])
        odds = table.features[rows] @ coefficients + models[name].constant
        target = written if name == WRITTEN else spoken
        for (number, index), value in zip(table.place[rows].tolist(), odds.tolist(), strict=True):
            target[number][index] = value
    return {
        n: Weighed(
            examples.episodes[n].clues,
            tuple(spoken[n].tolist()),
            examples.episodes[n].written,
            tuple(written[n].tolist()),
            tuple(written_host.log_odds(clue.features) for clue in examples.episodes[n].written),
        )
        for n in numbers
    }


def fit_clues(examples: Examples, shows: Collection[str]) -> dict[str, BinaryModel]:
    """One model for each relation, and one for the metadata."""
    numbers = [examples.shows.index(show) for show in shows]
    return {name: _fit_table(table, numbers, name) for name, table in examples.tables.items()}


def fit_written_host(examples: Examples, roles: Table, shows: Collection[str]) -> BinaryModel:
    """Whether somebody named in the metadata hosts; ``roles``: the table of `role_table`."""
    return _fit_table(roles, [examples.shows.index(show) for show in shows], WRITTEN)


def _fit_table(table: Table, shows: Sequence[int], name: str) -> BinaryModel:
    rows = np.isin(table.show, shows) & (table.answer >= 0)
    features, answer, show = table.features[rows], table.answer[rows], table.show[rows]
    in_shows = np.zeros(len(table.columns))
    for number in shows:
        in_shows += np.asarray(features[show == number].sum(axis=0)).ravel() > 0
    times = np.asarray(features.sum(axis=0)).ravel()
    kept = np.flatnonzero(
        (in_shows >= LEAST_SHOWS.get(name, LEAST_SHOWS_ELSE)) & (times >= LEAST_TIMES.get(name, LEAST_TIMES_ELSE))
    )
    regression = LogisticRegression(C=STRENGTH.get(name, STRENGTH_ELSE), max_iter=300, tol=1e-3)
    regression.fit(features[:, kept], answer, sample_weight=even(show))
    return BinaryModel(
        round(float(regression.intercept_[0]), DIGITS),
        {table.columns[c]: w for c, w in zip(kept, _rounded(regression.coef_[0]), strict=True) if w},
    )


def even(shows: np.ndarray) -> np.ndarray:
    """Weights by which a show counts with the square root of its rows: neither by size nor all alike."""
    counts = Counter(shows.tolist())
    weights = np.array([counts[show] ** -0.5 for show in shows.tolist()])
    return weights / weights.mean()


def _rounded(coefficients: np.ndarray) -> list[float]:
    return [round(float(value), DIGITS) for value in coefficients]


def fit_numbers(
    rows: Sequence[Mapping[str, float]], answers: Sequence[int], weights: np.ndarray, *, strength: float = 1.0
) -> NumericModel:
    """A logistic regression on scaled numbers; the scale goes into the coefficients."""
    names = sorted(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    regression = LogisticRegression(C=strength, max_iter=3000)
    regression.fit((values - mean) / spread, np.array(answers), sample_weight=weights)
    coefficients = regression.coef_[0] / spread
    constant = float(regression.intercept_[0] - (coefficients * mean).sum())
    return NumericModel(round(constant, DIGITS), dict(zip(names, _rounded(coefficients), strict=True)))


def _features(example: Example, weighed: Weighed, hosting: Mapping[str, float]) -> Features:
    return pair_features(example.talk, example.people, weighed, hosting)


def _pair_rows(example: Example, number: int, features: Features) -> Iterator[PairRow]:
    for pair, numbers in features.items():
        voice = example.voices[pair[1]]
        if voice != UNCLEAR:
            yield PairRow(number, pair, numbers, int(voice == pair[0]), example.episode.show)


def _fit_decision(
    examples: Examples, features: Mapping[int, Features], rows: Sequence[PairRow], whole: NumericModel
) -> NumericModel:
    """Whether the name that would be printed is right, where the pair's model has not seen the show."""
    numbers, answers = [], []
    for left_out in folds(sorted({row.show for row in rows})):
        pair = fit_assignment([row for row in rows if row.show not in left_out])
        for number, found in features.items():
            example = examples.episodes[number]
            if example.episode.show not in left_out:
                continue
            chosen = choose_people(example.talk, example.people, example.clues, found, pair)
            for (voice, key), row in chosen.items():
                name = printed_name(found, example.people, (voice, key), whole, least=LEAST_WHOLE)
                numbers.append(row)
                answers.append(int(judge(name, example.episode.truth[voice]) != "wrong"))
    return fit_numbers(numbers, answers, np.ones(len(answers)), strength=DECISION_STRENGTH)


def _fit_whole(examples: Examples, rows: Sequence[PairRow]) -> NumericModel:
    """Whether the whole name is right where the given name is, on voices whose whole name is known."""
    features = _by_episode(rows)
    numbers, answers, shows = [], [], []
    for row in rows:
        example = examples.episodes[row.number]
        voice, key = row.pair
        truth = example.episode.truth[voice]
        given = {fold(name)[0] for name in truth.names if fold(name)}
        if truth.role != "other" and len(key) > 1 and key[0] in given and len(fold(truth.full_name)) > 1:
            numbers.append(whole_features(features[row.number], example.people, voice, key))
            answers.append(int(_whole_fits(key, truth.names)))
            shows.append(row.show)
    return fit_numbers(numbers, answers, even(np.array(shows)))


def _whole_fits(key: Key, names: Sequence[str]) -> bool:
    return any(len(fold(name)) > 1 and fold(name)[-1] == key[-1] for name in names)


def _unseen_hosting(examples: Examples, manner: Manner, shows: Sequence[str]) -> dict[int, dict[str, float]]:
    """By episode and voice, the log-odds that it hosts by its manner, by a model of the shows in the other folds."""
    found = {}
    for left_out in folds(shows):
        seen = {n: numbers for n, numbers in manner.items() if examples.episodes[n].episode.show not in left_out}
        model = _fit_manner(examples, seen)
        for number in manner.keys() - seen.keys():
            found[number] = {voice: model.log_odds(numbers) for voice, numbers in manner[number].items()}
    return found


def _fit_manner(examples: Examples, manner: Manner) -> NumericModel:
    """Whether a voice hosts, by how it speaks."""
    return _fit_roles(examples, {(n, voice): row for n, voices in manner.items() for voice, row in voices.items()})


def _fit_host(examples: Examples, manner: Manner, rows: Sequence[PairRow]) -> NumericModel:
    """Whether a voice hosts, by how it speaks and how it is named; each has the name that it bears."""
    features = _by_episode(rows)
    numbers = {}
    for number, voices in manner.items():
        named = examples.episodes[number].voices
        bearers = {voice: key for key, voice in sorted(named.items()) if voice and voice != UNCLEAR}
        for voice, row in role_numbers(voices, features.get(number, {}), bearers).items():
            numbers[number, voice] = row
    return _fit_roles(examples, numbers)


def _fit_roles(examples: Examples, numbers: Mapping[tuple[int, str], Mapping[str, float]]) -> NumericModel:
    """Whether a voice hosts, on voices whose role was published."""
    kept, answers, shows = [], [], []
    for (number, voice), row in numbers.items():
        episode = examples.episodes[number].episode
        if episode.truth[voice].role in ROLES:
            kept.append(row)
            answers.append(int(episode.truth[voice].role == "host"))
            shows.append(episode.show)
    return fit_numbers(kept, answers, even(np.array(shows)), strength=HOST_STRENGTH)


def _by_episode(rows: Sequence[PairRow]) -> dict[int, Features]:
    features: dict[int, Features] = {}
    for row in rows:
        features.setdefault(row.number, {})[row.pair] = row.numbers
    return features
