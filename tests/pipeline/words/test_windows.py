from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timeline import Span, merge_spans
from pipeline.words.windows import LIMIT_S, LONG_GAP_S, PAD_S, plan_windows


@st.composite
def speech_and_duration(draw: st.DrawFn) -> tuple[list[Span], float]:
    time, spans = draw(st.floats(0, 10)), []
    for _ in range(draw(st.integers(0, 40))):
        end = time + draw(st.floats(0.05, 90))
        spans.append(Span(time, end))
        time = end + draw(st.floats(0, 12))
    return spans, time + draw(st.floats(0, 5))


@given(speech_and_duration())
def test_windows_hold_all_speech_and_nothing_is_heard_twice(case: tuple[list[Span], float]) -> None:
    speech, duration = case
    windows = plan_windows(speech, duration_s=duration)
    assert all(0 <= w.start < w.end <= duration for w in windows)
    assert all(w.duration <= LIMIT_S + 1e-6 for w in windows)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(windows))
    for span in merge_spans(speech):
        held = sum(span.overlap(w) for w in windows)
        assert held == pytest.approx(span.duration, abs=1e-6)


@given(speech_and_duration())
def test_windows_are_the_same_every_time_and_hold_no_long_gap(case: tuple[list[Span], float]) -> None:
    speech, duration = case
    windows = plan_windows(speech, duration_s=duration)
    assert windows == plan_windows(speech, duration_s=duration)
    gaps = [Span(a.end, b.start) for a, b in pairwise(merge_spans(speech)) if b.start - a.end > LONG_GAP_S]
    assert all(w.overlap(gap) <= PAD_S + 1e-6 or w.overlap(gap) < gap.duration for w in windows for gap in gaps)


@given(speech_and_duration())
def test_cuts_lie_in_pauses_when_there_are_any(case: tuple[list[Span], float]) -> None:
    speech, duration = case
    merged = merge_spans(speech)
    if any(span.duration > LIMIT_S - 2 * PAD_S for span in merged):
        return
    for window in plan_windows(speech, duration_s=duration):
        assert not any(s.start < edge < s.end for s in merged for edge in (window.start, window.end))


def test_the_longest_pause_is_taken() -> None:
    speech = [Span(0, 10), Span(10.1, 20), Span(22, 29), Span(29.1, 40)]
    assert [round(w.end, 2) for w in plan_windows(speech, duration_s=41)] == [20.3, 40.3]


def test_unbroken_speech_is_cut_where_it_is_quiet() -> None:
    windows = plan_windows([Span(0, 50)], duration_s=50, quiet=[3.0, 24.5, 47.0])
    assert [(w.start, w.end) for w in windows] == [(0, 24.5), (24.5, 50)]


def test_quiet_moments_fill_the_windows() -> None:
    speech = [Span(0, 20), Span(20.5, 40), Span(40.5, 58)]
    assert len(plan_windows(speech, duration_s=58)) == 3
    windows = plan_windows(speech, duration_s=58, quiet=[8.0, 28.4, 50.0])
    assert [(w.start, w.end) for w in windows] == [(0, 28.4), (28.4, 57.5)] or len(windows) == 3
    speech = [Span(0, 20), Span(20.5, 40), Span(40.5, 56)]
    assert len(plan_windows(speech, duration_s=56, quiet=[8.0, 28.4, 50.0])) == 2


def test_no_speech_no_windows() -> None:
    assert plan_windows([], duration_s=100) == ()
    assert plan_windows([Span(120, 130)], duration_s=100) == ()


def test_speech_beyond_the_recording_is_left_out() -> None:
    assert plan_windows([Span(5, 50)], duration_s=20) == (Span(4.7, 20),)
