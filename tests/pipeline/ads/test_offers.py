import pytest

from pipeline.ads.offers import find_offer
from pipeline.result import AdSpan
from pipeline.timeline import Word


def offer(text: str, sponsor: str = "", *, start: float = 0.0, metadata: str = "") -> str:
    words = [Word(i, i + 1, token) for i, token in enumerate(text.split())]
    return str(find_offer(words, AdSpan(start, 999, 0.9, sponsor=sponsor), metadata=metadata))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Visit usb.com today to learn more", "usb.com"),
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


def test_an_address_is_put_together_only_if_its_name_is_known() -> None:
    said = "go to plank dot com slash tide, that's plank dot com slash tide"
    assert offer(said, "Plank") == "plank.com/tide"
    assert offer(said, "Old Oak") == "“plank dot com slash tide”"
    assert offer(said, metadata="Thanks to https://plank.com/tide") == "plank.com/tide"


def test_the_end_of_a_name_in_the_metadata_is_not_the_name() -> None:
    assert offer("go to plank dot com today", metadata="Thanks to riverplank.com") == "“plank dot com”"


def test_half_a_name_is_not_the_sponsors() -> None:
    said = "sign up at river plank dot com slash tide today"
    assert offer(said, "Riverplank") == "“plank dot com slash tide”"
    assert offer("sign up at getplank dot com today", "Plank") == "getplank.com"


def test_only_what_the_ad_says() -> None:
    said = "see flourlab.org or use code OVEN at ovenly.com"
    assert offer(said, "Ovenly", start=3) == "ovenly.com, code OVEN"
    assert offer("") == ""
