"""Where a feed is found in the end, and who gets its password."""

from __future__ import annotations

import pytest

from pipeline.errors import FetchError
from pipeline.feeds.download import Net
from pipeline.feeds.subscriptions import subscribe
from tests.pipeline.formats.feeds.test_feed import feed_of

NET = Net(allow_private=True)


def entry(url: str, guid: str = "", more: str = "") -> str:
    return f'<item><title>T</title>{guid}<enclosure url="{url}" type="audio/mpeg"/>{more}</item>'


def test_relative_addresses_count_from_behind_the_redirect_also_the_second_time(web, tmp_path):
    feed = web.put("/shows/one/feed.xml", feed_of("<title>S</title>", entry("../1.mp3")), headers={"ETag": '"a"'})
    moved = web.put("/short", status=302, headers={"Location": "/shows/one/feed.xml"})
    expected = feed.replace("one/feed.xml", "1.mp3")
    for _ in range(2):
        (item,) = subscribe(moved, tmp_path, net=NET).feed.items
        assert item.enclosure.url == expected
        web.put("/shows/one/feed.xml", status=304)


def test_the_password_goes_to_files_of_the_same_origin_and_into_no_key(web, tmp_path):
    more = '<podcast:transcript url="/t.vtt" type="text/vtt"/><podcast:chapters url="https://b.example/c.json"/>'
    data = feed_of("<title>S</title>", entry("/1.mp3", more=more), entry("https://b.example/2.mp3"))
    url = web.put("/feed", data).replace("http://", "http://me:secret@")
    one, other = subscribe(url, tmp_path, net=NET).feed.items
    assert "me:secret@" in one.enclosure.url and "me:secret@" in one.transcripts[0].url
    assert "secret" not in one.key + one.chapters_url + other.enclosure.url + other.key
    assert not [path for path in tmp_path.rglob("*.json") if "secret" in path.read_text()]


def test_a_feed_without_sound_says_what_it_has(web, tmp_path):
    url = web.put("/feed", feed_of("<title>S</title>", entry("/notes.pdf"), "<item><title>T</title></item>"))
    with pytest.raises(FetchError, match="2 of 2 items are left out: 1 with no file of sound, 1 with no file"):
        subscribe(url, tmp_path, net=NET)
