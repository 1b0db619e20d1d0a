"""What leads up to a name."""

from __future__ import annotations

import pytest

from models.scripted import ScriptedLanguage
from pipeline.language import TokenSpan
from pipeline.speakers.names.formulas import formulas_before

SAID = [
    ("Hello, I'm Wanda.", ("own",)),
    ("My name is Wanda.", ("own",)),
    ("Her name is Wanda.", ("another's", "own, far")),
    ("You hear the tides with me, Wanda.", ("shown",)),
    ("This is Tides with me, Wanda.", ("own", "shown")),
    ("You may know me as Wanda.", ("own",)),
    ("We row here with my neighbour Wanda.", ("other",)),
    ("Here is my cohost, Wanda.", ("other",)),
    ("Today I'm joined by my friend Wanda.", ("other",)),
    ("Thank you so much, Wanda.", ("thanks",)),
    ("Well, Wanda, it rains.", ("turns to",)),
    ("It rains. Wanda here.", ("here",)),
    ("I am told that Wanda rows.", ("own, far",)),
]


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_the_wording_before_a_name_has_its_class(text: str, expected: tuple[str, ...]) -> None:
    (analysed,) = ScriptedLanguage().analyse([text], language="en")
    place = [token.text for token in analysed.tokens].index("Wanda")
    assert formulas_before(analysed.tokens, TokenSpan(place, place + 1)) == expected
