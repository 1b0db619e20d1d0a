"""Ads by span, by second and by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.result import AdSpan
from pipeline.scores.ads.detection import AdScores, AdTime, AdWords, SpanCounts, iou, match_spans, score_ads
from pipeline.timeline import CutList, Span, Word

spans = st.builds(lambda a, b: Span(a, a + b), st.integers(0, 50), st.integers(1, 20))


def cut(*pairs, duration=3600.0):
    return CutList.of([Span(*pair) for pair in pairs], duration=duration)


def found(*pairs, verdict="cut"):
    return [AdSpan(start, end, 0.9, verdict=verdict) for start, end in pairs]


@given(spans, spans)
def test_iou_is_symmetric_and_a_share(a, b):
    assert iou(a, b) == iou(b, a)
    assert 0 <= iou(a, b) <= 1
    assert iou(a, a) == 1


def test_matches_are_one_to_one_and_the_best_first():
    counts = match_spans([Span(0, 10), Span(10, 20)], [Span(0, 10), Span(1, 10)])
    assert (counts.right, counts.wrong, counts.missed) == (1, 1, 1)
    assert counts.edge_errors_s == (0, 0)


def test_half_an_overlap_is_enough_and_less_is_not():
    assert match_spans([Span(0, 10)], [Span(0, 5)]).right == 1
    assert match_spans([Span(0, 10)], [Span(0, 4.99)]).right == 0


def test_the_figures_by_hand():
    scores = score_ads([Span(60, 120), Span(600, 660)], found((65, 120), (1000, 1030)), cut((65, 120), (1000, 1030)))
    figure = scores.figure()
    assert (figure["precision"], figure["recall"], figure["f1"]) == (0.5, 0.5, 0.5)
    assert figure["f05"] == pytest.approx(0.5)
    assert figure["edge_error_s"] == 2.5
    assert figure["seconds"] == {"precision": pytest.approx(55 / 85), "recall": pytest.approx(55 / 120)}
    assert (figure["ad_seconds_kept"], figure["content_seconds_lost"]) == (65, 30)
    assert figure["content_seconds_lost_per_hour"] == pytest.approx(30)


def test_f_half_weighs_precision():
    cautious, greedy = SpanCounts(right=1, missed=1), SpanCounts(right=1, wrong=1)
    assert cautious.f(1) == greedy.f(1)
    assert cautious.f(0.5) > greedy.f(0.5)
    assert cautious.f(0.5) == pytest.approx(1.25 * 1 * 0.5 / (0.25 * 1 + 0.5))


def test_a_break_of_two_spots_is_one_ad_on_both_sides():
    two_spots = found((60, 90), (95, 120))
    assert score_ads([Span(60, 120)], two_spots, cut((60, 120))).spans.right == 1
    assert score_ads([Span(60, 90), Span(100, 120)], found((60, 120)), cut()).spans == SpanCounts(
        right=1, edge_errors_s=(0, 0)
    )
    assert score_ads([Span(60, 90), Span(105, 120)], found((60, 90)), cut()).spans.missed == 1


def test_an_ad_that_is_only_held_is_not_found():
    scores = score_ads([Span(60, 120)], found((60, 120), verdict="hold"), cut())
    assert (scores.spans.right, scores.spans.missed) == (0, 1)


def test_a_show_without_ads_is_a_control():
    passed = score_ads([], [], cut()).figure()
    failed = score_ads([], found((60, 90)), cut()).figure()
    assert passed["clean_control"] is True
    assert failed["clean_control"] is False
    assert "precision" not in passed
    assert "recall" not in failed


def test_words_by_where_their_middle_is():
    heard = [Word(t, t + 1, "x") for t in range(10)]
    words = score_ads([Span(2, 5)], [], cut((3, 6), duration=10), words=heard).words
    assert words == AdWords(ad=3, ad_removed=2, content=7, content_removed=1)
    assert words.removed_share == pytest.approx(2 / 3)


def test_scores_add():
    one = score_ads([Span(60, 120)], found((60, 120)), cut((60, 120)))
    other = score_ads([Span(60, 120)], [], cut())
    both = one + other
    assert both.spans.recall == 0.5
    assert both.time == AdTime(7200, 120, 60, 60, 60, 0)
    assert AdScores(SpanCounts(), AdTime()) + one == one
