"""Feeds on bad days: killed after the last episode, answers that are no episode, copies that are damaged, a watch that
meets whatever can be raised. Nothing of it is kept, nothing is lost, and the next look sets it right."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline.batch.rounds
from pipeline.batch.rounds import Many
from pipeline.batch.sources import Recording, Subscription
from pipeline.cache import EpisodeFolder
from pipeline.errors import StoreError
from pipeline.feeds.download import Net, kept_page
from pipeline.feeds.items import noted_in
from pipeline.feeds.retries import FIRST_WAIT_S, LAST_WAIT_S, Failure
from pipeline.feeds.subscriptions import FORGOTTEN, STATE, subscribe
from pipeline.formats.captions.published import parse_published
from pipeline.library.repeats import Spot
from pipeline.library.spot_index import FILE, keep_index, known_spots
from pipeline.settings import Settings
from tests.pipeline.feeds.test_subscriptions import follow
from tests.pipeline.feeds.test_subscriptions import show as show  # a fixture
from tests.pipeline.inline import in_process as in_process  # a fixture

NET = Net(allow_private=True, sleep=lambda _s: None)


pytestmark = pytest.mark.usefixtures("in_process")


class Killed(BaseException):
    """What a SIGKILL is to the code: nothing after it runs, no handler sees it."""


def test_what_follows_the_episodes_is_made_by_the_next_run(show, library, tmp_path, monkeypatch, capfd) -> None:
    url = show(2)

    def kill(*_given: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("pipeline.batch.rounds.Many._learnt", kill)
        follow(url, library, tmp_path, newest=2)
    assert len(list(noted_in(tmp_path / "birds-bees"))) == 2
    assert not (tmp_path / "birds-bees/feed.xml").exists()
    assert follow(url, library, tmp_path) == 0
    assert "no new episodes" not in capfd.readouterr().err
    feed = (tmp_path / "birds-bees/feed.xml").read_text()
    assert feed.count("<item>") == 2 and (tmp_path / "index.html").exists()
    assert {entry["status"] for entry in json.loads((tmp_path / "batch.json").read_text())["episodes"]} == {"reused"}
    assert follow(url, library, tmp_path) == 0
    assert "no new episodes" in capfd.readouterr().err


def test_a_cover_that_is_no_picture_any_more_is_had_again_and_a_persons_own_stays(show, library, tmp_path) -> None:
    url, cover = show(1), tmp_path / "birds-bees/cover.png"
    assert follow(url, library, tmp_path) == 0
    whole = cover.read_bytes()
    mine = whole[:8] + b"mine IEND"
    for damaged, wanted in ((b"[]\n", whole), (b"", whole), (whole[:60], whole), (mine, mine)):
        cover.write_bytes(damaged)
        assert follow(url, library, tmp_path) == 0 and cover.read_bytes() == wanted


def test_half_a_cover_is_not_kept_and_asked_for_later_and_later(web, show, library, tmp_path, capfd) -> None:
    url, clock, cover = show(1), Clock(), web.things["/cover.png"]
    whole, cover.data = cover.data, cover.data[:60]
    for _minute in range(0, 40, 5):
        assert watched(library, tmp_path, clock, Subscription(url)).watch_once() == 0
        clock.now_s += 300
    assert len(web.asked_for("/cover.png")) == 3 and "the show's cover is missing" in capfd.readouterr().err
    assert not list(tmp_path.glob("*/cover.*"))
    cover.data = whole
    clock.now_s += 86_400
    assert watched(library, tmp_path, clock, Subscription(url)).watch_once() == 0
    assert (tmp_path / "birds-bees/cover.png").read_bytes() == whole


def test_half_a_feed_with_the_tag_of_the_whole_is_asked_for_again_with_what_it_said(
    web, show, library, tmp_path
) -> None:
    url, clock, feed = show(1), Clock(), web.things["/feed"]
    assert watched(library, tmp_path / "whole", clock, Subscription(url)).watch_once() == 0
    whole, feed.data = feed.data, feed.data.partition(b"<itunes:episode>")[0]
    assert watched(library, tmp_path / "out", clock, Subscription(url)).watch_once() == 0
    found = tmp_path / "out/birds-bees/part-0/chapters.json"
    kept = (tmp_path / "whole/birds-bees/part-0/chapters.json").read_bytes()
    assert found.read_bytes() != kept
    feed.data = whole
    clock.now_s += 86_400
    assert watched(library, tmp_path / "out", clock, Subscription(url)).watch_once() == 0
    assert found.read_bytes() == kept


def test_what_another_run_has_noted_of_a_feed_meanwhile_stays(show, tmp_path) -> None:
    url, choice = show(2), Many(lambda: (), Settings()).choice
    first, second = subscribe(url, tmp_path, net=NET), subscribe(url, tmp_path, net=NET)
    first.choose(replace(choice, newest=2))
    first.tried("guid-0", failed=True, now_s=1000.0)
    second.tried("guid-1", failed=True, now_s=1000.0)
    second.finish()
    state = json.loads((first.folder / STATE).read_text())
    assert state["pending"] == ["guid-0", "guid-1"] and state["failures"].keys() == {"guid-0", "guid-1"}


@pytest.mark.parametrize("page", [b'{"error": "try later"}' * 50])
def test_an_error_page_that_was_taken_for_an_episode_is_not_kept(web, show, library, tmp_path, page) -> None:
    url = show(1)
    good = web.things["/ep0.wav"].data
    web.things["/ep0.wav"].data = page
    assert follow(url, library, tmp_path, newest=1) == 1
    web.things["/ep0.wav"].data = good
    assert follow(url, library, tmp_path) == 0
    assert len(list(noted_in(tmp_path / "birds-bees"))) == 1


@pytest.mark.parametrize("damage", [b"", b"[]", b"{\0}"])
def test_a_feed_that_forgot_what_failed_says_so(show, tmp_path, damage) -> None:
    url = show(1)
    first = subscribe(url, tmp_path, net=NET)
    assert first.feed.remarks == ()
    (first.folder / STATE).write_bytes(damage)
    again = subscribe(url, tmp_path, net=NET)
    assert again.folder == first.folder and again.feed.remarks == (FORGOTTEN,)
    assert subscribe(url, tmp_path, net=NET).feed.remarks == ()


@pytest.mark.parametrize("damage", [b"", b"<rss", b"half"])
def test_a_damaged_copy_of_a_feed_is_had_once_more(web, show, library, tmp_path, damage) -> None:
    url = show(1)
    subscribe(url, tmp_path, net=NET)
    assert subscribe(url, tmp_path, net=NET).feed.items and "if-none-match" in web.asked[-1][1]
    (copy,) = (tmp_path / "downloads").glob("*.feed.xml")
    copy.write_bytes(copy.read_bytes()[: len(copy.read_bytes()) // 2] if damage == b"half" else damage)
    assert len(subscribe(url, tmp_path, net=NET).feed.items) == 1
    assert "if-none-match" not in web.asked[-1][1]


@pytest.mark.parametrize("state", ["{", "[]", "[" * 100_000, '{"pending": 7, "failures": [1], "etag": {"a": 1}}'])
def test_a_damaged_state_of_a_feed_is_no_end(web, show, library, tmp_path, state) -> None:
    url = show(1)
    folder = subscribe(url, tmp_path, net=NET).folder
    (folder / STATE).write_text(state)
    again = subscribe(url, tmp_path, net=NET)
    assert len(again.choose(Many(lambda: (), Settings()).choice)) == 1


def test_a_damaged_copy_of_a_transcript_is_had_once_more(web, tmp_path) -> None:
    url = web.put("/t.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n")
    assert kept_page(url, tmp_path, parse_published, net=NET)
    (kept,) = tmp_path.glob("*.page")
    kept.write_bytes(b"\x00\x01")
    assert kept_page(url, tmp_path, parse_published, net=NET) and len(web.asked) == 2


def test_a_damaged_record_in_the_index_of_spots_is_made_again(tmp_path) -> None:
    spot = Spot(1.0, 9.0, "sha", "sponsor", "", 0.9, True, True, 50.0, tuple("abcdefghijkl"), (0.5,) * 12)
    folder = EpisodeFolder(tmp_path / "show/one")
    folder.stage("spots", tuple[Spot, ...], [], lambda: (spot,))
    keep_index(tmp_path / "show")
    with closing(sqlite3.connect(tmp_path / "show" / FILE)) as index, index:
        asked = {row[0] for row in index.execute("SELECT mark FROM marks")}
        index.execute("UPDATE spots SET record = '{\"no\": 1}'")
    other = EpisodeFolder(tmp_path / "show/two")
    assert [known.spot for known in known_spots(other, asked, recording="other")] == [spot]


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


def watched(library: Path, out: Path, clock: Clock, *entries: Recording | Subscription) -> Many:
    settings = Settings(out=out, scripted=library / "case", allow_private=True)
    return Many(lambda: entries, settings, patient=True, now=clock)


def test_what_fails_in_a_feed_is_tried_later_and_later(web, show, library, tmp_path) -> None:
    url, clock = show(1), Clock()
    good, web.things["/ep0.wav"].status = web.things["/ep0.wav"].data, 404
    tries = []
    for _minute in range(0, 80, 10):  # a look every ten minutes, each time by another process
        watched(library, tmp_path, clock, Subscription(url)).watch_once()
        tries.append(len(web.asked_for("/ep0.wav")))
        clock.now_s += 600
    assert tries[-1] == 4, "at 0, 10, 30 and 70 minutes"
    web.things["/ep0.wav"].status, web.things["/ep0.wav"].data = 200, good
    assert watched(library, tmp_path, clock, Subscription(url)).watch_once() == 0
    clock.now_s += LAST_WAIT_S
    watched(library, tmp_path, clock, Subscription(url)).watch_once()
    assert len(list(noted_in(tmp_path / "birds-bees"))) == 1
    assert Failure(50, 1.0).again(0.0).due_s == LAST_WAIT_S


def test_a_watched_file_that_failed_for_want_of_space_is_tried_again(library, tmp_path, monkeypatch, capfd) -> None:
    clock = Clock()
    many = watched(library, tmp_path, clock, Recording(str(library / "in/ep0.wav")))
    with monkeypatch.context() as patch:

        def full(*_given: object) -> None:
            raise StoreError(tmp_path, "the disk is almost full")

        patch.setattr(pipeline.batch.rounds.Many, "_batch", full)
        assert many.watch_once() == 1 and "almost full" in capfd.readouterr().err
    assert many.watch_once() == 0 and not list(tmp_path.glob("*/*/result.json")), "not due yet"
    clock.now_s += FIRST_WAIT_S
    assert many.watch_once() == 0 and len(list(tmp_path.glob("*/*/result.json"))) == 1


@pytest.mark.parametrize(
    "error", [RuntimeError("odd"), RecursionError(), UnicodeError("x"), MemoryError(), OSError(5, "I/O")]
)
def test_a_watch_survives_whatever_a_look_can_raise(tmp_path, capfd, error) -> None:
    def look() -> list[Recording]:
        raise error

    assert Many(look, Settings(out=tmp_path), patient=True).watch_once() == 1
    assert capfd.readouterr().err.startswith("cleancast: ")


def test_a_feed_that_raises_what_nobody_expects_costs_itself_alone(show, library, tmp_path, monkeypatch, capfd) -> None:
    url, real = show(1), pipeline.batch.rounds.subscribe

    def subscribed(address: str, *given, **named):
        if address.endswith("/odd"):
            raise RuntimeError("odd")
        return real(address, *given, **named)

    monkeypatch.setattr("pipeline.batch.rounds.subscribe", subscribed)
    assert follow(url, library, tmp_path, f"{url}/odd", newest=1) == 1
    assert len(list(noted_in(tmp_path / "birds-bees"))) == 1 and (tmp_path / "birds-bees/feed.xml").exists()
    assert "odd" in capfd.readouterr().err
