"""Intervals: the same every time, wider with less data, and none where there is too little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.report.intervals import FEWEST_PARTS, agreement_interval, passages, rate_interval, word_interval
from pipeline.scores.words.alignment import Token, align
from pipeline.scores.words.word_errors import WordErrors

rates = st.floats(0, 1)


def tokens(text):
    return [Token(word, i, i) for i, word in enumerate(text.split())]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 100)), min_size=FEWEST_PARTS, max_size=20))
def test_the_interval_is_between_the_best_and_the_worst_part(parts):
    low, high = rate_interval(parts)
    each = [errors / size for errors, size in parts]
    assert min(each) - 1e-9 <= low <= high <= max(each) + 1e-9
    assert (low, high) == rate_interval(parts)


def test_more_episodes_narrow_it():
    few = [(1, 100), (9, 100)] * 3
    many = few * 20
    assert rate_interval(many)[1] - rate_interval(many)[0] < (rate_interval(few)[1] - rate_interval(few)[0]) / 3


def test_it_covers_the_truth_about_as_often_as_it_says():
    """A corpus of 30 parts from a known source: 95 % intervals hold its rate in 9 of 10 corpora at least."""
    import numpy as np

    random = np.random.default_rng(1)
    held = 0
    for _ in range(100):
        interval = rate_interval([(errors, 50) for errors in random.binomial(50, 0.08, size=30)])
        held += interval[0] <= 0.08 <= interval[1]
    assert held >= 88


def test_too_few_parts_have_none():
    assert rate_interval([(1, 10)] * (FEWEST_PARTS - 1)) is None
    assert word_interval([WordErrors(insertions=1)] * 9) is None


@given(st.lists(st.sampled_from("abcd"), max_size=60), st.lists(st.sampled_from("abcd"), max_size=60))
def test_passages_add_up_to_the_whole(reference, found):
    alignment = align(tokens(" ".join(reference)), tokens(" ".join(found)))
    parts = passages(alignment, size_words=7)
    assert sum(parts, WordErrors.zero()) == alignment.errors
    assert all(part.words == 7 for part in parts[:-1])


@given(rates, rates)
def test_agreement_holds_the_measured_rate_and_is_as_wide_as_the_references_error(rate, error):
    low, high = agreement_interval(rate, error)
    assert 0 <= low <= high
    assert high == pytest.approx(rate + error)
    assert low <= rate + 1e-12 or error > rate
