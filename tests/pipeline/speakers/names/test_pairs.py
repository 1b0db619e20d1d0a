"""Voices and people of a whole episode: each person one voice, and who is left over when the others are taken."""

import pytest

from pipeline.speakers.names.pairs import MOST_ASSIGNMENTS, Pair, assignments, name_chances

ADA, BO, ADA_PARK = ("ada", "holt"), ("bo", "lind"), ("ada", "park")


def test_every_way_is_there_once_and_the_likeliest_first() -> None:
    scores: dict[Pair, float] = {("A", ADA): 2.0, ("A", BO): -1.0, ("B", ADA): 1.0, ("B", BO): 0.5}
    ways = assignments(scores)
    assert len({frozenset(way) for way in ways}) == len(ways) == 7
    totals = [sum(scores[pair] for pair in way) for way in ways]
    assert totals == sorted(totals, reverse=True) and totals[0] == 2.5


def test_without_rivals_the_chance_is_that_of_the_odds() -> None:
    assert name_chances({("A", ADA): 0.0, ("B", BO): 30.0}) == pytest.approx({("A", ADA): 0.5, ("B", BO): 1.0})


def test_a_person_who_is_taken_is_no_other_voices() -> None:
    alone = name_chances({("B", ADA): 0.0})["B", ADA]
    beside = name_chances({("A", ADA): 6.0, ("B", ADA): 0.0})
    assert beside["B", ADA] < 0.01 < alone
    assert beside["A", ADA] + beside["B", ADA] <= 1.0


def test_a_voice_is_likelier_somebody_when_its_other_person_is_taken() -> None:
    rival = {("B", ADA): 1.0, ("B", BO): 0.0}
    assert name_chances({("A", ADA): 8.0, **rival})["B", BO] > name_chances(rival)["B", BO]


def test_two_people_of_one_given_name_are_no_rivals() -> None:
    chances = name_chances({("A", ADA): 1.0, ("A", ADA_PARK): 1.0})
    assert chances["A", ADA] == chances["A", ADA_PARK] > 0.8


def test_many_voices_and_people_take_the_likeliest_ways_alone() -> None:
    scores: dict[Pair, float] = {(f"V{v}", (f"p{p}",)): 3.0 - abs(v - p) for v in range(12) for p in range(12)}
    assert len(assignments(scores)) == MOST_ASSIGNMENTS
    assert all(name_chances(scores)[f"V{v}", (f"p{v}",)] > 0.5 for v in range(12))


def test_nobody_gives_nothing() -> None:
    assert assignments({}) == [()] and name_chances({}) == {}
