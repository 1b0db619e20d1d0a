from hypothesis import given
from hypothesis import strategies as st

from pipeline.ads.finding.voices import passing_sellers, strangers, voices_of_ads, with_their_turns
from pipeline.timeline import Span, Turn, Word

turns = st.lists(
    st.tuples(st.floats(0, 90), st.floats(0, 20), st.sampled_from("ABC")).map(lambda t: Turn(t[0], t[0] + t[1], t[2])),
    max_size=12,
)


@given(turns)
def test_when_all_is_shown_nobody_who_talks_is_a_host(drawn: list[Turn]) -> None:
    (strange,) = strangers(drawn, [Span(0, 200)])
    assert strange == (sum(turn.duration for turn in drawn) >= 4.0)


def test_a_host_who_reads_the_ad_is_no_stranger() -> None:
    read = [Turn(0, 100, "host"), Turn(100, 130, "host"), Turn(130, 200, "guest")]
    assert strangers(read, [Span(100, 130)]) == (False,)


def test_one_voice_in_two_breaks_is_still_a_stranger() -> None:
    played = [Turn(0, 50, "host"), Turn(50, 70, "ad"), Turn(70, 120, "host"), Turn(120, 140, "ad")]
    assert strangers(played, [Span(50, 70), Span(120, 140)]) == (True, True)
    assert strangers(played, [Span(50, 70)]) == (False,)


def test_no_turns_no_strangers() -> None:
    assert strangers([], [Span(0, 9)]) == (False,)


def test_what_the_voice_of_an_ad_says_next_is_no_show_either():
    turns = [Turn(0, 60, "host"), Turn(60, 92, "spot"), Turn(92, 150, "host")]
    found = Span(61, 90)
    voices = voices_of_ads(turns, [found])
    assert voices == {"spot"}
    assert with_their_turns(found, turns, voices) == Span(60, 92)
    assert with_their_turns(found, turns, ()) == found
    assert voices_of_ads([Turn(0, 2, "nobody")], [found]) == frozenset()


def test_a_last_sentence_beyond_the_ad_does_not_make_its_voice_part_of_the_show() -> None:
    found = Span(60, 90)
    assert voices_of_ads([Turn(0, 60, "host"), Turn(60, 95, "spot")], [found]) == {"spot"}
    assert voices_of_ads([Turn(0, 60, "host"), Turn(60, 105, "guest")], [found]) == frozenset()
    assert voices_of_ads([Turn(0, 60, "host"), Turn(60, 90, "spot"), Turn(95, 100, "spot")], [found]) == {"spot"}
    assert voices_of_ads([Turn(0, 60, "host"), Turn(60, 90, "guest"), Turn(195, 200, "guest")], [found]) == frozenset()


def said(voice: str, text: str, start: int) -> list[Word]:
    return [Word(start + n, start + n + 1, word, 1.0, voice) for n, word in enumerate(text.split())]


def test_only_a_voice_that_passes_by_sells() -> None:
    host, again = said("host", "we talk of bread at bread.org now", 0), said("host", "and on we talk", 20)
    spot = said("ad", "Plank sells boards. Go to plank.com slash bread.", 10)
    assert passing_sellers([*host, *spot, *again]) == (Span(10, 18),)
    assert passing_sellers([*host, *spot, *again], without=[Span(9, 19)]) == ()
    assert passing_sellers([*host, *said("guest", "I sell boards.", 10), *again]) == ()
    assert passing_sellers(spot) == ()
    assert passing_sellers([*host, *said("ad", "so we went on " * 40, 10), *spot, *again]) == ()
