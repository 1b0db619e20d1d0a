import pytest

from pipeline.ads.calls import find_calls, own_kind
from pipeline.ads.clauses import spoken_units
from pipeline.timeline import Span, Word

TALK = "The river had been low all summer. Nobody could remember a year like it. We walked home without a word. "


def spoken(text: str) -> list[Word]:
    return [Word(n * 0.37, n * 0.37 + 0.35, word) for n, word in enumerate(text.split())]


def kinds(text: str) -> list[str]:
    return [kind for _, kind in find_calls(spoken(TALK + text + " " + TALK))]


@pytest.mark.parametrize(
    "text",
    [
        "Send us a voice note and we may play it next week.",
        "Please leave us a five star review, it really helps.",
        "You can support us on Patreon, that's patreon.com slash river.",
        "Follow us on Instagram for the pictures.",
        "We have new mugs over at our store, go and have a look.",
    ],
)
def test_a_call_of_the_show_is_its_own(text: str) -> None:
    assert kinds(text) == ["self"]


@pytest.mark.parametrize(
    "text",
    [
        "This episode was produced by Ines Farr and edited by Kofi Mensah. Our theme music is by The Lakes.",
        "Host and producer, Anna Holt. Video editor, Rudy Blanco. Art by Mel.",
    ],
)
def test_who_made_it_is_credits(text: str) -> None:
    assert kinds(text) == ["credits"]


@pytest.mark.parametrize(
    "text",
    [
        "The film was produced by his brother in four weeks.",
        "Support for this podcast comes from Larkwell. Follow us to larkwell.com and use code RIVER at checkout.",
        "She wrote him a message and he never answered.",
    ],
)
def test_talk_and_sponsors_are_no_call(text: str) -> None:
    assert kinds(text) == []


def test_what_is_taken_is_not_looked_at() -> None:
    words = spoken("Please leave us a review on whatever you listen with.")
    assert find_calls(words)
    assert not find_calls(words, without=[Span(0, words[-1].end)])


def test_calls_lie_in_order_and_within_the_words() -> None:
    words = spoken((TALK + "Rate and review us, please. ") * 3 + "Edited by Ann. Produced by Bo. ")
    found = find_calls(words)
    assert [kind for _, kind in found][-1] == "credits"
    starts = [span.start for span, _ in found]
    assert starts == sorted(starts) and all(0 <= span.start < span.end <= words[-1].end for span, _ in found)


def test_a_stretch_is_the_shows_own_only_if_nobody_sells_in_it() -> None:
    own = spoken_units(spoken("Become a patron today. You can find us on Patreon under our name."))[0]
    sold = spoken_units(spoken("Become a patron today. This show is sponsored by Zestora, use code RIVER."))[0]
    assert own_kind(own) == "self" and own_kind(sold) is None and own_kind(()) is None


def test_where_the_only_address_is_patreon_the_show_speaks_for_itself() -> None:
    own = spoken_units(spoken("Eric, smoky. Bo, bold and bright. You get one at patreon.com slash river."))[0]
    both = spoken_units(spoken("You get one on patreon.com slash river. Or go to larkwell.com for a bed."))[0]
    assert own_kind(own) == "self" and own_kind(both) is None
