"""Sentences as they stand in print, judged by their grammar; needs the English weights."""

from __future__ import annotations

import pytest

from pipeline.errors import WeightsError
from pipeline.notes.standalone import Standing, judge_sentence

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def language():
    module, weights = pytest.importorskip("models.language"), pytest.importorskip("models.weights.installed")
    try:
        weights.locate("spacy-en")
    except WeightsError as missing:
        pytest.skip(str(missing))
    return module.SpacyLanguage()


def judged(language, text: str, *, opening: bool = False) -> Standing:
    return judge_sentence(language.analyse([text])[0], opening=opening)


@pytest.mark.parametrize(
    "text",
    [
        "The company is in danger of losing its lead in the race.",
        "Google announced a plan to build three data centers in Ohio.",
        "As the lead was slipping, the message from the chief executive was clear.",
        "When the bakery closed, the police asked the baker for her keys.",
    ],
)
def test_these_stand_alone(language, text: str):
    assert judged(language, text).faults == ()


@pytest.mark.parametrize(
    "text",
    [
        "He covers artificial intelligence for the paper in New York.",
        "They thought the chatbot became too cold and distant.",
        "Was actually in Benson, a five minute walk from the car.",
        "Because the company needs more money than the bank has.",
        "A very long walk along the river.",
        "This is exactly what the researchers were afraid of.",
        "That led to the school pulling its website offline for finals.",
        "In that picture there is a version of the dog on the right.",
        "and the other half of the sentence never arrived here",
        "Where one student comes in and says something about the test.",
        "How are you going to get to the truth of the matter?",
        "The, also the other thing we feed in is a map of the town.",
        "The baker, the baker has a lot of flour in the kitchen.",
        "The oven is, you know, the heart of the whole bakery.",
        "After which the bread can rise in the warm kitchen.",
        "The third part is that bakers sleep at noon.",
    ],
)
def test_these_do_not(language, text: str):
    assert judged(language, text).faults


def test_what_joins_a_sentence_to_the_one_before_goes(language):
    standing = judged(language, "But, you know, the model was very popular with the public.")
    assert standing.printed == "The model was very popular with the public." and not standing.exact
    assert judged(language, "The model was very popular with the public.").exact


def test_so_far_is_no_opener(language):
    assert judged(language, "So far the model has been popular with the public.").exact


def test_this_episode_is_clear_where_it_opens(language):
    text = "In this episode, Ada Park explains how bakers feed a town."
    assert judged(language, text, opening=True).faults == ()
    assert judged(language, text).faults == ("pointing",)
