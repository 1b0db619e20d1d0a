"""Feeds from a real server to clean feeds: what is new, what is kept, what an independent parser reads."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from defusedxml.ElementTree import fromstring
from mutagen.id3 import ID3

from pipeline.batch.prepare import Preparer
from pipeline.batch.rounds import Many, run_feeds
from pipeline.batch.sources import Recording, Subscription
from pipeline.cache import EpisodeFolder
from pipeline.errors import FetchError, FormatError
from pipeline.feeds.download import Net
from pipeline.feeds.items import noted_in
from pipeline.feeds.subscriptions import Choice, choose
from pipeline.formats.feeds.feed import Enclosure, Feed, Item, TranscriptLink, parse_feed
from pipeline.library.recall import recall
from pipeline.settings import Settings
from pipeline.timeline import CutList, Span
from tests.pipeline.inline import in_process as in_process  # a fixture

NEWEST_FIRST = [f"2026-09-{day:02d}T08:00:00+00:00" for day in (5, 4, 3, 2, 1)]
TODAY = "2026-10-01T00:00:00+00:00"
NOBODY: frozenset[str] = frozenset()


def items(dates: list[str]) -> list[Item]:
    return [Item(f"k{n}", f"Title {n}", Enclosure(f"https://a.b/{n}.mp3"), published=d) for n, d in enumerate(dates)]


@pytest.mark.parametrize(
    ("choice", "done", "pending", "chosen"),
    [
        (Choice(), [], [], "k0"),
        (Choice(), ["k2"], [], "k1 k0"),
        (Choice(), ["k0"], [], ""),
        (Choice(), ["k0"], ["k1"], "k1"),
        (Choice(), ["k0", "k1"], ["k1"], ""),
        (Choice(newest=3), [], [], "k2 k1 k0"),
        (Choice(newest=3), ["k1"], [], "k2 k0"),
        (Choice(newest=3), ["k0", "k1", "k2"], [], ""),
        (Choice(since="2026-09-03"), [], [], "k2 k1 k0"),
        (Choice(since="2026-09-03", newest=1), [], [], "k0"),
        (Choice(match="title [13]"), ["k4"], [], "k3 k1"),
        (Choice(match="title [13]"), [], [], "k1"),
        (Choice(match="title [13]", newest=5), [], [], "k3 k1"),
    ],
    ids=str,
)
def test_what_is_new(choice, done, pending, chosen) -> None:
    found = choose(items(NEWEST_FIRST), choice, done=frozenset(done), pending=frozenset(pending), today=TODAY)
    assert " ".join(item.key for item in found) == chosen


def test_order_does_not_matter_and_dates_may_be_missing_or_ahead() -> None:
    by_order = choose(items(list(reversed(NEWEST_FIRST))), Choice(newest=2), done=NOBODY, pending=NOBODY, today=TODAY)
    assert [item.key for item in by_order] == ["k3", "k4"]
    ahead = ["2099-01-01T00:00:00+00:00", "", NEWEST_FIRST[1], "", NEWEST_FIRST[3]]
    found = choose(items(ahead), Choice(since="2026-09-04"), done=NOBODY, pending=NOBODY, today=TODAY)
    assert {item.key for item in found} == {"k0", "k1", "k2", "k3"}


@pytest.fixture
def show(web, library):
    """A feed of three episodes on a real server; ``show(count)`` publishes so many of them."""
    sounds = [(library / "in" / f"ep{n}.wav").read_bytes() for n in range(3)]
    for n, sound in enumerate(sounds):
        web.put(f"/ep{n}.wav", sound, kind="audio/wav", etag=f'"ep{n}"')
    web.put("/cover.png", b"\x89PNG\r\n\x1a\n" + bytes(100) + b"IEND", kind="image/png")
    web.put(
        "/ch.json",
        json.dumps(
            {
                "version": "1.2.0",
                "chapters": [{"startTime": 0, "title": "Start <b>"}, {"startTime": 7, "title": "Second"}],
            }
        ).encode(),
        kind="application/json",
    )

    def publish(count: int, title: str = "Birds & <i>Bees</i>", more: str = "") -> str:
        announced = "".join(
            f"<item><title>Part {n}: ../&lt;script&gt;alert({n})&lt;/script&gt;</title><guid>guid-{n}</guid>"
            f"<pubDate>0{n + 1} Sep 2026 10:00:00 GMT</pubDate>"
            f"<description>All about part {n} &amp;amp; more</description>"
            f'<enclosure url="{web.base}/ep{n}.wav?token=s3cret" length="1" type="audio/wav"/>'
            f'<podcast:person role="guest">Gus Guest {n}</podcast:person>'
            f'<podcast:chapters url="{web.base}/ch.json" type="application/json+chapters"/>'
            f"<itunes:episode>{n + 1}</itunes:episode>{more}</item>"
            for n in reversed(range(count))
        )
        text = (
            '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
            'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>'
            f"<title><![CDATA[{title}]]></title><link>https://show.example/</link><language>en</language>"
            f"<itunes:author>Ann</itunes:author><itunes:category text='Science'/><description>d</description>"
            f'<itunes:image href="{web.base}/cover.png"/>{announced}</channel></rss>'
        )
        return web.put("/feed", text.encode(), kind="application/rss+xml", etag=f'"feed{count}"')

    return publish


def follow(url: str, library: Path, out: Path, *urls: str, base_url: str = "https://me.example/pod", **choice) -> int:
    options = Settings(out=out, scripted=library / "case", allow_private=True)
    return Many(lambda: [Subscription(u) for u in (url, *urls)], options, Choice(**choice), base_url).run()


def test_feeds_that_are_run_together_keep_settings_of_their_own(web, show, library, tmp_path) -> None:
    out, first = tmp_path / "out", show(1)
    other = web.put("/other", web.things["/feed"].data.replace(b"Birds", b"Wasps"), kind="text/xml")
    options = Settings(out=out, scripted=library / "case", allow_private=True)
    own = {first: replace(options, ads="keep", memory=False), other: replace(options, ads="mark")}
    assert run_feeds([first, other], options, Choice(), of_shows=own) == 0
    modes = {folder.parent.name: recall(EpisodeFolder(folder)).settings.ads for folder in out.glob("*-bees/part*")}
    assert modes == {"birds-bees": "keep", "wasps-bees": "mark"}
    assert {entry["show"] for entry in json.loads((out / "batch.json").read_text())["episodes"]} == {
        "Birds & Bees", "Wasps & Bees"}  # fmt: skip
    assert not (out / "birds-bees/.spots.sqlite").exists() and (out / "wasps-bees/.spots.sqlite").exists()


def test_new_episodes_since_last_time_and_the_clean_feed(web, show, library, tmp_path, capfd) -> None:
    out = tmp_path / "out"
    assert follow(show(1), library, out) == 0
    folder = out / "birds-bees"
    assert [note.item.key for note in noted_in(folder)] == ["guid-0"]
    page = (out / "index.html").read_text()
    assert "birds-bees/feed.xml" in page, "the page is written after the feed that it names"
    asked = len(web.asked)
    assert follow(show(1), library, out) == 0 and len(web.asked) == asked + 1, "the feed alone is asked for"
    assert (out / "index.html").read_text() == page
    assert web.asked[-1][1]["if-none-match"] == '"feed1"' and "no new episodes" in capfd.readouterr().err
    assert follow(show(3), library, out) == 0
    assert {note.item.key for note in noted_in(folder)} == {"guid-0", "guid-1", "guid-2"}
    assert len(web.asked_for("/ep0.wav")) == 1 and len(web.asked_for("/cover.png")) == 1
    check_feed(folder, capfd.readouterr().out)
    pictures = [frame.data for file in folder.glob("*/clean.mp3") for frame in ID3(file).getall("APIC")]
    assert pictures == 3 * [web.things["/cover.png"].data], "the show's, in each episode, as none has one of its own"


def check_feed(folder: Path, printed: str) -> None:
    """What an independent parser reads of the clean feed, and that it is valid and safe."""
    assert str(folder / "feed.xml") in printed
    text = (folder / "feed.xml").read_text()
    found = feedparser.parse(text)
    assert not found.bozo and found.feed.title == "Birds & Bees" and found.feed.image.href.endswith("/cover.png")
    assert [e.title for e in found.entries] == [f"Part {n}: ../" for n in (2, 1, 0)]
    assert [e.id for e in found.entries] == [f"cleancast:guid-{n}" for n in (2, 1, 0)]
    for entry in found.entries:
        (enclosure,) = entry.enclosures
        local = folder.parent / urlsplit(enclosure.href).path.removeprefix("/pod/")
        assert local.is_file() and int(enclosure.length) == local.stat().st_size and enclosure.type == "audio/mpeg"
        assert int(entry.itunes_duration) == 10  # 12 s less 2 s of ads
        assert "more" in entry.summary and "<script" not in entry.summary and "Second" in entry.summary
    again = parse_feed(text.encode(), url="https://me.example/pod/birds-bees/feed.xml")
    newest = again.items[0]
    assert [p.name for p in newest.persons] == ["Gus Guest 2"] and newest.number == "3"
    kinds = {t.media_type: folder.parent / urlsplit(t.url).path.removeprefix("/pod/") for t in newest.transcripts}
    assert set(kinds) == {"text/vtt", "application/json", "application/x-subrip"} and all(
        p.is_file() for p in kinds.values()
    )
    chapters = json.loads((folder.parent / urlsplit(newest.chapters_url).path.removeprefix("/pod/")).read_text())
    assert [c["title"] for c in chapters["chapters"]] == ["Start <b>", "Second"], "the publisher's own"
    told = json.loads(next(p for p in folder.glob("*/cuts.json") if "2" in p.parent.name).read_text())
    cuts = CutList(tuple(Span(s["start"], s["end"]) for s in told["removed"]), told["duration"])
    assert 4.9 < cuts.to_clean(7.0) < 5.1, "two seconds of ad are cut before the chapter"
    assert chapters["chapters"][1]["startTime"] == pytest.approx(cuts.to_clean(7.0), abs=1e-3), "on the clean clock"
    everything = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert b"s3cret" not in everything and "s3cret" not in printed
    root = fromstring(text)
    assert root.find("channel/{http://www.w3.org/2005/Atom}link").get("href").endswith("/birds-bees/feed.xml")


@pytest.mark.usefixtures("in_process")
def test_the_publishers_words_reach_the_pipeline(show, library, tmp_path) -> None:
    assert follow(show(1), library, tmp_path) == 0
    (result,) = tmp_path.glob("birds-bees/*/result.json")
    episode = json.loads(result.read_text())["episode"]
    assert (episode["title"], episode["show"]) == ("Part 0: ../", "Birds & Bees")
    assert episode["description"] == "All about part 0 & more\nGuest: Gus Guest 0."
    assert episode["published"] == "2026-09-01T10:00:00+00:00" and episode["source"].endswith("/ep0.wav?...")
    assert result.parent.name == "part-0"


@pytest.mark.usefixtures("in_process")
def test_one_sound_that_is_announced_twice_is_worked_on_once(web, show, library, tmp_path, capfd) -> None:
    url = show(2)
    web.things["/ep1.wav"].data = web.things["/ep0.wav"].data
    web.things["/feed"].data = web.things["/feed"].data.replace(b"Part 1", b"Part 0").replace(b"alert(1)", b"alert(0)")
    assert follow(url, library, tmp_path, newest=2) == 0
    assert len(list(tmp_path.glob("*/*/result.json"))) == 1
    capfd.readouterr()
    assert follow(url, library, tmp_path, newest=2) == 0 and "no new episodes" in capfd.readouterr().err


SAID_IN_VTT = (
    "WEBVTT\n\n00:00.100 --> 00:10.000\n<v Ann Ornithologist>We talk about birds today. Owls hunt small mice quietly. "
    "Geese fly south every autumn. Robins guard their own gardens. Swifts sleep high in air.\n"
)


def offering(web, kind: str, data: bytes, **faults) -> str:
    """The tag of an item whose publisher offers a transcript."""
    url = web.put("/published", data, kind=kind, **faults)
    return f'<podcast:transcript url="{url}" type="{kind}" language="en"/>'


def outcome_of(out: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Every output but the times, and what the batch says of the episode."""
    files = {
        p.relative_to(out).as_posix(): p.read_bytes()
        for p in out.rglob("*")
        if p.is_file() and p.name not in ("batch.json", "timings.json", ".feed.json") and "downloads" not in p.parts
    }
    (episode,) = json.loads((out / "batch.json").read_text())["episodes"]
    return files, episode


