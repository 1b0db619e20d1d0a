from __future__ import annotations

import pytest

from pipeline.errors import FormatError
from pipeline.formats.feeds.opml import parse_opml

OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>mine</title></head><body>
<outline text="News"><outline type="rss" text="A" xmlUrl="https://a.example/feed"/></outline>
<outline type="rss" xmlUrl=" http://b.example/rss "/><outline xmlUrl="https://a.example/feed"/>
<outline xmlUrl="file:///etc/passwd"/></body></opml>"""


def test_every_feed_once_in_order() -> None:
    assert parse_opml(OPML) == ("https://a.example/feed", "http://b.example/rss")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"<opml><body/></opml>", "no feed address"),
        (b"not xml", "well-formed"),
        (b"", "well-formed"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><opml>&a;</opml>', "entities"),
    ],
)
def test_what_is_no_opml_is_refused_in_words(data: bytes, word: str) -> None:
    with pytest.raises(FormatError, match=word):
        parse_opml(data, path="subs.opml")
