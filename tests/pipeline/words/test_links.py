from __future__ import annotations

import pytest

from pipeline.timeline import Word
from pipeline.words.links import find_links


def said(text: str) -> list[str]:
    words = [Word(float(i), i + 1.0, part) for i, part in enumerate(text.split())]
    return [link.text for link in find_links(words)]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Go to paypal dot com slash promo terms.", ["paypal.com/promoterms"]),
        ("see paypal.com/slash promo terms. Subject to approval.", ["paypal.com/promoterms"]),
        ("Visit USB.com today to learn more.", ["usb.com"]),
        ("that's audacityteam dot org, and it is free", ["audacityteam.org"]),
        ("w w w dot nature dot com slash news for more", ["nature.com/news"]),
        ("feedback at itsathing .me/shop and so on", []),
        ("https://example.org/a/b?c=d, they say", ["example.org/a/b?c=d"]),
        ("patreon dot com slash d t n s today", ["patreon.com/dtns"]),
        ("at bbc dot co dot uk forward slash sounds.", ["bbc.co.uk/sounds"]),
        ("version 3.5 of e.g. U.S. law at 3 p.m. and node.js", []),
        ("connect the dot com bubble", []),
        ("the dot product of two vectors in a row", []),
        ("", []),
    ],
)
def test_addresses_as_people_say_them(text: str, links: list[str]):
    assert said(text) == links


def test_a_link_has_its_time_and_its_url():
    words = [Word(1.0, 2.0, "see"), Word(2.0, 3.0, "npr.org.")]
    assert [(link.at, link.url) for link in find_links(words)] == [(2.0, "https://npr.org")]
