"""A voice and a person beside their rivals: who is left over when the others are taken."""

import math

from pipeline.speakers.names.pairs import DECIDED_BY, decision_features
from pipeline.speakers.names.people import Key

ADA, BO = ("ada", "holt"), ("bo", "lind")


def numbers(**given: float) -> dict[str, float]:
    return {
        **dict.fromkeys(DECIDED_BY, 0.0),
        "voices": math.log(2),
        "big": 1.0,
        "present_best": 3.0,
        "in_metadata": 1.0,
    } | given


def decided(scores: dict[tuple[str, Key], float], **given: float) -> dict[tuple[str, Key], dict[str, float]]:
    return decision_features({pair: numbers(**given) for pair in scores}, scores)


def test_who_speaks_is_the_voice_that_is_left_over_where_the_other_is_taken() -> None:
    sure = decided({("A", ADA): 6.0, ("B", BO): 0.0})["B", BO]
    open_ = decided({("A", ADA): -6.0, ("B", BO): 0.0})["B", BO]
    assert sure["free_voices"] < 0.01 < 0.99 < open_["free_voices"]
    assert open_["left_over"] < sure["left_over"] <= 3.0


def test_a_voice_without_any_name_is_free_and_asides_are_not_counted() -> None:
    assert decided({("B", BO): 0.0})["B", BO]["free_voices"] == 1.0
    assert decided({("B", BO): 0.0}, voices=0.0)["B", BO]["free_voices"] == 0.0


def test_the_person_asked_about_does_not_take_the_other_voice() -> None:
    assert decided({("A", ADA): 6.0, ("B", ADA): 0.0})["B", ADA]["free_voices"] > 0.99
