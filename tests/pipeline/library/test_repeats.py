from dataclasses import replace

import numpy as np

from pipeline.library.fingerprint import Prints
from pipeline.library.repeats import (
    Known,
    Match,
    apply_matches,
    describe_spots,
    recognise_spots,
)
from pipeline.result import AdSpan, Evidence
from pipeline.timeline import Waveform, Word

COPY = "Plank makes boards for people who like to float try one today at plank dot com slash tide and save"
TALK = "the harbour was quiet that morning and nobody spoke of the storm until the ferry had left for the island"
PHRASE = Evidence("phrase", "gives an address: plank dot com", 31.0)


def spoken(*parts: str, start: float = 0.0) -> list[Word]:
    said = " ".join(parts).split()
    return [Word(start + 0.4 * n, start + 0.4 * n + 0.35, text) for n, text in enumerate(said)]


def silent(seconds: float) -> Waveform:
    return Waveform(np.zeros(round(seconds * 16000), np.float32), 16000)


NO_SOUND = Prints.of(np.zeros(0))


def known(score: float = 0.9, verdict="cut", place: str = "show/one", start: float = 8.4, evidence=(PHRASE,)) -> Known:
    words = spoken(TALK, COPY, TALK)
    end = start + 0.4 * len(COPY.split())
    ad = AdSpan(start, end, score, "spot", evidence, verdict, "Plank")
    (spot,) = describe_spots([ad], words, silent(60), recording="r")
    return Known(place, "One", spot)


def heard(words: list[Word], *spots: Known) -> tuple[Match, ...]:
    return recognise_spots(words, NO_SOUND, spots)


def applied(ads, matches, *, episodes=1):
    return apply_matches(ads, matches, show="show", episodes=episodes, duration_s=100.0)


def test_the_copy_of_a_spot_is_found_though_a_word_was_heard_otherwise():
    words = spoken(TALK, TALK, COPY.replace("float", "boat"), TALK)
    (found,) = heard(words, known())
    first, last = 2 * len(TALK.split()), 2 * len(TALK.split()) + len(COPY.split()) - 1
    assert abs(found.start - words[first].start) < 0.5 and abs(found.end - words[last].end) < 0.6


def test_a_few_words_in_common_are_no_spot():
    assert heard(spoken(TALK, "try one today", TALK), known()) == ()
    assert heard(spoken(TALK), known()) == ()
    assert heard([], known()) == ()


def test_what_words_alone_did_not_show_is_an_ad_when_another_episode_knew_it():
    words = spoken(TALK, COPY, TALK)
    (ad,) = applied([], heard(words, known()))
    assert ad.verdict == "cut" and ad.kind == "spot" and ad.sponsor == "Plank"
    assert ad.evidence[-1].kind == "repeat" and "“One” at 0:08" in ad.evidence[-1].text


def test_two_doubts_are_less_doubt():
    words = spoken(TALK, COPY, TALK)
    matches = heard(words, known(0.5, "hold"))
    doubt = AdSpan(8.4, 14.0, 0.5, verdict="hold")
    (ad,) = applied([doubt], matches)
    assert ad.score == 0.75 and ad.verdict == "cut"
    assert ad.end >= matches[0].end  # as long as the spot is
    (weak,) = applied([], heard(words, known(0.1, "hold")))
    assert weak.verdict == "hold"


def test_what_another_episode_knows_moves_no_edge_of_an_ad_that_is_sure_here():
    words = spoken(TALK, COPY, TALK)
    matches = heard(words, known(0.9))
    sure = AdSpan(matches[0].start + 1.0, matches[0].end - 1.0, 0.9)
    (ad,) = applied([sure], matches)
    assert (ad.start, ad.end) == (sure.start, sure.end) and ad.score > sure.score


def test_what_was_kept_by_choice_is_told_to_nobody():
    words = spoken(TALK, COPY, TALK)
    assert describe_spots([AdSpan(8.4, 16, 0.9, verdict="keep")], words, silent(60), recording="r") == ()


def test_what_stands_at_one_place_of_every_episode_and_sells_nothing_is_the_shows_own():
    words = spoken(TALK, COPY, TALK)
    theme = [known(place=f"show/{n}", evidence=()) for n in "abc"]
    own = AdSpan(8.4, 16.4, 0.9)
    assert applied([], heard(words, *theme), episodes=3) == ()
    (held,) = applied([own], heard(words, *theme), episodes=3)
    assert held.verdict == "hold" and "show's own" in held.evidence[-1].text
    sells = replace(own, evidence=(PHRASE,))
    assert applied([sells], heard(words, *theme), episodes=3)[0].verdict == "cut"


def test_an_ad_at_one_place_of_every_episode_is_still_one():
    words = spoken(TALK, COPY, TALK)
    same = [known(place=f"show/{n}") for n in "abc"]
    assert applied([], heard(words, *same), episodes=3)[0].verdict == "cut"


def test_what_wanders_through_the_episodes_is_not_the_shows_own():
    words = spoken(TALK, COPY, TALK)
    there = [replace(known(evidence=()), place=f"show/{n}") for n in "abc"]
    moved = [replace(k, spot=replace(k.spot.shifted(300.0 * n), to_end=5.0 * n)) for n, k in enumerate(there, 1)]
    assert applied([], heard(words, *moved), episodes=3)[0].verdict == "cut"


def test_the_order_in_which_spots_are_known_makes_no_difference():
    words = spoken(TALK, COPY, TALK)
    spots = [known(place=f"show/{n}") for n in "abc"]
    assert heard(words, *spots) == heard(words, *reversed(spots))
