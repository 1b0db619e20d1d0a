"""Names, chapters and summaries against what is known."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.result import Chapter, Notes, Quote, Speaker
from pipeline.scores.notes.descriptions import told_of_episode
from pipeline.scores.notes.facts import (
    NameCounts,
    match_names,
    rouge_l,
    rouge_recall,
    same_name,
    score_chapters,
    score_notes,
    window_diff,
)
from tests.pipeline.scores.strategies import case, result

starts = st.lists(st.integers(11, 590), max_size=8, unique=True).map(sorted)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Berber Jin", "Berber Jinn", True),
        ("berber jin", "Berber Jin", True),
        ("José García", "Jose Garcia", True),
        ("Jessica", "Jessica Mendoza", True),
        ("Sam Altman", "Berber Jin", False),
        ("Liam Chen", "Liam Verbeck", False),
        ("", "Liam", False),
    ],
)
def test_which_spellings_are_one_name(one, other, same):
    assert same_name(one, other) is same_name(other, one) is same


def test_a_first_name_that_two_share_is_nobodys():
    assert match_names(["Liam Chen", "Liam Verbeck"], ["Liam"]) == NameCounts(right=0, wrong=1, missed=2)
    assert match_names(["Liam Chen", "Liam Verbeck"], ["Liam", "Liam Chen"]) == NameCounts(right=2, wrong=0, missed=0)


def test_people_who_only_are_spoken_of_are_wrong():
    assert match_names(["Jessica Mendoza"], ["Jessica Mendoza", "Elon Musk"]) == NameCounts(right=1, wrong=1, missed=0)


def test_a_right_name_on_the_wrong_voice_is_wrong():
    speakers = (Speaker("S1", "Berber Jin"), Speaker("S2", "Jessica Mendoza"), Speaker("S3", "Radio Ad", role="ad"))
    heard = result()
    swapped = type(heard)(**{name: getattr(heard, name) for name in heard.__slots__} | {"speakers": speakers})
    known = case(named_voices={"host": "Jessica Mendoza", "guest": "Berber Jin"})
    assert score_notes(known, swapped, voices={"host": "S1", "guest": "S2"}).names == NameCounts(0, 2, 2)
    assert score_notes(known, swapped, voices={"host": "S2", "guest": "S1"}).names == NameCounts(2, 0, 0)
    assert score_notes(case(names=("Jessica Mendoza",)), swapped).names == NameCounts(1, 1, 0)
    assert score_notes(case(), swapped).names is None


@given(starts)
def test_the_given_chapters_are_all_right(given_starts):
    scores = score_chapters(given_starts, given_starts, duration_s=600)
    assert (scores.wrong, scores.missed, scores.differing) == (0, 0, 0)
    assert scores.f1 == (1.0 if given_starts else None)


@given(starts, starts)
def test_no_pairing_finds_more_chapters(one, other):
    right = score_chapters(one, other, duration_s=600).right
    edges = np.array([[abs(a - b) <= 10 for b in other] for a in one], dtype=int).reshape(len(one), len(other))
    if edges.size:
        from scipy.optimize import linear_sum_assignment

        rows, columns = linear_sum_assignment(edges, maximize=True)
        assert right == edges[rows, columns].sum()


def test_the_beginning_is_no_choice():
    scores = score_chapters([0.0, 300.0], [0.0, 4.0, 309.0, 500.0], duration_s=600)
    assert (scores.right, scores.wrong, scores.missed) == (1, 1, 0)
    assert scores.figure()["f1"] == pytest.approx(2 / 3)


def test_window_diff_equals_segevals():
    """segeval stops at windows over 255 units (it compares numbers with ``is``): an oracle, not the measure."""
    theirs = pytest.importorskip("segeval.window.windowdiff").window_diff
    draw = random.Random(0)
    for _ in range(40):
        size = draw.randint(30, 200)
        sides = [sorted(draw.sample(range(1, size), draw.randint(1, 8))) for _ in range(2)]
        given_masses, found_masses = (
            tuple(b - a for a, b in zip([0, *side], [*side, size], strict=True)) for side in sides
        )
        differing, windows = window_diff(*sides, duration_s=size)
        assert differing / windows == pytest.approx(float(theirs(found_masses, given_masses)), abs=1e-9)


def test_rouge_by_hand():
    assert rouge_l("police killed the gunman", "police kill the gunman") == pytest.approx(3 / 4)
    assert rouge_l("police killed the gunman", "the gunman killed police") == pytest.approx(2 / 4)
    assert rouge_l("", "anything") == 0.0
    assert rouge_l("a b c", "a b c") == 1.0
    assert rouge_recall("police killed the gunman", "the police kill the gunman dead") == pytest.approx(3 / 4)
    assert rouge_recall("", "anything") == rouge_recall("anything", "") == 0.0


def test_notices_of_a_description_tell_nothing_of_the_episode():
    told = "Why bread rises. Ada Park hosts."
    for notice in ("Further Listening:\n\n- Salt", "Sign up for our newsletter.", "https://bread.example", "- a link"):
        assert told_of_episode(f"{told}\n\n{notice}\n\nMore of this.") == told
    assert told_of_episode("Sign up for our newsletter.") == ""


def test_a_summary_is_like_its_description_by_words_and_by_meaning():
    class Encoder:
        def encode(self, sentences):
            vectors = np.array([[1.0, 0.0] if "memo" in sentence else [0.6, 0.8] for sentence in sentences])
            return vectors.astype(np.float32)

    heard = result()
    notes = Notes(summary=(Quote(0, 1, "The memo came on Monday.", "S1"),))
    written = type(heard)(**{name: getattr(heard, name) for name in heard.__slots__} | {"notes": notes})
    about = case(description="The memo.\nIt explains the cost.")
    scores = score_notes(about, written, encoder=Encoder()).summary
    assert scores.cosine == pytest.approx(1.0)
    assert scores.rouge_l == pytest.approx(2 * 2 / (6 + 5)) and scores.recall == pytest.approx(2 / 6)
    assert score_notes(about, written).summary.figure() == {
        "recall": scores.recall, "rouge_l": scores.rouge_l, "description_words": 6
    }  # fmt: skip
    assert score_notes(about, heard).summary is None


def test_chapters_of_the_result_are_scored():
    heard = result(duration=600.0)
    with_chapters = type(heard)(
        **{name: getattr(heard, name) for name in heard.__slots__}
        | {"chapters": (Chapter(0, 300, "One"), Chapter(305, 600, "Two"))}
    )
    known = case(chapters=(Chapter(0, 300, "One"), Chapter(300, 600, "Two")))
    assert score_notes(known, with_chapters).chapters.right == 1
