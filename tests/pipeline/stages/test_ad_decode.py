import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.ad_decode import best_path


def worth(path: tuple[bool, ...], scores: list[float], cost: float) -> float:
    edges = sum(a != b for a, b in itertools.pairwise(path)) + (path[0] + path[-1]) / 2
    return sum(s for s, ad in zip(scores, path, strict=True) if ad) - cost * edges


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=9), st.floats(0, 6))
def test_no_other_division_is_worth_more(scores: list[float], cost: float) -> None:
    best = max(worth(p, scores, cost) for p in itertools.product((False, True), repeat=len(scores)))
    found = tuple(bool(s) for s in best_path(np.array(scores), cost))
    assert abs(worth(found, scores, cost) - best) < 1e-9
