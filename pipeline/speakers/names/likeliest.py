"""Who each voice is likeliest to be, and the numbers that tell whether that name is right."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from pipeline.speakers.names.clues import Clue, Talk
from pipeline.speakers.names.model import NumericModel
from pipeline.speakers.names.pairs import Pair, name_chances, score_pairs
from pipeline.speakers.names.people import Key, People

INTRODUCED = "says=own"
EARLY_TURNS = 5
"""The first turns of a voice, in which it introduces itself: of the names after "I'm" and the like 92 % are its own in
the first turn, 97 % of 72 in the next four, 36 % of 59 in later ones."""
MOSTLY_TAGGED = 0.5
"""Share of a person's mentions that are tagged as a person's, from which one that is not counts as a name, too: of the
names by which voices introduce themselves that are not tagged there, 11 of 11 are theirs from 0.5, 19 of 27 below."""
LEAST_CHANCE = 0.2
"""Over all assignments, from which a person is taken for a voice at all; whether the name is printed comes after."""
DECIDED_BY = ("present_mean", "speaks_of", "two", "together, informed")
"""Numbers of a pair that bear on whether its name is printed."""


def choose_people(
    talk: Talk,
    people: People,
    clues: Sequence[Clue],
    features: Mapping[Pair, Mapping[str, float]],
    pair: NumericModel,
) -> dict[Pair, dict[str, float]]:
    """Who the voices are likeliest to be, each voice one person, with the numbers that tell whether that is right.

    ``features``: the numbers of every voice and person; ``pair``: the model that weighs them.
    """
    scores = score_pairs(features, pair)
    chances = name_chances(scores)
    chosen: dict[str, Key] = {}
    for voice, key in sorted(chances, key=lambda pair: (-chances[pair], -scores[pair], pair)):
        if chances[voice, key] >= LEAST_CHANCE and voice not in chosen and key not in chosen.values():
            chosen[voice] = key
    introduced, named = introductions(talk, people, clues), _turns_named(talk, clues)
    return {
        (voice, key): {
            **{name: features[voice, key][name] for name in DECIDED_BY},
            **_rivals((voice, key), chances),
            **_introduced(key, introduced.get(voice)),
            **_where_named(talk, voice, named[key]),
        }
        for voice, key in chosen.items()
    }


def introductions(talk: Talk, people: People, clues: Sequence[Clue]) -> dict[str, Clue]:
    """Where each voice gives its name in its first turns ("I'm Ada Park"); a voice that gives several is left out."""
    found: dict[str, Clue] = {}
    several: set[str] = set()
    early = _early_turns(talk)
    for clue in clues:
        tagged = clue.mention.person or people.persons[clue.person].tagged_share >= MOSTLY_TAGGED
        introduced = clue.relation == "self" and tagged and INTRODUCED in clue.features
        if introduced and clue.mention.text in early:
            other = found.setdefault(clue.voice, clue)
            if other.person[0] != clue.person[0]:
                several.add(clue.voice)
            elif len(other.mention.key) < len(clue.mention.key):
                found[clue.voice] = clue
    return {voice: clue for voice, clue in found.items() if voice not in several}


def _early_turns(talk: Talk) -> set[int]:
    """The first turns of every voice, numbered as the texts of mentions are."""
    count: Counter[str] = Counter()
    early = set()
    for number, voice in enumerate(talk.voices, start=len(talk.metadata)):
        if count[voice] < EARLY_TURNS:
            early.add(number)
        count[voice] += 1
    return early


def _turns_named(talk: Talk, clues: Sequence[Clue]) -> dict[Key, list[int]]:
    """For each person the turns in which it is named, in order."""
    found: dict[Key, set[int]] = defaultdict(set)
    for clue in clues:
        found[clue.person].add(clue.mention.text - len(talk.metadata))
    return {key: sorted(turns) for key, turns in found.items()}


def _rivals(pair: Pair, chances: Mapping[Pair, float]) -> dict[str, float]:
    """The chances of the next best person of another given name, and of the next best voice."""
    voice, key = pair
    others = (chance for (other, name), chance in chances.items() if other == voice and name[0] != key[0])
    bearers = (chance for (other, name), chance in chances.items() if other != voice and name == key)
    return {"rival_person": max(others, default=0.0), "rival_voice": max(bearers, default=0.0)}


def _introduced(key: Key, own: Clue | None) -> dict[str, float]:
    """Whether the voice introduces itself by that name; ``own``: where it gives one."""
    is_own = own is not None and own.person == key
    whole = own is not None and is_own and len(own.mention.key) > 1
    return {"introduced": float(is_own), "introduced_whole": float(whole)}


def _where_named(talk: Talk, voice: str, named: Sequence[int]) -> dict[str, float]:
    """Where in the episode the name is said and by how many others, and how long the voice's turns are.

    A guest is named about when it first speaks; ``apart``: the turns between. Who takes part is named now and again
    from beginning to end, ``spread``; a character or somebody all speak of is named by more voices, ``namers``.
    """
    words = [len(turn.text.split()) for turn, speaker in zip(talk.turns, talk.voices, strict=True) if speaker == voice]
    return {
        "apart": math.log1p(abs(named[0] - talk.first_turn[voice])),
        "spread": (named[-1] - named[0]) / len(talk.turns),
        "namers": math.log1p(len({talk.voices[turn] for turn in named} - {voice})),
        "turn_words": math.log(max(1, sum(words)) / len(words)),
    }
