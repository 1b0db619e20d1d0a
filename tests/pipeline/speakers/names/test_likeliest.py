"""The person that each voice is likeliest to be, with what tells whether that is right."""

import math

import pytest

from models.scripted import ScriptedLanguage
from pipeline.speakers.names.clues import Talk, find_clues
from pipeline.speakers.names.likeliest import DECIDED_BY, choose_people
from pipeline.speakers.names.mentions import find_mentions
from pipeline.speakers.names.model import NumericModel
from pipeline.speakers.names.pairs import Pair
from pipeline.speakers.names.people import list_people

ADA, BO = ("ada", "holt"), ("bo", "lind")
LINES = (
    ("A", "well, Ada Holt writes on tides"),
    ("B", "so does Bo Lind"),
    ("C", "they do"),
    ("B", "and Ada Holt does"),
)


def chosen(scores: dict[Pair, float]) -> dict[Pair, dict[str, float]]:
    turns = ScriptedLanguage().analyse([text for _, text in LINES])
    talk = Talk.of((), turns, [voice for voice, _ in LINES])
    mentions = find_mentions(talk.turns)
    people = list_people(mentions, ())
    clues, _ = find_clues(talk, mentions, people)
    features = {pair: dict.fromkeys(DECIDED_BY, 0.0) | {"together": score} for pair, score in scores.items()}
    return choose_people(talk, people, clues, features, NumericModel(0.0, {"together": 1.0}))


def test_each_person_is_one_voices_and_rivals_are_told_with_the_choice() -> None:
    found = chosen({("A", ADA): 4.0, ("B", ADA): 2.0, ("B", BO): 1.0, ("C", BO): -9.0})
    assert list(found) == [("A", ADA), ("B", BO)]
    assert not found["A", ADA]["introduced"]
    assert 0.0 < found["A", ADA]["rival_voice"] < 0.2 and found["A", ADA]["rival_person"] == 0.0
    assert found["B", BO]["rival_person"] == pytest.approx(found["A", ADA]["rival_voice"])


def test_where_a_name_is_said_is_told_with_the_choice() -> None:
    found = chosen({("C", ADA): 4.0})["C", ADA]
    assert found["apart"] == pytest.approx(math.log(3))  # named in the first turn, speaks in the third
    assert found["spread"] == pytest.approx(3 / 4)
    assert found["namers"] == pytest.approx(math.log(3))  # A and B
    assert found["turn_words"] == pytest.approx(math.log(2))
