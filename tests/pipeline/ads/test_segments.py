import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ads.clauses import Unit, split_units
from pipeline.ads.segments import DecodeSettings, best_path, decode
from pipeline.timeline import Word

small = st.floats(-5, 5)


@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=9))
def test_no_other_division_is_worth_more(rows: list[tuple[float, float, float]]) -> None:
    gain, enter, leave = np.array(rows).T

    def worth(path: tuple[bool, ...]) -> float:
        total, before = 0.0, False
        for n, ad in enumerate(path):
            total += (gain[n] if ad else 0) + (enter[n] if ad and not before else 0)
            total += leave[n] if before and not ad else 0
            before = ad
        return total

    best = max(worth(path) for path in itertools.product((False, True), repeat=len(rows)))
    found = tuple(bool(s) for s in best_path(gain, enter=enter, leave=leave))
    assert abs(worth(found) - best) < 1e-9


def units_at(*starts: float) -> tuple[Unit, ...]:
    words = [Word(s + k * 0.5, s + k * 0.5 + 0.5, f"word{k}" + "." * (k == 9)) for s in starts for k in range(10)]
    return split_units(words)


def scores(inside: list[float]) -> np.ndarray:
    return np.column_stack([inside, np.zeros(len(inside)), np.zeros(len(inside))])


def test_a_long_silence_parts_and_the_weak_half_falls() -> None:
    units = units_at(0, 5, 10, 60, 65, 70)
    found = decode(units, scores([-4, 0.4, 0.4, 4, 4, 4]), DecodeSettings(least=0.8))
    assert [(s.start, s.end) for s in found] == [(60, 75)]


def test_what_is_doubtful_is_not_joined_to_an_ad_across_a_hole() -> None:
    units = units_at(0, 5, 23, 28, 33)  # eight seconds without a word
    doubtful, sure = decode(units, scores([0.8, 0.8, 4, 4, 4]), DecodeSettings())
    assert (doubtful.end, sure.start) == (10, 23)
    assert len(decode(units, scores([4.0] * 5), DecodeSettings())) == 1


def test_a_short_rest_of_show_between_two_ads_is_bridged_when_it_may_be_ad() -> None:
    units = units_at(*range(0, 60, 5))
    inside = [4.0] * 3 + [-1.0] * 5 + [4.0] * 4
    settings = DecodeSettings(trust=1, switch_cost=0, bridge_s=45, bridge_level=-2)
    assert len(decode(units, scores(inside), settings)) == 1
    inside[3:8] = [-3.0] * 5
    assert len(decode(units, scores(inside), settings)) == 2


def test_ads_that_lie_close_are_one_and_slips_are_none() -> None:
    units = units_at(*range(0, 60, 5))
    inside = [-4.0, 4, 4, -9, 4, 4, -4, -4, -4, -4, 4, -4]
    found = decode(units, scores(inside), DecodeSettings(trust=1, switch_cost=0, bridge_s=15))
    assert [(s.first, s.last) for s in found] == [(1, 6)]


def test_nothing_in_nothing_out() -> None:
    assert decode((), np.zeros((0, 3)), DecodeSettings()) == ()


def test_the_small_print_after_an_ad_belongs_to_it() -> None:
    texts = ["you will love the way it sleeps.", "so come in and lie down today.", "because a good night is a right."]
    texts += ["Acme is a member of SIPC.", "so the letter came in the morning.", "she did not open it for a week."]
    words: list[Word] = []
    for token in " ".join(texts).split():
        start = words[-1].end if words else 0.0
        words.append(Word(start, start + 0.7, token))
    units = split_units(words)
    (found,) = decode(units, scores([4, 4, -1.5, -1.5, -4, -4]), DecodeSettings(trust=1, switch_cost=0))
    assert (found.first, found.last) == (0, 4)


def test_an_ad_begins_with_its_opener_unless_something_leads_there() -> None:
    def first_of(lead: str) -> int:
        text = f"{lead} This episode is brought to you by Acme. It makes rain coats for tall dogs and short ones."
        words = [Word(k * 0.7, k * 0.7 + 0.7, token) for k, token in enumerate(text.split())]
        units = split_units(words)
        (found,) = decode(units, scores([4.0] * len(units)), DecodeSettings(trust=1, switch_cost=0))
        return found.first

    assert first_of("She never came home that night.") == 1
    assert first_of("Let's take a quick break.") == 0


