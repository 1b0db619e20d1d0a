"""Feeds as they are: rich, old, broken, hostile."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.feeds.feed import LARGEST_FEED, Person, parse_feed
from pipeline.formats.feeds.feed_print import print_feed
from pipeline.formats.untrusted_text import plain_line, plain_text

RSS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>{}</channel></rss>'
)


def feed_of(*parts: str) -> bytes:
    return RSS.format("".join(parts)).encode()


def item(guid: str = "<guid>g</guid>", title: str = "T", url: str = "https://cdn.example/a.mp3", more: str = "") -> str:
    return f'<item><title>{title}</title>{guid}<enclosure url="{url}" length="9" type="audio/mpeg"/>{more}</item>'


RICH = feed_of(
    "<title>The Show</title><link>https://show.example/</link><language>en-us</language>",
    "<description>About &lt;b&gt;things&lt;/b&gt;</description><itunes:author>Ann Other</itunes:author>",
    '<itunes:image href="/cover.jpg"/><itunes:category text="News"/><itunes:explicit>false</itunes:explicit>',
    '<podcast:person role="Host">Jane Host</podcast:person>',
    item(
        "<guid isPermaLink='false'>abc-1</guid>",
        "One &amp; only",
        more="<pubDate>Tue, 01 Sep 2026 10:00:00 +0200</pubDate><itunes:duration>1:02:03</itunes:duration>"
        "<itunes:episode>7</itunes:episode><itunes:season>2</itunes:season>"
        '<content:encoded><![CDATA[<p>Long <a href="https://a.b/c">text</a></p><script>x()</script>]]></content:encoded>'
        '<podcast:person role="guest" href="https://g.example/">Gus Guest</podcast:person>'
        '<podcast:person>Jane Host</podcast:person><podcast:chapters url="/c.json" type="application/json+chapters"/>'
        '<podcast:transcript url="https://a.b/t.vtt" type="text/vtt" language="en"/>'
        '<podcast:transcript url="https://a.b/t.srt" type="application/x-subrip"/>',
    ),
    item("<guid>abc-0</guid>", "Zero"),
    "<item><title>a text, no sound</title><guid>x</guid></item>",
)


def test_all_that_helps_an_episode_is_read() -> None:
    feed = parse_feed(RICH, url="https://show.example/feed.xml")
    assert (feed.title, feed.author, feed.language, feed.category) == ("The Show", "Ann Other", "en-us", "News")
    assert feed.description == "About things" and feed.image == "https://show.example/cover.jpg"
    one, zero = feed.items
    assert (one.key, one.title, one.published) == ("abc-1", "One & only", "2026-09-01T08:00:00+00:00")
    assert (one.duration_s, one.season, one.number) == (3723.0, "2", "7")
    assert one.description == "Long text (https://a.b/c)"
    assert one.persons == (Person("Gus Guest", "guest", url="https://g.example/"), Person("Jane Host", "host"))
    assert [t.media_type for t in one.transcripts] == ["text/vtt", "application/x-subrip"]
    assert one.chapters_url == "https://show.example/c.json"
    assert zero.persons == (Person("Jane Host", "host"),), "the channel's persons stand where the item names none"
    assert (one.enclosure.url, one.enclosure.length, one.enclosure.media_type) == (
        "https://cdn.example/a.mp3",
        9,
        "audio/mpeg",
    )


def test_atom() -> None:
    data = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>urn:a</id>
    <entry><title>E</title><id>urn:e</id>
    <updated>2026-01-02T03:04:05Z</updated>
    <link rel="enclosure" type="audio/mpeg" href="e.mp3" length="5"/></entry></feed>"""
    (entry,) = parse_feed(data, url="https://a.example/x/atom").items
    assert entry.enclosure.url == "https://a.example/x/e.mp3"
    assert entry.published == "2026-01-02T03:04:05+00:00" and entry.key == "urn:e"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss version="2.0"><channel><title>&c;</title></channel></rss>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<rss version="2.0"><channel><title>&x;</title></channel></rss>'
)


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, BOMB.replace("<!ENTITY", "<!entity"), f"{BOMB}<broken"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(text: str, encoding: str) -> None:
    with pytest.raises(FormatError, match="entities"):
        parse_feed(text.encode(encoding))


def test_a_hundred_megabytes_are_refused_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(FormatError, match="MB"):
        parse_feed(b" " * (LARGEST_FEED + 1))
    assert time.monotonic() - began < 1


def test_ten_thousand_items_are_read() -> None:
    data = feed_of("<title>Daily</title>", *(item(f"<guid>g{i}</guid>", f"Day {i}") for i in range(10_000)))
    assert len(parse_feed(data).items) == 10_000


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0", b"<html><body>hi</body></html>", b"ID3\x03" + bytes(range(256)), b"just words", b"<a/>"]
)
def test_what_is_no_feed_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(FormatError, match="podcast feed"):
        parse_feed(data, url="https://a.example/feed")


def test_publishers_mistakes_are_forgiven() -> None:
    broken = b"\n\n" + feed_of("<title>A & B &nbsp; C</title>", item(title="x < y <b>", more="<pubDate>soon</pubDate>"))
    feed = parse_feed(broken)
    assert feed.title == "A & B C" and len(feed.items) == 1 and feed.items[0].published == ""
    cut = RICH[: RICH.index(b"abc-0")]
    assert parse_feed(cut).items[0].key == "abc-1"