@pytest.mark.usefixtures("in_process")
def test_the_publishers_transcript_is_kept_compared_and_names_who_speaks(web, show, library, tmp_path, capfd) -> None:
    more = offering(web, "text/vtt", SAID_IN_VTT.encode())
    assert follow(show(1, more=more), library, tmp_path) == 0
    assert "0.0% of the publisher's words were heard otherwise, and 0.0% of" in capfd.readouterr().err
    files, episode = outcome_of(tmp_path)
    assert episode["publisher_agreement"] == {"differing_words": 0.0}
    assert b"<v Ann Ornithologist>" in files["birds-bees/part-0/published.vtt"]
    (speaker,) = json.loads(files["birds-bees/part-0/result.json"])["speakers"]
    assert speaker["name"] == "Ann Ornithologist" and "publisher's transcript" in speaker["evidence"][0]["text"]
    asked = len(web.asked_for("/published"))
    assert follow(show(1, more=more), library, tmp_path, newest=1) == 0
    assert len(web.asked_for("/published")) == asked == 1, "fetched once and kept"


@pytest.mark.usefixtures("in_process")
def test_another_recordings_transcript_changes_nothing_but_a_remark(web, show, library, tmp_path, capfd) -> None:
    other = b"WEBVTT\n\n00:01.000 --> 00:09.000\n<v Eve Evil>" + b"buy now " * 30
    assert follow(show(1), library, tmp_path / "plain") == 0
    assert follow(show(1, more=offering(web, "text/vtt", other)), library, tmp_path / "hostile") == 0
    assert "not of this recording" in capfd.readouterr().err
    plain, hostile = outcome_of(tmp_path / "plain")[0], outcome_of(tmp_path / "hostile")[0]
    notes = {name for name in hostile if name.endswith(("published.json", "item.json", "made.json"))}
    assert {n: d for n, d in hostile.items() if n not in notes} == {n: d for n, d in plain.items() if n not in notes}


