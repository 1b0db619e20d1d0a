"""Sentences as they would stand in print."""

from __future__ import annotations

import pytest

from models.language import SpacyLanguage
from models.notes.artifact import load_notes_model
from pipeline.language import AnalysedText
from pipeline.notes.standing import MOST_WORDS, Standing, stand
from tests.weights import need

pytestmark = pytest.mark.weights
WHOLE = (
    "The company is in danger of losing its lead in the race.",
    "Google announced a plan to build three data centers in Ohio.",
    "As the lead was slipping, the message from the chief executive was clear.",
)
FRAGMENTS = (
    "He covers it for the paper over there with them.",
    "Because the company needs more of it than the bank.",
    "A very long walk along the river and that other thing.",
    "That led to this, which is what they were afraid of.",
    "Where one student comes in and says something about it.",
    "The, also the other thing we feed in is a, a map.",
    "The oven is, you know, like, the heart of it all.",
)


@pytest.fixture(scope="module")
def language() -> SpacyLanguage:
    need("spacy-en", "mpnet")
    return SpacyLanguage()


def standing(language: SpacyLanguage, text: str) -> Standing:
    return stand(language.analyse([text])[0])


@pytest.mark.parametrize("text", WHOLE)
def test_a_statement_is_printed_as_it_was_said(language, text: str):
    assert standing(language, text) == Standing(text, exact=True, whole=True)


@pytest.mark.parametrize(
    "text",
    [
        "the other half of the sentence never arrived here.",
        "How are you going to get to the truth of the matter?",
        "The other half of the sentence never arrived at the",
        "\u2014 the other half of the sentence never arrived here.",
        "Too few words.",
        "The city has a lot of of bridges over the river.",
        "The bridges were built by, for the most part masons.",
        "I know most of the people on this list by name.",
        "Here the council has built a bridge over the river.",
        "They built a very long bridge over the river last year.",
        "Have built a very long bridge over the river last year.",
        " ".join(["Word", *["after"] * MOST_WORDS, "word."]),
    ],
)
def test_what_has_not_the_form_of_a_statement_is_not_printed(language, text: str):
    assert not standing(language, text).whole


def test_what_joins_a_sentence_to_the_one_before_goes(language):
    text = "And, um, so the model was very popular with the public."
    assert standing(language, text) == Standing("The model was very popular with the public.", exact=False, whole=True)


def test_a_pronoun_after_its_noun_and_a_that_which_joins_stay(language):
    assert standing(language, "The masons said that they had built the bridge that fell.").whole


def test_so_far_is_no_opener(language):
    assert standing(language, "So far the model has been popular with the public.").exact


def test_nothing_is_no_statement():
    assert stand(AnalysedText("", (), ())) == Standing("", exact=True, whole=False)


def test_the_judge_prefers_what_stands_alone(language):
    odds = load_notes_model().judge.odds([*WHOLE, *FRAGMENTS])
    assert odds[: len(WHOLE)].min() > odds[len(WHOLE) :].max()
