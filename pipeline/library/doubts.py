"""What of an episode waits for a person: ads that are held, voices without a name, passages that may be misheard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.cache import EpisodeFolder
from pipeline.result import Result
from pipeline.speakers.names.pairs import BIG_SHARE
from pipeline.timeline import Seconds
from pipeline.words.published import Compared

DOUBTFUL = 0.5
"""Probability below which a word is shown as doubtful. Chosen, not measured: Whisper's own threshold for giving up on a
passage is an average of 0.37."""
LONGEST_DOUBT = 12
"""Words of one doubtful passage: more than that is heard in pieces."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How much of an episode waits for a person."""

    ads: int
    voices: int
    passages: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """The words ``first`` to ``last``, both included, and why they are doubted."""

    first: int
    last: int
    why: str


def count_waiting(result: Result, compared: Compared) -> Waits:
    """What waits in a result; ``compared``: the publisher's own transcript beside it."""
    held = sum(ad.verdict == "hold" for ad in result.ads)
    return Waits(held, len(unnamed_voices(result)), len(find_doubts(result, dict(compared.otherwise))))


def unnamed_voices(result: Result) -> tuple[str, ...]:
    """The labels of voices that have no name and say enough of the show."""
    removed = result.cuts
    said = Counter(w.speaker for w in result.transcript.words if w.speaker and not removed.removes(w.middle))
    least = BIG_SHARE * said.total()
    return tuple(s.label for s in result.speakers if not s.name and s.role != "ad" and said[s.label] > least)


def find_doubts(result: Result, otherwise: Mapping[Seconds, str]) -> tuple[Doubt, ...]:
    """Passages to listen to, in order of time.

    ``otherwise``: what the publisher has for the word that starts then, empty where it has none.
    """
    why = _doubtful(result, otherwise)
    doubts: list[Doubt] = []
    for place, reason in sorted(why.items()):
        last = doubts[-1] if doubts else None
        if last and place == last.last + 1 and place - last.first < LONGEST_DOUBT:
            doubts[-1] = Doubt(last.first, place, last.why)
        else:
            doubts.append(Doubt(place, place, reason))
    return tuple(doubts)


def kept_otherwise(folder: EpisodeFolder) -> Mapping[Seconds, str]:
    """What the publisher has for the words of a finished episode that were heard otherwise."""
    try:
        return dict(folder.load("published", Compared).value.otherwise)
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _doubtful(result: Result, otherwise: Mapping[Seconds, str]) -> dict[int, str]:
    """Why a word is doubtful, by its place; what a person has confirmed (a probability of one) is not."""
    again = [warning for warning in result.warnings if warning.kind == "heard again"]
    why: dict[int, str] = {}
    for place, word in enumerate(result.transcript.words):
        if word.probability >= 1.0:
            continue
        written = otherwise.get(word.start)
        if written is not None:
            why[place] = f"the publisher has “{written}”" if written else "the publisher does not have it"
        elif word.probability < DOUBTFUL:
            why[place] = f"the recogniser was {word.probability:.0%} sure"
        elif any(warning.contains(word.middle) for warning in again):
            why[place] = "heard a second time"
    return why