@pytest.mark.parametrize(
    ("kind", "data", "faults", "says"),
    [
        ("text/vtt", b"<html>no", {}, "not an SRT file"),
        ("text/vtt", b" \n", {}, "is empty"),
        (
            "application/json",
            b'{"version": "1.0.0", "segments": [{"startTime": 1e999}]}',
            {},
            "where a number should be",
        ),
        ("text/vtt", b"", {"status": 404}, "nothing at this URL"),
        ("text/vtt", b"WEBVTT" + b"\n" * 11_000_000, {"packed": True}, "larger than the limit of 10 MB"),
        ("text/vtt", b"", {"status": 302, "headers": {"Location": "file:///etc/passwd"}}, "only http and https"),
    ],
    ids=["a page", "empty", "absurd", "missing", "a flood", "a file"],
)
@pytest.mark.parametrize("what", ["transcript", "chapters"])
def test_a_hostile_transcript_or_chapters_file_is_a_remark(
    web, library, tmp_path, kind, data, faults, says, what
) -> None:
    url = web.put("/published", data, kind=kind, **faults)
    item = Item("k", "T", Enclosure(f"{web.base}/ep0.wav"))
    item = replace(item, transcripts=(TranscriptLink(url, kind),)) if what == "transcript" else item
    item = replace(item, chapters_url=url) if what == "chapters" else item
    net = Net(allow_private=True, sleep=lambda s: None)
    place = str(library / "in/ep0.wav")
    job = Preparer(Settings(out=tmp_path), net)(Recording(place, item=item, feed=Feed("u", "Show", ())), 0)
    (remark,) = job.remarks
    assert job.published == () and job.episode.chapters == () and f"the publisher's {what}" in remark
    assert says in remark or (what == "chapters" and "is not JSON" in remark)
    assert not list(tmp_path.rglob("*.page")), "what could not be read is not kept"


