"""What tells a host from a guest: how a voice opens and closes, how much it asks, and how it is introduced."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pipeline.speakers.clues import Clue, Talk, WrittenClue
from pipeline.speakers.model import probability
from pipeline.speakers.pairs import BIG_SHARE, NONE, Pair, Weighed, shares
from pipeline.speakers.people import Key

OPENING_WORDS = 60
"""Words at either end of what a voice says that are read for a greeting, thanks or a farewell."""
CLUES_READ = 3  # the likeliest clues that a name is this voice's
ABOUT = ("l1=", "l2=", "l3=", "l2 l1=", "r1=", "r2=", "left=", "right=", "role=", "part=")
"""Which features of a clue say something about a role: the words around the name."""


def wording(talk: Talk, weighed: Weighed, voice: str, person: Key | None) -> tuple[str, ...]:
    """What a voice opens and closes with, and the words around its name: features of the model of wording."""
    introduced = _introduced(weighed, voice, person) if person else []
    return tuple(dict.fromkeys([*_ends(talk, voice), *introduced]))


def role_numbers(
    talk: Talk, weighed: Weighed, features: Mapping[Pair, Mapping[str, float]], voice: str, person: Key | None
) -> dict[str, float]:
    """How much a voice speaks and asks, when it comes in, how it is named, and whether it names others."""
    share = shares(talk)
    big = [other for other in share if share[other] >= BIG_SHARE] or [voice]
    own = [turn for turn, speaker in zip(talk.turns, talk.voices, strict=True) if speaker == voice]
    words = max(1, sum(len(turn.text.split()) for turn in own))
    numbers = features.get((voice, person), {}) if person else {}
    return {
        "share": math.log(share[voice] * len(big) + 0.01),
        "most": float(share[voice] == max(share.values())),
        "first": float(talk.voices[0] == voice),
        "place": math.log1p(list(share).index(voice)),
        "last": float(talk.voices[-1] == voice),
        "voices": math.log(len(big)),
        "turns": math.log(len(own) / len(talk.voices) * len(big)),
        "turn_words": math.log(words / len(own)),
        "asks": sum(turn.text.rstrip().endswith("?") for turn in own) / len(own),
        "questions": 100 * sum(turn.text.count("?") for turn in own) / words,
        "names_next": _names_others(talk, weighed, voice),
        "named": float(person is not None),
        **{name: numbers.get(name, NONE) for name in ("best_self", "best_next", "best_both", "best_later")},
        **{name: numbers.get(name, 0.0) for name in ("title", "show", "description")},
    }


def _names_others(talk: Talk, weighed: Weighed, voice: str) -> float:
    """How often, by chance and beside its share of the turns, the voice names the one who speaks next."""
    before = len(talk.metadata)
    named = sum(
        probability(odds)
        for clue, odds in zip(weighed.clues, weighed.odds, strict=True)
        if clue.relation in ("both", "next", "later") and talk.voices[clue.mention.text - before] == voice
    )
    return math.log1p(named)


def _ends(talk: Talk, voice: str) -> Iterator[str]:
    """The words and pairs of words that the voice begins and ends with; names and numbers are left out."""
    words = [
        token.lemma.lower() if token.pos not in ("PROPN", "NUM") else "<name>"
        for turn, speaker in zip(talk.turns, talk.voices, strict=True)
        if speaker == voice
        for token in turn.tokens
        if token.pos not in ("PUNCT", "SPACE")
    ]
    for name, part in (("begins", words[:OPENING_WORDS]), ("ends", words[-OPENING_WORDS:])):
        yield from (f"{name}={word}" for word in dict.fromkeys(part))
        yield from (f"{name}={one} {two}" for one, two in dict.fromkeys(pairwise(part)))


def _introduced(weighed: Weighed, voice: str, person: Key) -> Iterator[str]:
    """The words around the name where it is likeliest this voice's, and in the metadata."""
    own: list[tuple[float, Clue]] = [
        (odds, clue)
        for clue, odds in zip(weighed.clues, weighed.odds, strict=True)
        if clue.voice == voice and clue.person == person
    ]
    for _, clue in sorted(own, key=lambda pair: -pair[0])[:CLUES_READ]:
        yield from (f"{clue.relation} {feature}" for feature in _about(clue.features))
    written: Sequence[WrittenClue] = [clue for clue in weighed.written if clue.person == person]
    yield f"written={bool(written)}"
    for written_clue in written:
        yield from (f"written {feature}" for feature in _about(written_clue.features))


def _about(features: Sequence[str]) -> Iterator[str]:
    return (feature for feature in features if feature.startswith(ABOUT))