def told(text: str) -> tuple[Unit, ...]:
    return split_units([Word(k * 0.5, k * 0.5 + 0.5, token) for k, token in enumerate(text.split())])


def test_an_ad_ends_where_the_listener_is_welcomed_back() -> None:
    units = told(
        "Come in and try the new rain coats that keep tall dogs dry. You find them at acme.com today. "
        "Welcome back to the show. She left at dawn."
    )
    (found,) = decode(units, scores([4.0] * len(units)), DecodeSettings(trust=1, switch_cost=0))
    assert units[found.last].tokens[:2] == ("welcome", "back")


def test_an_address_and_the_welcome_in_one_clause_are_the_ads_last() -> None:
    units = told(
        "Come in and try the new rain coats that keep tall dogs dry. You find them at acme.com back to the show "
        "tonight. She left at dawn and nobody saw her go. The river froze over in the same week."
    )
    (found,) = decode(units, scores([4.0] * len(units)), DecodeSettings(trust=1, switch_cost=0))
    assert units[found.last].tokens[:3] == ("she", "left", "at")


def test_a_sponsor_who_is_named_needs_less_than_one_who_is_not() -> None:
    named = told("The episode is brought to you by Acme today. It makes very good rain coats for dogs and their men.")
    other = told("The episode of the week has a man in it. It makes very good rain coats for dogs and their men.")
    settings = DecodeSettings(trust=1, switch_cost=2)
    weak = scores([0.8] * len(named))
    assert decode(named, weak, settings) and not decode(other, weak, settings)


def test_a_doubtful_sentence_after_the_address_stays_in_the_show() -> None:
    units = told(
        "Come in and try the new rain coats that keep tall dogs dry. You find them at acme.com today. "
        "The security team is one team. She left at dawn."
    )
    (found,) = decode(units, scores([4.0, 4.0, 0.9, -4.0]), DecodeSettings(trust=1, switch_cost=0))
    assert (found.first, found.last) == (0, 2)


def test_an_announced_break_is_found_even_without_words() -> None:
    lead = "She left at dawn. We'll be right back after a quick word from our sponsors."
    before = [Word(k * 0.5, k * 0.5 + 0.5, token) for k, token in enumerate(lead.split())]
    words = [Word(30 + k * 0.5, 30.5 + k * 0.5, t) for k, t in enumerate(["Welcome", "back", "to", "the", "show."])]
    units = split_units([*before, *words])
    (found,) = decode(units, scores([-4.0] * len(units)), DecodeSettings())
    assert found.end == 30.0 and units[found.first].tokens[0] == "we'll"


def test_a_break_that_is_only_mentioned_is_none() -> None:
    units = told("We have to take a quick break some day. Then he said welcome back to the show and everybody laughed.")
    assert decode(units, scores([-4.0] * len(units)), DecodeSettings()) == ()


def test_a_story_after_an_ad_belongs_to_it_when_it_closes_with_a_call() -> None:
    units = told(
        "The new rain coats at Acme keep tall dogs and short dogs dry in any weather and wind. Many men in this "
        "country have never spoken of it. Tune in to Plain Speaking for the whole series. She left at dawn and nobody "
        "saw her go."
    )
    doubtful, sure = scores([4.0, -2.5, -2.5, -4.5]), scores([4.0, -4.5, -4.5, -4.5])
    settings = DecodeSettings(trust=1, switch_cost=0, bridge_s=15)
    assert [(s.first, s.last) for s in decode(units, doubtful, settings)] == [(0, 3)]
    assert [(s.first, s.last) for s in decode(units, sure, settings)] == [(0, 1)]


def test_the_prior_is_added_to_every_unit() -> None:
    units = told("The new rain coats keep tall dogs dry in any weather. You find them in every store, at Acme today.")
    weak = scores([-0.3] * len(units))
    assert not decode(units, weak, DecodeSettings(trust=1, switch_cost=0))
    assert decode(units, weak, DecodeSettings(prior=1.0, trust=1, switch_cost=0))
