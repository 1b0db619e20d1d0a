import pytest

from pipeline.ads.offers import find_offer
from pipeline.timeline import Span, Word

WHOLE = Span(0, 999)


def offer(text: str, span: Span = WHOLE) -> str:
    return str(find_offer([Word(i, i + 1, token) for i, token in enumerate(text.split())], span))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Visit usb.com today to learn more", "usb.com"),
        ("go to plank dot com slash tide, that's plank dot com slash tide", "plank.com/tide"),
        ("use code TIDE at checkout", "code TIDE"),
        ("use my code t i d e for ten percent off", "code TIDE"),
        ("with the code. Then it ended", ""),
        ("the dress code for the evening was black", ""),
        ("we wrote the code that runs it", ""),
        ("member FDIC", ""),
    ],
)
def test_what_a_listener_would_note_down(said: str, found: str) -> None:
    assert offer(said) == found


def test_only_what_the_ad_says() -> None:
    assert offer("see flourlab.org or use code OVEN at ovenly.com", Span(3, 99)) == "ovenly.com, code OVEN"
    assert offer("") == ""
