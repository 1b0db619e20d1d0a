"""Feeds as publishers' programs write them: no episode is lost for a slip, and what is left out is counted."""

from __future__ import annotations

from html import escape
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats.feeds.feed import parse_feed
from pipeline.formats.untrusted_text import plain_title
from tests.pipeline.formats.feeds.test_feed import feed_of

BASE = "https://show.example/feeds/main.xml"


def entry(enclosures: str, title: str = "T", guid: str = "<guid>g</guid>", more: str = "") -> str:
    return f"<item><title>{title}</title>{guid}{enclosures}{more}</item>"


def file(url: str, kind: str = "audio/mpeg", length: str = "9") -> str:
    return f'<enclosure url="{escape(url)}" type="{kind}" length="{length}"/>'


def read(*entries: str):
    return parse_feed(feed_of("<title>S</title>", *entries), url=BASE)


@pytest.mark.parametrize(
    "kind", ["audio/mpeg", "file", "mp3", "binary/octet-stream", "Audio/MPEG", "image/jpeg", "", "x"]
)
def test_the_claimed_type_of_an_mp3_does_not_matter(kind):
    assert len(read(entry(file("https://a.example/1.mp3", kind))).items) == 1


@pytest.mark.parametrize("kind", ["binary/octet-stream", "application/octet-stream", "file", "audio/x-anything"])
def test_an_address_without_an_ending_may_be_sound(kind):
    assert len(read(entry(file("https://a.example/play?id=1", kind))).items) == 1


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.example/notes.pdf", "application/pdf"),
        ("https://a.example/notes.pdf", "audio/mpeg"),
        ("https://a.example/cover", "image/png"),
        ("https://a.example/book.epub", ""),
        ("https://a.example/page", "text/html"),
    ],
)
def test_what_is_no_sound_is_left_out_and_said(url, kind):
    found = read(entry(file(url, kind)), entry(file("https://a.example/1.mp3"), guid="<guid>2</guid>"), entry(""))
    assert [item.enclosure.url for item in found.items] == ["https://a.example/1.mp3"]
    assert found.remarks == ("2 of 3 items are left out: 1 with no file of sound, 1 with no file",)


def test_of_several_files_the_best_sound_is_the_episode():
    files = [("a.pdf", "application/pdf", "9"), ("a.mp4", "video/mp4", "900"), ("low.mp3", "audio/mpeg", "10"),
             ("high.mp3", "audio/mpeg", "20"), ("a.jpg", "image/jpeg", "99")]  # fmt: skip
    (item,) = read(entry("".join(file(f"https://a.example/{name}", kind, size) for name, kind, size in files))).items
    assert item.enclosure.url == "https://a.example/high.mp3"


@given(st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_an_address_with_any_sign_in_its_path_is_the_same_address(name):
    sane = "".join(c for c in name if c not in "?#%/\\;").strip(".") or "x"
    (item,) = read(entry(file(f"https://a.example/{sane}x.mp3"))).items
    path = urlsplit(item.enclosure.url).path
    assert path.isascii() and " " not in path
    assert unquote(path).split() == f"/{sane}x.mp3".split()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (" https://a.example/1.mp3\n", "https://a.example/1.mp3"),
        ("//a.example/1.mp3", "https://a.example/1.mp3"),
        ("/1.mp3", "https://show.example/1.mp3"),
        ("1.mp3", "https://show.example/feeds/1.mp3"),
        ("https://a.example/a%20b.mp3", "https://a.example/a%20b.mp3"),
        ("https://a.example/a b.mp3?x=1 2", "https://a.example/a%20b.mp3?x=1%202"),
        ("https://a.example/[live] {1}.mp3", "https://a.example/[live]%20%7B1%7D.mp3"),
    ],
)
def test_addresses_are_mended(written, meant):
    assert [item.enclosure.url for item in read(entry(file(written))).items] == [meant]


