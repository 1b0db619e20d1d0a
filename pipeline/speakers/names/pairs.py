"""A voice and a person: what all clues together say about whether they belong together, as numbers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.speakers.hearing import Heard, heard_numbers
from pipeline.speakers.names.clues import RELATIONS, Clue, Talk, WrittenClue
from pipeline.speakers.names.likeness import likeness_features
from pipeline.speakers.names.model import NamingModel, NumericModel, log_odds, probability
from pipeline.speakers.names.people import Key, People

Pair = tuple[str, Key]
"""A voice and a person."""
Assignment = tuple[Pair, ...]
"""Voices and the people they are; voices that are nobody's are left out."""

NONE = -5.0  # log-odds that stand for "no such clue"
UNWRITTEN = -4.0  # the same for the metadata
RARELY = 0.3  # a voice that says a name with less than this chance of meaning itself speaks of somebody else
BIG_SHARE = 0.02  # of the words: voices below it are asides
MOST_PEOPLE = 5  # of a voice that are weighed against each other, the likeliest
MOST_ASSIGNMENTS = 200
"""Ways to give the voices of an episode their people that are weighed against each other, the likeliest."""
WHERE_INFORMED = (
    "together", "present_best", "title", "description", "show", "in_metadata", "best_next", "best_both",
    "best_previous", "best_self", "best_later", "said_share", "speaks_of", "big", "first", "hosts", "written_hosts",
    "whole", "tagged_share",
)  # fmt: skip
"""Numbers of a pair that are weighed once more where the metadata names people."""