def test_a_transcript_without_times_is_said_not_to_be_used(library, tmp_path) -> None:
    item = Item("k", "T", Enclosure("https://a.b/c"), transcripts=(TranscriptLink("https://a.b/t.html", "text/html"),))
    job = Preparer(Settings(out=tmp_path), Net())(Recording(str(library / "in/ep0.wav"), item=item), 0)
    (remark,) = job.remarks
    assert "not used" in remark and "text/html" in remark and job.lacking == ()


def test_private_addresses_of_a_transcript_are_not_asked(web, library, tmp_path) -> None:
    item = Item("k", "T", Enclosure("https://a.b/c"), transcripts=(TranscriptLink(web.put("/t", b"x"), "text/vtt"),))
    job = Preparer(Settings(out=tmp_path), Net())(Recording(str(library / "in/ep0.wav"), item=item), 0)
    assert web.asked == [] and "on the local network" in job.remarks[0]


def test_a_failed_episode_is_tried_again_and_stops_nothing(web, show, library, tmp_path, capfd) -> None:
    url = show(3)
    good, web.things["/ep1.wav"] = web.things["/ep1.wav"], web.things["/cover.png"]
    assert follow(url, library, tmp_path, newest=3) == 1
    said = capfd.readouterr()
    again = f"cleancast feed {url} -o {tmp_path} --scripted {library / 'case'} --allow-private"
    assert "2 done, 1 FAILED" in said.err and f"again: {again}\n" in said.err, "with the options that it needs"
    assert len(feedparser.parse((tmp_path / "birds-bees/feed.xml").read_text()).entries) == 2
    web.things["/ep1.wav"] = good
    for file in tmp_path.glob("downloads/*/ep1.wav"):
        file.unlink()
    assert follow(url, library, tmp_path) == 0, "it is older than what is done, and still pending"
    assert len(feedparser.parse((tmp_path / "birds-bees/feed.xml").read_text()).entries) == 3


