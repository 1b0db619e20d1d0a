from hypothesis import given
from hypothesis import strategies as st

from pipeline.ads.verdict import Decision, follow_decision, hold_over_budget, judge_ads
from pipeline.result import AdSpan

SPONSOR = AdSpan(100, 160, 0.95)
PROMO = AdSpan(200, 230, 0.9, kind="promo")
DOUBT = AdSpan(300, 320, 0.5, verdict="hold")
HOUR = 3600.0


def follow_all(ads, decisions):
    for decision in decisions:
        ads = follow_decision(ads, decision)
    return sorted(ads, key=lambda ad: ad.start)


def decided(ads, decisions=(), **options):
    return follow_all(judge_ads(ads, duration_s=HOUR, **options), decisions)


def verdicts(ads, **options):
    return [ad.verdict for ad in decided(ads, **options)]


def test_a_kind_that_is_not_removed_is_kept_and_says_why():
    assert verdicts([SPONSOR, PROMO, DOUBT]) == ["cut", "cut", "hold"]
    assert verdicts([SPONSOR, PROMO], kinds=("sponsor", "spot")) == ["cut", "keep"]
    (kept,) = judge_ads([PROMO], duration_s=HOUR, kinds=("sponsor",))
    assert kept.evidence[-1].kind == "choice" and "promo" in kept.evidence[-1].text
    assert verdicts([AdSpan(1, 9, 0.9, kind="credits")]) == ["keep"]
    assert verdicts([AdSpan(1, 9, 0.9, kind="credits")], kinds=("credits",)) == ["cut"]


def test_more_ad_than_is_believable_is_held():
    ads = [AdSpan(0, 500, 0.9), AdSpan(600, 900, 0.9)]
    held = hold_over_budget(ads, duration_s=1000.0)
    assert {ad.verdict for ad in held} == {"hold"}
    assert "80%" in held[0].evidence[-1].text
    assert hold_over_budget(ads[:1], duration_s=1000.0) == tuple(ads[:1])


def test_what_is_not_to_be_removed_does_not_use_up_the_budget():
    ads = [AdSpan(0, 1500, 0.9, kind="promo"), AdSpan(2000, 3000, 0.9)]
    assert verdicts(ads, kinds=("sponsor",)) == ["keep", "cut"]


def test_a_person_has_the_last_word():
    keep, cut = Decision(100, 160, "keep"), Decision(300, 320, "cut")
    assert verdicts([SPONSOR, DOUBT], decisions=[keep, cut]) == ["keep", "cut"]
    assert verdicts([SPONSOR], decisions=[keep, Decision(100, 160, "cut")]) == ["cut"]
    assert verdicts([PROMO], kinds=("sponsor",), decisions=[Decision(200, 230, "cut")]) == ["cut"]
    over = [AdSpan(0, 2000, 0.9), AdSpan(2000, 3000, 0.9)]
    assert verdicts(over, decisions=[Decision(0, 2000, "cut")]) == ["cut", "hold"]


def test_edges_that_moved_since_do_not_lose_the_decision():
    assert verdicts([AdSpan(98.5, 163, 0.9)], decisions=[Decision(100, 160, "keep")]) == ["keep"]


def test_a_stretch_taken_back_stays_when_the_ad_around_it_grew():
    judged = decided([AdSpan(100, 300, 0.9)], decisions=[Decision(100, 130, "keep")])
    assert [(ad.start, ad.end, ad.verdict) for ad in judged] == [(130, 300, "cut")]
    middle = decided([AdSpan(100, 300, 0.9)], decisions=[Decision(150, 200, "keep")])
    assert [(ad.start, ad.end) for ad in middle] == [(100, 150), (200, 300)]


def test_a_stretch_that_a_person_names_is_cut_though_nothing_was_found_there():
    (ad,) = decided([], decisions=[Decision(10, 20, "cut")])
    assert (ad.start, ad.end, ad.verdict, ad.score) == (10, 20, "cut", 1.0)
    assert decided([], decisions=[Decision(10, 20, "keep")]) == []


times = st.integers(0, 3000)
spans = st.tuples(times, st.integers(5, 200)).map(lambda pair: (float(pair[0]), float(pair[0] + pair[1])))


@given(st.lists(spans, max_size=4), st.lists(st.tuples(spans, st.sampled_from(["cut", "keep"])), max_size=3))
def test_the_last_decision_about_a_moment_holds(found, said):
    decisions = [Decision(*span, verdict) for span, verdict in said]
    judged = follow_all([AdSpan(*span, 0.9) for span in found], decisions)
    if decisions and decisions[-1].verdict == "keep":
        inside = [ad for ad in judged if ad.verdict == "cut" and ad.overlap(decisions[-1]) > 0]
        assert not inside
    if decisions and decisions[-1].verdict == "cut":
        assert any(ad.verdict == "cut" and ad.overlap(decisions[-1]) > 0 for ad in judged)
