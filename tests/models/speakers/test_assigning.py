"""Fitting whole assignments: the numbers that tell the right way from the others get the weight."""

from models.speakers.assigning import PairRow, fit_assignment
from pipeline.speakers.names.pairs import Pair, name_chances, score_pairs

PEOPLE = (("ada",), ("bo",), ("cy",))


def rows() -> list[PairRow]:
    """Twelve episodes of three voices, in which "told" says who is who and "loud" says nothing; nobody is Cy."""
    found = []
    for number in range(12):
        for voice in range(3):
            for person in range(3):
                told, loud = float(voice == person), float((number + voice + person) % 2)
                numbers = {"told": told, "loud": loud, "together": loud}
                answer = int(voice == person < 2)
                found.append(PairRow(number, (f"V{voice}", PEOPLE[person]), numbers, answer, f"show {number % 3}"))
    return found


def test_what_tells_voices_apart_is_learnt_and_the_rest_is_not() -> None:
    model = fit_assignment(rows())
    assert model.coefficients["told"] > 1 > abs(model.coefficients["loud"])
    one: dict[Pair, dict[str, float]] = {row.pair: row.numbers for row in rows()[:9]}
    chances = name_chances(score_pairs(one, model))
    assert min(chances["V0", ("ada",)], chances["V1", ("bo",)]) > 0.5 > chances["V0", ("bo",)]


def test_the_same_rows_give_the_same_model() -> None:
    assert fit_assignment(rows()) == fit_assignment(rows())