@pytest.mark.usefixtures("in_process")
def test_a_feed_is_watched(web, show, library, tmp_path, monkeypatch, capfd) -> None:
    url, looks = show(1), []

    def sleep(seconds: float) -> None:
        """Between two looks: an episode appears, then the feed is away, then the user has seen enough."""
        looks.append(seconds)
        if len(looks) == 1:
            show(2)
        elif len(looks) == 2:
            web.things["/feed"].status = 404
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.batch.rounds.time", SimpleNamespace(sleep=sleep, time=time.time))
    options = Settings(out=tmp_path, scripted=library / "case", allow_private=True, watch=1.0)
    with pytest.raises(KeyboardInterrupt):
        Many(lambda: [Subscription(url)], options).run()
    assert sorted(p.parent.name for p in tmp_path.glob("birds-bees/*/result.json")) == ["part-0", "part-1"]
    assert len(looks) == 3 and all(50 < seconds <= 60 for seconds in looks[2:])
    assert "nothing at this URL" in capfd.readouterr().err, "said, and looked for again"


@pytest.mark.usefixtures("in_process")
def test_the_clean_feed_is_the_same_bytes_every_time(show, library, tmp_path) -> None:
    url = show(2)
    for out in ("a", "b"):
        assert follow(url, library, tmp_path / out, newest=2) == 0
    assert (tmp_path / "a/birds-bees/feed.xml").read_bytes() == (tmp_path / "b/birds-bees/feed.xml").read_bytes()
    before = (tmp_path / "a/birds-bees/feed.xml").stat().st_mtime_ns
    assert follow(url, library, tmp_path / "a", newest=2) == 0
    assert (tmp_path / "a/birds-bees/feed.xml").stat().st_mtime_ns == before


@pytest.mark.usefixtures("in_process")
def test_feeds_of_one_title_keep_apart_and_one_that_is_away_stops_nothing(web, show, library, tmp_path, capfd) -> None:
    first = show(1)
    other = web.put("/other", web.things["/feed"].data, kind="application/rss+xml", etag="")
    away = f"{web.base}/away"
    assert follow(first, library, tmp_path, other, away) == 1
    assert len(list(tmp_path.glob("birds-bees*/feed.xml"))) == 2
    assert "nothing at this URL" in capfd.readouterr().err
    assert follow(first, library, tmp_path, other) == 0, "nothing new in either"
    assert len(list(tmp_path.glob("birds-bees*/*/result.json"))) == 2


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"<html>", FormatError), (b"<rss version='2.0'><channel><title>T</title></channel></rss>", FetchError)],
)
def test_what_is_no_feed_leaves_nothing(web, library, tmp_path, data, error) -> None:
    with pytest.raises(error):
        follow(web.put("/feed", data, kind="text/xml"), library, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_private_addresses_need_a_word(show, library, tmp_path) -> None:
    options = Settings(out=tmp_path, scripted=library / "case")
    with pytest.raises(FetchError, match="--allow-private"):
        Many(lambda: [Subscription(show(1))], options).run()


@pytest.mark.usefixtures("in_process")
def test_addresses_and_subscriptions_run_like_files(web, show, library, tmp_path) -> None:
    options = Settings(out=tmp_path, scripted=library / "case", allow_private=True)
    url = show(1)
    assert Many(lambda: [Recording(f"{web.base}/ep1.wav"), Subscription(url)], options).run() == 0
    assert sorted(p.parent.name for p in tmp_path.glob("*/*/result.json")) == ["ep1", "part-0"]
    assert Net().allow_private is False
