"""Laws of the two clocks."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timeline import CutList, Span, merge_spans

times = st.floats(0, 1000, allow_nan=False)
spans = st.builds(lambda a, b: Span(min(a, b), max(a, b)), times, times)


@given(st.lists(spans, max_size=6), st.floats(1, 900))
def test_kept_and_removed_tile_the_recording(cut, duration):
    cuts = CutList.of(cut, duration=duration)
    tiles = sorted([*cuts.kept, *cuts.removed], key=lambda s: s.start)
    assert sum(s.duration for s in tiles) == pytest.approx(duration)
    assert all(a.end == b.start for a, b in itertools.pairwise(tiles))


@given(st.lists(spans, max_size=6), st.floats(0, 1))
def test_a_kept_moment_survives_the_round_trip(cut, share):
    cuts = CutList.of(cut, duration=1000.0)
    for kept in cuts.kept:
        time = kept.start + share * kept.duration * 0.999
        back = cuts.to_source(cuts.to_clean(time))
        assert back == pytest.approx(time, abs=1e-6) or cuts.to_clean(back) == pytest.approx(cuts.to_clean(time))


@given(st.lists(spans, max_size=6), times, times)
def test_the_clean_clock_never_runs_backwards(cut, a, b):
    cuts = CutList.of(cut, duration=1000.0)
    early, late = sorted((a, b))
    assert cuts.to_clean(early) <= cuts.to_clean(late) + 1e-9


@given(st.lists(spans, max_size=8))
def test_merging_twice_changes_nothing(cut):
    once = merge_spans(cut)
    assert merge_spans(once) == once


def test_a_span_refuses_to_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end"):
        Span(2.0, 1.0)
