"""A follower on a simulated clock: every episode once, the disk within its bound, the status true."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.batch.jobs import Outcome
from pipeline.cache import EpisodeFolder
from pipeline.errors import StoreError
from pipeline.feeds.items import noted_in
from pipeline.follow.config import Keep, Notify
from pipeline.follow.follower import _alone
from pipeline.follow.notices import Log, notify
from pipeline.follow.place import FILE
from pipeline.follow.retention import retain
from pipeline.follow.status import FILE as STATUS
from pipeline.follow.status import read_status
from pipeline.formats.records.result_json import print_result
from pipeline.library.recall import note_run
from pipeline.result import Episode, Result
from pipeline.settings import Settings
from pipeline.timeline import CutList, Transcript
from tests.pipeline.follow.world import DAY_S, SOUND, START_S, PowerCut, World, follower


@pytest.fixture
def world(web, tmp_path) -> Iterator[World]:
    made = World(web, tmp_path / "out", 3)
    with made.instead():
        yield made


def test_weeks_of_three_feeds_with_faults_in_the_answers_and_two_power_cuts(world) -> None:
    faults, of_each, power_cuts = random.Random(7), 'keep = 2\nsince = "2020-01-01"', (3, 7)
    running = follower(world, of_each=of_each)
    for day in range(11):
        world.publish()
        for thing in world.web.things.values():
            thing.status = faults.choice((404, 500, 503)) if faults.random() < 0.2 else 200
        if day in power_cuts:
            world.cut_power = 0
        try:
            running.run(once=True)
        except PowerCut:
            world.cut_power = -1
            running = follower(world, of_each=of_each)
        under_way = sum(day >= cut for cut in power_cuts)  # half made, and not taken away until it is whole
        assert len(list(world.out.glob("*/*/clean.mp3"))) <= 2 * 3 + under_way
        assert len([f for f in world.out.glob("downloads/*/*") if f.is_file()]) <= 2 * 3 + under_way
        world.now_s += DAY_S * 2.2
    for thing in world.web.things.values():
        thing.status = 200
    for _day in range(3):
        world.now_s += DAY_S * 1.2
        world.publish()
        running.run(once=True)
    assert len(set(world.worked)) == len(world.worked), "every episode once"
    for show in range(3):
        expected = {(f"Show {show}", f"Part {n}") for n in range(world.published(show))}
        assert {each for each in world.worked if each[0] == f"Show {show}"} == expected
        noted = {note.item.key for note in noted_in(world.out / f"show-{show}")}
        assert noted == {f"{show}-{n}" for n in range(world.published(show))}, "what was taken away is still known"
        feed = (world.out / f"show-{show}/feed.xml").read_text()
        assert feed.count("<item>") == 2 and f"Part {world.published(show) - 1}<" in feed
    status = json.loads((world.out / STATUS).read_text())
    assert len(status["shows"]) == 3
    for looked in status["shows"].values():
        assert looked["error"] == "" and looked["failures"] == 0 and looked["last_s"] == world.now_s < looked["next_s"]


def test_a_round_without_news_reads_no_feed_again_and_writes_the_page_once(world, monkeypatch) -> None:
    world.now_s -= DAY_S * 0.5
    running = follower(world)
    running.run(once=True)
    pages, page = [], world.out / "index.html"
    monkeypatch.setattr("pipeline.follow.follower.publish_index", lambda out: pages.append(out))
    monkeypatch.setattr("pipeline.feeds.subscriptions.parse_feed", lambda *_given, **_named: pytest.fail("read again"))
    written = page.stat().st_mtime_ns, (world.out / "show-0/.feed.json").stat().st_mtime_ns
    world.now_s += DAY_S * 1.2
    assert running.run(once=True) == 0 and len(pages) == 1
    assert (page.stat().st_mtime_ns, (world.out / "show-0/.feed.json").stat().st_mtime_ns) == written
    assert len(set(world.worked)) == len(world.worked) == 3


def test_a_feed_is_read_again_where_what_was_read_is_damaged(world) -> None:
    running = follower(world)
    running.run(once=True)
    kept = sorted(world.out.glob("downloads/*.feed.json"))
    whole = [file.read_text() for file in kept]
    for file, text in zip(kept, (whole[0].replace("Part", "Port"), "{", "[]"), strict=True):
        file.write_text(text)
    world.now_s += DAY_S * 1.2
    world.publish()
    assert running.run(once=True) == 0 and not any("Port" in title for _, title in world.worked)
    assert all('"Part ' in file.read_text() for file in kept)


@pytest.mark.parametrize("moment", [1e300, -1.0, 1e13])
def test_a_time_that_is_none_is_forgotten_and_the_other_shows_are_known(world, moment) -> None:
    running = follower(world)
    running.run(once=True)
    status = json.loads((world.out / STATUS).read_text())
    first = sorted(status["shows"])[0]
    status["shows"][first]["next_s"] = moment
    (world.out / STATUS).write_text(json.dumps(status))
    assert len(read_status(world.out).shows) == 2
    asked = len(world.web.asked)
    assert running.run(once=True) == 0 and len(world.web.asked) == asked + 1
    assert len(read_status(world.out).shows) == 3


def test_what_failed_while_the_clock_was_ahead_is_tried_again(world) -> None:
    running = follower(world)
    world.web.things["/0/ep.mp3"].status = 404
    world.now_s += DAY_S * 3650
    running.run(once=True)
    world.web.things["/0/ep.mp3"].status = 200
    world.now_s -= DAY_S * 3650
    running.run(once=True)
    assert len(world.worked) == 3


def test_an_output_folder_that_is_away_is_waited_for_and_not_begun_anew(world) -> None:
    running, slept, said = follower(world), [], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        world.now_s += DAY_S * 1.2
        if len(slept) == 1:
            world.out.rename(world.out.with_name("away"))
            world.out.mkdir()
        elif len(slept) == 2:
            world.out.rmdir()
            world.out.with_name("away").rename(world.out)
        else:
            raise KeyboardInterrupt

    running.sleep, running.say = sleep, said.append
    with pytest.raises(KeyboardInterrupt):
        running.run()
    assert any("is not the folder that it was" in line for line in said) and len(slept) == 3
    assert len(world.worked) == 3 and len(read_status(world.out).shows) == 3


def test_a_feed_that_is_away_is_asked_less_and_less_and_says_why(world, capfd) -> None:
    running = follower(world, "metrics = 'm.prom'\nlog = 'follow.log'", "every = 60")
    running.say = Log(world.out / "follow.log")
    world.web.things["/feed0"].status = 404
    asked = []
    for _hour in range(20):
        running.run(once=True)
        asked.append(len(world.web.asked_for("/feed0")))
        world.now_s += 3600
    running.say.close()
    assert 4 <= asked[-1] <= 8 and len(world.web.asked_for("/feed1")) >= 12
    looked = next(each for each in read_status(world.out).shows.values() if each.name.endswith("/feed0"))
    assert "nothing at this URL" in looked.error and looked.failures == asked[-1]
    assert "nothing at this URL" in (world.out / "follow.log").read_text()
    assert f'cleancast_look_failures{{show="{world.web.base}/feed0"}} {asked[-1]}' in (world.out / "m.prom").read_text()
    assert "the next look is in" in capfd.readouterr().err


def test_quiet_hours_a_full_disk_and_a_file_that_changes(world, monkeypatch) -> None:
    running = follower(world, "quiet = '00:00-23:59'")
    first = world.now_s
    assert running.run(once=True) == 0
    assert not world.web.asked or running._outside_quiet(first) == first
    running = follower(world)
    running.config = replace(running.config, free_bytes=10**18)
    assert running.run(once=True) == 1 and not world.worked
    assert "are free" in next(iter(read_status(world.out).shows.values())).error
    (world.out / FILE).write_text("[follow")
    before = running.config
    running._reread()
    assert running.config == before
    (world.out / STATUS).write_text("[" * 100_000)
    world.now_s += 2 * DAY_S
    running.config = replace(before, free_bytes=0)
    assert running.run(once=True) == 0 and len(world.worked) == 3
    with _alone(world.out), pytest.raises(StoreError, match="another cleancast follow"):
        running.run(once=True)


def write_kept(show: Path, number: int, *, edited: bool = False) -> Path:
    folder = EpisodeFolder(show / f"ep{number}")
    download_of = show.parent / "downloads" / f"{number:08x}" / "a.mp3"
    download_of.parent.mkdir(parents=True)
    download_of.write_bytes(SOUND)
    episode = Episode(
        f"ep{number}", "a.mp3", 60.0, f"{number}" * 64, f"E{number}", "S", published=f"2026-0{number + 1}-01"
    )
    folder.write("result.json", print_result(Result(episode, Transcript((), "en", "m"), (), (), (), CutList((), 60.0))))
    folder.write("clean.mp3", "sound")
    note_run(folder, episode, download_of, Settings(out=show.parent))
    if edited:
        folder.write("edits.json", "{}")
    return download_of


@pytest.mark.parametrize("drop", ["originals", "outputs", "both"])
def test_what_goes_and_what_stays(tmp_path, drop) -> None:
    show = tmp_path / "out/show"
    originals = [write_kept(show, number, edited=number == 1) for number in range(4)]
    own = tmp_path / "own.mp3"
    own.write_bytes(SOUND)
    taken = retain(show, Keep(episodes=1, drop=drop), now_s=START_S)
    assert [each.folder.name for each in taken] == ["ep0", "ep2"]
    assert [file.exists() for file in originals] == [drop == "outputs", True, drop == "outputs", True]
    left = [(show / f"ep{number}/result.json").exists() for number in range(4)]
    assert left == [drop == "originals", True, drop == "originals", True]
    assert retain(show, Keep(episodes=1, drop=drop), now_s=START_S) == () and own.exists()
    assert retain(show, Keep(days=30_000), now_s=START_S) == () == retain(show, Keep(), now_s=START_S)


def test_a_full_disk_is_emptied_of_what_need_not_be_kept(world, monkeypatch) -> None:
    running, free = follower(world, of_each='keep = 1\nsince = "2020-01-01"'), [10**12]
    world.now_s += 14 * DAY_S
    world.publish()
    monkeypatch.setattr("pipeline.follow.follower.retain", lambda *_given, **_named: ())
    assert running.run(once=True) == 0
    kept = len(list(world.out.glob("*/*/clean.mp3")))
    monkeypatch.setattr("pipeline.follow.follower.retain", retain)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=free[0]))
    running.config, free[0] = replace(running.config, free_bytes=10**6), 1000
    world.now_s += 2 * DAY_S
    assert running.run(once=True) == 1
    assert kept > world.shows == len(list(world.out.glob("*/*/clean.mp3")))


def test_who_is_told_and_who_cannot_be(web, tmp_path) -> None:
    said: list[str] = []
    outcome = Outcome(0, "a", "held", "Title", "Show", "out/show/title")
    note = tmp_path / "note"
    code = "import os, sys; open(sys.argv[1], 'w').write(os.environ['CLEANCAST_EVENT'] + os.environ['CLEANCAST_TITLE'])"
    good = (sys.executable, "-c", code, str(note))
    notify(outcome, Notify(command=good, on=("failed",)), say=said.append)
    assert not note.exists()
    notify(outcome, Notify(command=good), say=said.append)
    assert note.read_text() == "heldTitle" and said == []
    notify(outcome, Notify(webhook=f"{web.base}/hook?token=s3cret", command=("/nowhere",)), say=said.append)
    assert len(said) == 2 and "s3cret" not in said[0] and "it answered 501" in said[0] and "No such file" in said[1]


def test_a_log_is_rotated_and_a_full_disk_stops_nothing(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.follow.notices.LOG_BYTES", 200)
    log = Log(tmp_path / "logs/follow.log")
    for number in range(60):
        log(f"line {number} \x1b[31m")
    log.close()
    assert len(list((tmp_path / "logs").iterdir())) == 6
    assert "\x1b" not in (tmp_path / "logs/follow.log").read_text()
    Log(Path("/proc/nowhere/x.log"))("said all the same")