def test_relative_addresses_count_from_where_the_feed_was_found():
    data = feed_of("<title>S</title>", entry(file("../1.mp3")))
    (item,) = parse_feed(data, url="https://short.example/f", base="https://long.example/shows/one/feed.xml").items
    assert item.enclosure.url == "https://long.example/shows/1.mp3"


def test_the_query_counts_where_it_tells_items_apart():
    items = [entry(file(f"https://a.example/play?show=7&id={n}&sig=0123456789{n}"), guid="") for n in range(3)]
    keys = [item.key for item in read(*items).items]
    assert keys == [f"https://a.example/play?id={n}" for n in range(3)]
    alone = read(entry(file("https://a.example/1.mp3?sig=1"), guid="")).items
    assert [item.key for item in alone] == ["https://a.example/1.mp3"]


@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["", "01", "02"])), max_size=6))
@settings(max_examples=40, deadline=None)
def test_without_guid_and_telling_address_title_and_date_tell_items_apart_and_a_repetition_is_said(written):
    said = [(title, day and f"<pubDate>{day} Oct 2026 10:00:00 GMT</pubDate>") for title, day in written]
    entries = [entry(file(f"https://a.example/1.mp3?{n}"), t, "", date) for n, (t, date) in enumerate(said)]
    found, different = read(*entries), len(set(written))
    assert len({item.key for item in found.items}) == len(found.items) == different
    repeated = len(written) - different
    assert bool(repeated) == any(f"{repeated} of {len(written)} items are left out" in said for said in found.remarks)
    for n in range(len(written)):  # an item's key is the same whatever newer items stand above it
        alone = read(*[each for (_, day), each in zip(written, entries, strict=True) if day <= written[n][1]])
        assert {item.key for item in alone.items} <= {item.key for item in found.items}


@pytest.mark.parametrize(
    "slip", ["&nbsp;", " & ", "&ndash;", "&copy", "R&D", "1 < 2", "\x0b", "&#0;", "&unheard;", "<3"]
)
def test_one_slip_of_xml_loses_nothing(slip):
    extras = (
        '<podcast:person>Ada Holm</podcast:person><podcast:transcript url="/t.vtt" type="text/vtt"/>'
        '<podcast:chapters url="/c.json?a=1&amp;b=2"/>'
    )
    (item,) = read(entry(file("https://a.example/1.mp3"), f"x{slip}y", more=extras)).items
    assert [person.name for person in item.persons] == ["Ada Holm"]
    assert [link.url for link in item.transcripts] == ["https://show.example/t.vtt"]
    assert item.chapters_url == "https://show.example/c.json?a=1&b=2"
    assert item.title.startswith("x") and item.title.endswith("y")


titles = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="".join(map(chr, range(128, 256)))),
    min_size=1,
    max_size=20,
)


@given(titles)
@settings(max_examples=50, deadline=None)
def test_a_title_is_what_was_meant(title):
    bare = title.replace("&", "+")  # one more round of entities is read, as many programs escape twice
    (item,) = read(entry(file("https://a.example/1.mp3"), escape(bare))).items
    assert item.title == " ".join(bare.split())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("The <template> element and why I like it", "The <template> element and why I like it"),
        ("Why I <3 generics: List<String>, Map<K, V>", "Why I <3 generics: List<String>, Map<K, V>"),
        ("<b>Bold</b> and <i>new</i>", "Bold and new"),
        ("Part 1<br/>Part 2", "Part 1 Part 2"),
        ("The <br> tag", "The <br> tag"),
        ("<![CDATA[Cats]]> &amp; dogs", "Cats & dogs"),
        ("<script>x()</script>Hi", "Hi"),
        ("<p>Hello <b>you</b></p>", "Hello you"),
        ("\u202eevil\x00", "evil"),
    ],
)
def test_titles_keep_what_looks_like_tags(written, shown):
    assert plain_title(written) == shown
