import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.ads.clauses.foreign import HORIZON_TOKENS, LOCAL_TOKENS, WINDOWS, foreign_shares

RARE = 8.0


def shares(tokens: list[int], repeated: set[int] = frozenset()) -> np.ndarray:  # type: ignore[assignment]
    ids = np.array(tokens, np.int64)
    copied = np.array([n in repeated for n in range(len(tokens))], bool)
    return foreign_shares(ids, np.full(len(tokens), RARE), copied, np.arange(0, len(tokens), 10))


def test_a_stretch_with_its_own_words_stands_out() -> None:
    show = list(range(100)) * 20
    tokens = show[:1000] + list(range(500, 560)) + show[1000:]
    foreign = shares(tokens)[:, 0]
    assert foreign[101] > 0.9 and abs(foreign[40]) < 0.1


def test_copy_heard_twice_stays_foreign() -> None:
    show, spot = list(range(100)) * 10, list(range(500, 560))
    tokens = show + spot + show + spot + show
    inside = {*range(1000, 1060), *range(2060, 2120)}
    assert shares(tokens)[101, 0] < 0.5 < shares(tokens, inside)[101, 0]


def test_a_word_that_comes_back_after_the_horizon_was_still_foreign_here() -> None:
    filler = [n % 97 for n in range(HORIZON_TOKENS + LOCAL_TOKENS)]
    spot = list(range(500, 560))
    assert shares(spot + filler + spot)[0, 0] > 0.9


@given(st.lists(st.integers(0, 30), min_size=1, max_size=300))
def test_shares_are_finite_and_one_row_a_unit(tokens: list[int]) -> None:
    found = shares(tokens)
    assert found.shape == ((len(tokens) + 9) // 10, 2 * len(WINDOWS))
    assert np.isfinite(found).all() and (np.abs(found) <= 1).all()
