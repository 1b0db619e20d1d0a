"""The algebra of word errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.words.word_errors import WordErrors

counts = st.integers(0, 10_000)
errors = st.builds(WordErrors, counts, counts, counts, counts)


@given(errors, errors, errors)
def test_counts_add_in_any_order(a, b, c):
    assert (a + b) + c == a + (b + c) == c + b + a
    assert a + WordErrors.zero() == a == sum([a])
    assert (a + b).errors == a.errors + b.errors
    assert (a + b).words == a.words + b.words


@given(st.lists(errors, min_size=1).filter(lambda many: sum(e.words for e in many)))
def test_the_pooled_rate_is_of_the_summed_counts(many):
    total = sum(many)
    assert total.rate == pytest.approx(sum(e.errors for e in many) / sum(e.words for e in many))


def test_an_empty_reference_has_no_rate():
    assert WordErrors(insertions=3).rate is None
    assert "rate" not in WordErrors(insertions=3).figure()


def test_a_rate_may_exceed_one():
    assert WordErrors(hits=1, insertions=4).rate == 4.0


@pytest.mark.parametrize("wrong", [{"hits": -1}, {"insertions": 0.5}, {"hits": True}])
def test_impossible_counts_are_refused(wrong):
    with pytest.raises(ValueError, match="counts"):
        WordErrors(**wrong)


def test_counts_that_contradict_each_other_are_refused():
    assert WordErrors.of(words=10, errors=3, substitutions=1, deletions=1, insertions=1).hits == 8
    with pytest.raises(ValueError, match="are not 4 errors"):
        WordErrors.of(words=10, errors=4, substitutions=1, deletions=1, insertions=1)
    with pytest.raises(ValueError, match="cannot be wrong"):
        WordErrors.of(words=1, errors=2, substitutions=1, deletions=1, insertions=0)


def test_nobody_can_average_two_rates():
    a = WordErrors(hits=1)
    with pytest.raises(TypeError):
        a / 2
    with pytest.raises(TypeError):
        a + 0.5
