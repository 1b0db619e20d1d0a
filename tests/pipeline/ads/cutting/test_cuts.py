from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.ads.cutting.cuts import plan_cuts
from pipeline.ads.cutting.placement import SLACK_S, Quiet
from pipeline.ads.cutting.silence import Pauses
from pipeline.result import AdSpan
from pipeline.timeline import CutList, Span, Word, merge_spans


@st.composite
def recordings(draw: st.DrawFn) -> tuple[list[Word], list[AdSpan], float]:
    """Words in order without overlap, ads anywhere, and a duration past the last word."""
    steps = draw(st.lists(st.tuples(st.floats(0, 4), st.floats(0.05, 1)), min_size=1, max_size=40))
    words, time = [], 0.0
    for gap, length in steps:
        words.append(Word(time + gap, time + gap + length, "word"))
        time += gap + length
    duration = time + draw(st.floats(0, 10))
    edges = draw(st.lists(st.tuples(st.floats(0, duration), st.floats(0, 20), st.booleans()), max_size=5))
    ads = [AdSpan(a, min(duration, a + d), 0.9, verdict="hold" if held else "cut") for a, d, held in edges]
    return words, ads, duration


def in_cut_ad(word: Word, ads: list[AdSpan]) -> bool:
    return any(ad.verdict == "cut" and ad.start <= word.middle < ad.end for ad in ads)


@given(recordings())
def test_words_of_an_ad_go_and_no_other_word_is_touched(case: tuple[list[Word], list[AdSpan], float]) -> None:
    words, ads, duration = case
    cuts = plan_cuts(ads, words, duration_s=duration)
    for word in words:
        removed = sum(word.overlap(cut) for cut in cuts.removed)
        if in_cut_ad(word, ads):
            assert removed >= word.duration - 1e-6
        else:
            assert removed <= 1e-6


silences = st.lists(st.tuples(st.floats(0, 150), st.floats(0.08, 5)), max_size=20).map(
    lambda found: Pauses(merge_spans(Span(a, a + d) for a, d in found))
)


@given(recordings(), silences, st.booleans())
def test_with_sound_too_every_word_stays_on_its_side(
    case: tuple[list[Word], list[AdSpan], float], pauses: Pauses, spoken: bool
) -> None:
    words, ads, duration = case
    quiet = Quiet(pauses, tuple(Span(w.start, w.end) for w in words) if spoken else ())
    cuts = plan_cuts(ads, words, duration_s=duration, quiet=quiet)
    for word in words:
        gone = cuts.removes(word.middle)
        assert gone == in_cut_ad(word, ads) or word.duration < 1e-6 or at_an_edge(word, cuts)
        if not in_cut_ad(word, ads):
            assert sum(word.overlap(cut) for cut in cuts.removed) <= 2 * SLACK_S + 1e-6


def at_an_edge(word: Word, cuts: CutList) -> bool:
    return any(abs(word.middle - t) < 1e-6 for cut in cuts.removed for t in (cut.start, cut.end))


@given(recordings())
def test_cuts_stay_inside_the_recording_and_apart(case: tuple[list[Word], list[AdSpan], float]) -> None:
    words, ads, duration = case
    cuts = plan_cuts(ads, words, duration_s=duration).removed
    assert all(0 <= cut.start < cut.end <= duration for cut in cuts)
    assert all(a.end < b.start for a, b in pairwise(cuts))


@given(recordings())
def test_planning_the_plan_changes_no_word(case: tuple[list[Word], list[AdSpan], float]) -> None:
    words, ads, duration = case
    once = plan_cuts(ads, words, duration_s=duration)
    again = plan_cuts([AdSpan(c.start, c.end, 1.0) for c in once.removed], words, duration_s=duration)
    kept = [[not cuts.removes(w.middle) for w in words] for cuts in (once, again)]
    assert kept[0] == kept[1]


WORDS = [Word(1, 2, "show"), Word(10, 11, "buy"), Word(11, 12, "it"), Word(30, 31, "show")]


def test_what_is_held_or_kept_stays() -> None:
    held = AdSpan(10, 12, 0.6, verdict="hold")
    chosen = AdSpan(10, 12, 0.9, verdict="keep")
    assert plan_cuts([held, chosen], WORDS, duration_s=40).removed == ()


def test_a_theme_after_the_ad_is_not_followed_to_the_next_word() -> None:
    assert plan_cuts([AdSpan(10, 12, 0.9)], WORDS, duration_s=40).removed == (Span(8.0, 14.0),)


def test_an_ad_at_either_end_takes_the_silence_with_it() -> None:
    assert plan_cuts([AdSpan(0.5, 2, 0.9)], WORDS, duration_s=40).removed[0].start == 0.0
    assert plan_cuts([AdSpan(30, 31, 0.9)], WORDS, duration_s=32).removed[0].end == 32.0


def test_nothing_in_nothing_out() -> None:
    assert plan_cuts([], [], duration_s=0.0) == CutList((), 0.0)
    assert plan_cuts([AdSpan(1, 2, 0.9)], [], duration_s=5.0).removed == (Span(1, 2),)


def test_the_wordless_part_of_an_ad_goes_with_it() -> None:
    assert plan_cuts([AdSpan(10, 30, 0.9)], WORDS, duration_s=40).removed[0].end > 29
