"""Ads left in and passages lost, with their times."""

from dataclasses import replace

from pipeline.scores.case import ReferenceWord
from pipeline.scores.scoring import score_case
from tests.pipeline.scores.strategies import case, result
from tests.pipeline.scores.words.test_wer import AD, SHOW_A, SHOW_B, spoken

LONG_AD = [*AD, "terms", "apply", "see", "site", "for", "more"]


def test_an_ad_left_in_is_listed_with_its_times():
    found, (_, ad, _) = spoken(SHOW_A, LONG_AD, SHOW_B)
    show = [word for word in found if not ad.contains(word.middle)]
    (run,) = score_case(case(show, ads=(ad,)), result(found)).runs
    assert (run.kind, run.suspicion, run.words) == ("insertion", "ad left in?", len(LONG_AD))
    assert (run.start, run.end) == (ad.start + 0.1, ad.end - 0.1)
    assert run.text.startswith("this episode is brought")


def test_an_ad_that_was_cut_is_not():
    found, (_, ad, _) = spoken(SHOW_A, LONG_AD, SHOW_B)
    show = [word for word in found if not ad.contains(word.middle)]
    scores = score_case(case(show, ads=(ad,)), result(found, ads=[(ad.start, ad.end)], cuts=[(ad.start, ad.end)]))
    assert scores.runs == ()


def test_a_passage_lost_is_listed_between_its_neighbours():
    found, (before, lost, _) = spoken(SHOW_A, LONG_AD, SHOW_B)
    heard = [word for word in found if not lost.contains(word.middle)]
    (run,) = score_case(case(found, ads=()), result(heard)).runs
    assert (run.kind, run.suspicion, run.words) == ("deletion", "content lost?", len(LONG_AD))
    assert (run.start, run.end, run.heard) == (before.end - 0.1, lost.end + 0.1, 0)


def test_a_passage_that_was_heard_and_cut_has_its_own_times():
    found, (_, lost, _) = spoken(SHOW_A, LONG_AD, SHOW_B)
    (run,) = score_case(case(found, ads=()), result(found, cuts=[(lost.start, lost.end)])).runs
    assert (run.start, run.end, run.heard) == (lost.start + 0.1, lost.end - 0.1, len(LONG_AD))


def test_what_is_lost_on_both_sides_of_an_ad_is_two_runs():
    """The ad between them is in neither text, but the listener loses two passages, not one."""
    found, (_, before, ad, after, _) = spoken(SHOW_A, LONG_AD, ["offer", "now"], LONG_AD, SHOW_B)
    marked = replace(case(), words=tuple(ReferenceWord(w.text, in_ad=ad.contains(w.middle)) for w in found), ads=(ad,))
    runs = score_case(marked, result(found, cuts=[(before.start, after.end)])).runs
    assert [(run.words, run.start) for run in runs] == [
        (len(LONG_AD), before.start + 0.1),
        (len(LONG_AD), after.start + 0.1),
    ]


def test_nothing_heard_at_all():
    found, _ = spoken(LONG_AD)
    (run,) = score_case(case(found), result()).runs
    assert (run.start, run.end, run.figure()["words"]) == (0.0, None, len(LONG_AD))


def test_a_dash_that_is_no_word_does_not_break_a_run():
    found, (_, lost, _) = spoken(SHOW_A, [*LONG_AD[:9], "—", "uh", *LONG_AD[9:]], SHOW_B)
    heard = [word for word in found if not lost.contains(word.middle)]
    (run,) = score_case(case(found, ads=()), result(heard)).runs
    assert run.words == len(LONG_AD)
