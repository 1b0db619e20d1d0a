import pytest

from pipeline.ads.finding.evidence import find_reasons, find_sponsor, quotes_ads
from pipeline.timeline import Span, Word


def spoken(text: str) -> list[Word]:
    return [Word(i * 0.4, i * 0.4 + 0.4, t) for i, t in enumerate(text.split())]


def whole(words: list[Word]) -> Span:
    return Span(words[0].start, words[-1].end)


@pytest.mark.parametrize(
    ("text", "sponsor"),
    [
        ("This episode is brought to you by U.S. Zinc. It shines.", "U.S. Zinc"),
        ("Support for this podcast comes from Vellum and Rye, makers of paper.", "Vellum and Rye"),
        ("Our feet hurt. So try it at solefood.com slash run today.", "solefood"),
        ("Our feet hurt. So try it at sole food dot com slash run today.", ""),
        ("At Solefood we know feet. Go to solefood .com today.", "Solefood"),
        ("we talked for an hour about the weather", ""),
        (
            "This episode is brought to you by Pine Health Group. Learn at phg.com. We at Ada Moor know. See Ada Moor.",
            "Pine Health Group, Ada Moor",
        ),
        ("I sleep on a Fenwood Mattress now. Go to fenwoodmattress.com today.", "Fenwood Mattress"),
        ("It is brought to you by Grandpa's Bag of Leaves. Grandpa's Bag! Grandpa's Bag!", "Grandpa's Bag of Leaves"),
        ("Our feet hurt. So try it at solefood.dev slash run today.", "solefood"),
    ],
)
def test_the_sponsor_is_named_as_spoken(text: str, sponsor: str) -> None:
    words = spoken(text)
    assert find_sponsor(words, whole(words)) == sponsor


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It opens with this episode is brought to you by, then the host talks of it for a minute.", False),
        ("This episode is brought to you by, Plank, who sell boards.", True),
        ("this episode is brought to you by plank who sell boards", True),
    ],
)
def test_who_goes_on_without_a_name_names_no_sponsor(text: str, names: bool) -> None:
    words = spoken(text)
    said = {reason.text.split(":")[0] for reason in find_reasons(words, whole(words))}
    assert ("names its sponsor" in said) == names


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("The first line says something like, this episode is brought to you by Plank. Go to plank.com today.", True),
        ("Every single one was, this podcast is sponsored by Plank, go to plank dot com.", True),
        ("This episode is brought to you by Plank. They say, brought to you by boards.", False),
        ("I was happy to hear it. This show is sponsored by Plank.", False),
        ("I'd like to say that this show is sponsored by Plank. Go to plank.com.", False),
        ("This episode of the Boat Show was brought to you by Plank. Go to plank.com.", False),
        ("We build boards. Go to plank dot com.", False),
    ],
)
def test_talk_of_how_ads_begin_quotes_them(text: str, quotes: bool) -> None:
    words = spoken(text)
    assert quotes_ads(words, whole(words)) == quotes


def test_reasons_stand_at_the_time_of_their_words() -> None:
    words = spoken("and so we left. Use code PIER for 20 % off at pier .com slash go. Terms apply.")
    reasons = {e.text.split(":")[0]: e.at for e in find_reasons(words, whole(words))}
    assert reasons["gives a code"] == words[4].start
    assert reasons["makes an offer"] == words[8].start
    assert reasons["gives an address"] == words[12].start
    assert reasons["reads the small print"] == words[16].start


def test_an_address_may_have_any_ending_of_a_domain() -> None:
    words = spoken("We think so. See more at plank.coop today.")
    reasons = find_reasons(words, whole(words))
    assert [(reason.text, reason.at) for reason in reasons] == [("gives an address: “plank.coop”", words[6].start)]


def test_no_words_no_reasons() -> None:
    assert find_reasons([], Span(0, 9)) == ()
    assert find_sponsor([], Span(0, 9)) == ""


@pytest.mark.parametrize("who", ["you,", "listeners like you", "people like you", "our kind patrons", "the members"])
def test_a_show_supported_by_its_listeners_names_no_sponsor(who: str) -> None:
    words = spoken(f"The weekly podcast supported by {who} about things that are things.")
    assert not any("sponsor" in reason.text for reason in find_reasons(words, whole(words)))
    sold = spoken("The weekly podcast supported by our friends at Vellum about things.")
    assert any("sponsor" in reason.text for reason in find_reasons(sold, whole(sold)))