WHOLE_BY = (
    "by_whole", "by_given", "wholes", "written", "in_metadata", "title", "show", "tagged_share", "best_self",
    "present_best",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weighed:
    """The clues of an episode with the log-odds that each has by itself, in the same order.

    ``written_hosts``: of each clue of the metadata the log-odds that the person who is named there hosts.
    """

    clues: tuple[Clue, ...]
    odds: tuple[float, ...]
    written: tuple[WrittenClue, ...]
    written_odds: tuple[float, ...]
    written_hosts: tuple[float, ...]


def weigh(
    clues: tuple[Clue, ...],
    written: tuple[WrittenClue, ...],
    model: NamingModel,
    likeness: Mapping[Key, float],
    heard: Heard,
) -> Weighed:
    """Every clue with its log-odds by the model; ``likeness``: of each person, whether the name is a person's."""

    def features(clue: Clue | WrittenClue) -> tuple[str, ...]:
        return clue.features + likeness_features(clue.mention, likeness[clue.person])

    return Weighed(
        clues,
        tuple(
            model.clues[clue.relation].log_odds(
                features(clue), heard_numbers(heard.get(clue.mention, {}).get(clue.relation))
            )
            for clue in clues
        ),
        written,
        tuple(model.written.log_odds(features(clue)) for clue in written),
        tuple(model.written_host.log_odds(clue.features) for clue in written),
    )


def shares(talk: Talk) -> dict[str, float]:
    """Each voice's share of the words, voices in order of appearance."""
    words: Counter[str] = Counter()
    for voice, turn in zip(talk.voices, talk.turns, strict=True):
        words[voice] += len(turn.text.split())
    total = max(1, sum(words.values()))
    return {voice: count / total for voice, count in words.items()}


def pair_features(
    talk: Talk, people: People, weighed: Weighed, hosting: Mapping[str, float]
) -> dict[Pair, dict[str, float]]:
    """The numbers of every voice and person that share a clue; ``hosting``: each voice's log-odds of being a host."""
    by_pair: dict[Pair, list[tuple[Clue, float]]] = defaultdict(list)
    present: dict[Key, list[float]] = defaultdict(list)
    for clue, odds in zip(weighed.clues, weighed.odds, strict=True):
        if clue.relation == "any":
            present[clue.person].append(odds)
        else:
            by_pair[clue.voice, clue.person].append((clue, odds))
    said, selves = _by_person(by_pair)
    written: dict[Key, list[tuple[WrittenClue, float]]] = defaultdict(list)
    for written_clue, odds in zip(weighed.written, weighed.written_odds, strict=True):
        written[written_clue.person].append((written_clue, odds))
    told: dict[Key, list[float]] = defaultdict(list)
    for written_clue, odds in zip(weighed.written, weighed.written_hosts, strict=True):
        told[written_clue.person].append(odds)
    share = shares(talk)
    small = {clue.person for clue in weighed.clues if "small" in clue.features}
    numbers = {
        (voice, key): {
            **_by_relation(found),
            **_whole_and_given(found),
            **_who_says(voice, said[key], selves[key], len(found_beside(found)), share[voice]),
            **_in_metadata(written[key], people.persons[key].written),
            **_as_host(hosting[voice], written[key]),
            **_of_voice(voice, share),
            "written_hosts": sum(told[key]) / max(1, len(told[key])),
            "present_mean": sum(present[key]) / len(present[key]),
            "present_best": max(present[key]),
            "tagged_share": people.persons[key].tagged_share,
            "whole": float(len(key) > 1),
            "wholes": math.log1p(people.persons[key].whole),
            "small": float(key in small),
            "left_out": float(people.informed and not people.persons[key].written),
        }
        for (voice, key), found in by_pair.items()
    }
    return {pair: row | _where_informed(row, people) for pair, row in numbers.items()}


def _where_informed(row: Mapping[str, float], people: People) -> dict[str, float]:
    return {f"{name}, informed": row[name] * people.informed for name in WHERE_INFORMED}


def found_beside(found: Sequence[tuple[Clue, float]]) -> list[float]:
    """The log-odds of the clues in which the voice speaks right before or after."""
    return [odds for clue, odds in found if clue.relation in ("both", "next", "previous")]


def _by_person(
    by_pair: Mapping[Pair, Sequence[tuple[Clue, float]]],
) -> tuple[dict[Key, Counter[str]], dict[Key, dict[str, float]]]:
    """For each person: how often each voice says the name, and the best chance that it means itself."""
    said: dict[Key, Counter[str]] = defaultdict(Counter)
    selves: dict[Key, dict[str, float]] = defaultdict(dict)
    for (voice, key), found in by_pair.items():
        own = [probability(odds) for clue, odds in found if clue.relation == "self"]
        said[key][voice] = len(own)
        selves[key][voice] = max(own, default=0.0)
    return said, selves


def _as_host(hosting: float, clues: Sequence[tuple[WrittenClue, float]]) -> dict[str, float]:
    """Whether the voice sounds like a host, by itself and beside where the person is named in the metadata."""
    parts = {clue.mention.text for clue, _ in clues}
    return {
        "hosts": hosting,
        **{f"hosts_{name}": hosting * (part in parts) for part, name in enumerate(("title", "show", "description"))},
    }


def _by_relation(found: Sequence[tuple[Clue, float]]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    nothing = 1.0
    for relation in RELATIONS[1:]:
        chances = [probability(odds) for clue, odds in found if clue.relation == relation]
        numbers[f"best_{relation}"] = log_odds(max(chances)) if chances else NONE
        numbers[f"has_{relation}"] = float(bool(chances))
        numbers[f"sum_{relation}"] = math.log(0.05 + sum(chances))
        nothing *= math.prod(1 - chance for chance in chances)
    aside = sum(probability(odds) < RARELY for clue, odds in found if clue.relation == "self")
    return numbers | {
        "together": log_odds(1 - nothing),
        "speaks_of": math.log1p(aside),
        "speaks_of_ever": float(aside > 0),
    }


def _whole_and_given(found: Sequence[tuple[Clue, float]]) -> dict[str, float]:
    """What the clues say that use the whole name, and those that use a part of it."""
    whole = [1 - probability(odds) for clue, odds in found if len(clue.mention.key) > 1]
    given = [1 - probability(odds) for clue, odds in found if len(clue.mention.key) == 1]
    return {"by_whole": log_odds(1 - math.prod(whole)), "by_given": log_odds(1 - math.prod(given))}


def _who_says(
    voice: str, said: Counter[str], selves: Mapping[str, float], beside: int, share: float
) -> dict[str, float]:
    total = said.total()
    by_others = total - said[voice]
    beside_share = beside / by_others if by_others else 0.0
    return {
        "said": math.log1p(total),
        "said_share": said[voice] / total if total else 0.0,
        "others_self": max((chance for other, chance in selves.items() if other != voice), default=0.0),
        "beside_share": beside_share,
        "beside_more": beside_share - share,
    }


def _in_metadata(clues: Sequence[tuple[WrittenClue, float]], times: int) -> dict[str, float]:
    parts = {clue.mention.text for clue, _ in clues}
    return {
        "in_metadata": max((odds for _, odds in clues), default=UNWRITTEN),
        "written": float(times > 0),
        "title": float(0 in parts),
        "show": float(1 in parts),
        "description": float(2 in parts),
    }


def _of_voice(voice: str, share: Mapping[str, float]) -> dict[str, float]:
    order = list(share)
    big = sum(part >= BIG_SHARE for part in share.values())
    return {
        "share": math.log(share[voice] + 0.005),
        "big": float(share[voice] >= BIG_SHARE),
        "first": float(order[0] == voice),
        "second": float(order[1:2] == [voice]),
        "voices": math.log(max(1, big)),
        "two": float(big == 2),
    }


def assignments(scores: Mapping[Pair, float]) -> list[Assignment]:
    """The likeliest ways to give voices people, best first: each voice one person or none, each person one voice.

    Beam search: the voices with the clearest scores are decided first.

    >>> assignments({("A", ("ada",)): 2.0, ("B", ("ada",)): 1.0})
    [(('A', ('ada',)),), (('B', ('ada',)),), ()]
    """
    of_voice: dict[str, list[tuple[float, Pair]]] = defaultdict(list)
    for pair, score in scores.items():
        of_voice[pair[0]].append((score, pair))
    found: list[tuple[float, Assignment]] = [(0.0, ())]
    for ranked in sorted((sorted(few, reverse=True) for few in of_voice.values()), reverse=True):
        longer = [
            (total + score, (*given, pair))
            for total, given in found
            for score, pair in ranked[:MOST_PEOPLE]
            if all(pair[1] != person for _, person in given)
        ]
        found = sorted(found + longer, key=lambda way: (-way[0], way[1]))[:MOST_ASSIGNMENTS]
    return [given for _, given in found]


def name_chances(scores: Mapping[Pair, float]) -> dict[Pair, float]:
    """For each voice and person the chance that the voice bears that given name, over all assignments.

    ``scores``: log-odds of every pair by itself. An assignment is as likely as the product of the odds of its pairs.
    Two people of one given name are no rivals: the voice may still be told by that name.
    """
    ways = assignments(scores)
    odds = [sum(scores[pair] for pair in way) for way in ways]
    weights = [math.exp(each - odds[0]) for each in odds]
    total = sum(weights)
    given: dict[tuple[str, str], float] = defaultdict(float)
    for way, weight in zip(ways, weights, strict=True):
        for voice, key in way:
            given[voice, key[0]] += weight / total
    return {(voice, key): given[voice, key[0]] for voice, key in scores}


def whole_features(
    features: Mapping[Pair, Mapping[str, float]], people: People, voice: str, key: Key
) -> dict[str, float]:
    """What tells whether the whole name is that of a voice whose given name is settled.

    Another person of that given name is a rival: the voice, or the metadata, may have named that one.
    """
    person, numbers = people.persons[key], features[voice, key]
    given = max(1, person.mentions - person.whole)
    rivals = [other for other in people.persons if other != key and len(other) > 1 and other[0] == key[0]]
    return {
        **{name: numbers[name] for name in WHOLE_BY},
        "given": math.log(given),
        "more_whole": math.log((person.whole + 0.5) / given),
        "rivals": float(len(rivals)),
        "rival_written": float(any(people.persons[other].written for other in rivals)),
        "rival_by_whole": max((features[voice, o]["by_whole"] for o in rivals if (voice, o) in features), default=NONE),
    }


def score_pairs(features: Mapping[Pair, Mapping[str, float]], model: NumericModel) -> dict[Pair, float]:
    """Log-odds of every pair."""
    return {pair: model.log_odds(numbers) for pair, numbers in features.items()}