def test_a_field_that_broken_markup_left_empty_is_empty() -> None:
    torn = b"<item<description</description<description[</title<item<enclosure url=https://a.b/c.mp3<description</description<"
    (found,) = parse_feed(torn).items
    assert isinstance(found.description, str)


@pytest.mark.parametrize("date", ["", "Mon, 01 Jan 0001 00:00:00 GMT", "Tue, 99 Foo 2026", "1e99", "31 Dec 9999 23:59"])
def test_absurd_dates_are_no_dates(date: str) -> None:
    (found,) = parse_feed(feed_of("<title>T</title>", item(more=f"<pubDate>{date}</pubDate>"))).items
    assert found.published == ""


def test_keys_differ_and_stay() -> None:
    items = [
        item("<guid>same</guid>", "a", "https://a.b/1.mp3"),
        item("<guid>same</guid>", "b", "https://a.b/2.mp3"),
        item("<guid>same</guid>", "b again", "https://a.b/2.mp3?token=1"),
        item("", "c", "https://a.b/3.mp3?signature=1"),
        item("", "d", "https://a.b/4.mp3"),
    ]
    keys = [found.key for found in parse_feed(feed_of("<title>T</title>", *items)).items]
    assert len(keys) == len(set(keys)) == 4 and "https://a.b/3.mp3" in keys
    turned = parse_feed(feed_of("<title>T</title>", *reversed(items))).items
    assert {found.key for found in turned} == set(keys)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:audio/mpeg;base64,AA",
        "ftp://a.b/c.mp3",
        "http://",
        "https://a b/",
    ],
)
def test_only_web_addresses_count_as_sound(url: str) -> None:
    assert parse_feed(feed_of("<title>T</title>", item(url=url))).items == ()


@pytest.mark.parametrize(
    ("hostile", "plain"),
    [
        ("../../etc/passwd", "../../etc/passwd"),
        ("a\x00b\x1b[31mred\x07", "ab[31mred"),
        ("\u202eevil\u202c \u2066x\u2069\ufeff", "evil x"),
        ("<script>alert(1)</script>Hi", "Hi"),
        ("&lt;img src=x onerror=alert(1)&gt;Hi", "Hi"),
        ("&amp;lt;script&amp;gt;x", "&lt;script&gt;x"),
        ("x" * 5000, "x" * 300),
        ("family 👨‍👩‍👧 ok", "family 👨‍👩‍👧 ok"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_titles_are_made_plain(hostile: str, plain: str) -> None:
    assert plain_line(hostile) == plain


@given(st.text(alphabet=st.sampled_from("<>/&;ab ltg\x00\u202e\n\"'=!-[]"), max_size=200))
@settings(max_examples=300, deadline=None)
def test_plain_text_holds_no_markup(text: str) -> None:
    import re

    assert not re.search(r"<[a-zA-Z/!][^<>]*>|\x00|\u202e", plain_text(text))
    assert "\n" not in plain_line(text)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_feed_or_one_clear_error(data: bytes) -> None:
    try:
        parse_feed(data)
    except FormatError as error:
        assert "feed" in str(error)


@given(st.integers(0, len(RICH) - 1), st.binary(min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_damaged_feed_is_read_or_refused(at: int, noise: bytes) -> None:
    try:
        feed = parse_feed(RICH[:at] + noise + RICH[at + len(noise) :], url="https://a.example/f")
    except FormatError:
        return
    assert all(found.key and found.enclosure.url.startswith("http") for found in feed.items)


@pytest.mark.parametrize(
    "piece", ["<a<", "<!--", "<a ", "&", "</", "<script>", "<![CDATA[", "<a href='", "<a href=x>", "&#x"]
)
def test_hostile_markup_takes_no_time(piece: str) -> None:
    began = time.process_time()
    plain_text(piece * (200_000 // len(piece)) + ">" * 1000)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("end", ["/>", "/></nobody>"])
def test_an_element_of_a_thousand_attributes_is_refused(end: str) -> None:
    many = " ".join(f"a{number}='1'" for number in range(1000))
    with pytest.raises(FormatError, match="attributes"):
        parse_feed(feed_of("<title>The Show</title>", item(more=f"<x {many}{end}")))


@pytest.mark.parametrize(
    ("said", "explicit"), [("true", True), ("yes", True), ("false", False), ("clean", False), ("", None)]
)
def test_explicit_is_what_the_source_says_and_nothing_is_invented(said, explicit):
    words = f"<itunes:explicit>{said}</itunes:explicit>" if said else ""
    feed = parse_feed(feed_of("<title>The Show</title>", words, item(more=words)))
    assert (feed.explicit, feed.items[0].explicit) == (explicit, explicit)
    printed = print_feed(feed, (), url="https://a.example/feed.xml")
    again = parse_feed(printed.encode())
    assert (again.explicit, again.category) == (explicit, "")
    assert ("itunes:explicit" in printed, "itunes:category" in printed) == (explicit is not None, False)
