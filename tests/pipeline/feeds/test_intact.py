"""Finished episodes whose files are damaged, emptied or taken away: every look at a feed or folder sees it, says it and
makes them again; a look at what is whole reads nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import pipeline.feeds.intact
from pipeline.batch.sources import Recording, Subscription
from pipeline.cache import EpisodeFolder
from pipeline.feeds.intact import FILE, find_differing
from pipeline.feeds.retries import FIRST_WAIT_S
from pipeline.feeds.subscriptions import STATE, subscribe
from tests.pipeline.feeds.test_bad_days import NET, Clock, watched
from tests.pipeline.feeds.test_subscriptions import follow
from tests.pipeline.feeds.test_subscriptions import show as show  # a fixture
from tests.pipeline.inline import in_process as in_process  # a fixture
from tests.trees import tree

pytestmark = pytest.mark.usefixtures("in_process")


def damage(file: Path, how: str) -> None:
    data = file.read_bytes()
    if how == "in its place":
        with file.open("r+b") as opened:
            opened.seek(len(data) // 2)
            opened.write(bytes([data[len(data) // 2] ^ 1]))
        os.utime(file, (1, 1))
        return
    file.unlink()
    if how == "folder":
        file.mkdir()
        file.rmdir()
    elif how != "gone":
        file.write_bytes({"empty": b"", "half": data[: len(data) // 2], "zeros": bytes(len(data))}[how])


@pytest.fixture
def made(show, library, tmp_path, capfd) -> tuple[str, Path]:
    url = show(1)
    assert follow(url, library, tmp_path, newest=1) == 0
    (folder,) = (path.parent for path in tmp_path.glob("birds-bees/*/result.json"))
    assert find_differing(folder.parent) == ()
    capfd.readouterr()
    return url, folder


def test_a_feed_makes_again_what_differs_and_says_it(made, library, tmp_path, capfd) -> None:
    url, folder = made
    whole = tree(folder)
    for damages in (
        {"clean.mp3": "empty", "notes.md": "gone", "transcript.vtt": "in its place", "stages/item.json": "empty"},
        {"clean.mp3": "zeros", "notes.html": "half", "result.json": "gone", "stages/found.json": "gone"},
        {"clean.mp3": "in its place", "stages/run.json": "gone"},
        {FILE: "half"},
    ):
        for name, how in damages.items():
            damage(folder / name, how)
        assert follow(url, library, tmp_path) == 0
        told = capfd.readouterr().err
        assert tree(folder) == whole
        assert "Birds & Bees: part-0: not as it was made" in told and all(name in told for name in damages)
    assert follow(url, library, tmp_path) == 0 and "made again" not in capfd.readouterr().err
    assert (tmp_path / "birds-bees/feed.xml").read_text().count("<item>") == 1


def test_an_episode_that_the_feed_no_longer_has_is_made_again_from_its_recording(
    web, show, made, library, tmp_path, capfd
) -> None:
    url, folder = made
    show(2)
    feed = web.things["/feed"]
    assert follow(url, library, tmp_path) == 0
    whole = tree(folder)
    head, *items = feed.data.split(b"<item>")
    (kept,) = (item.partition(b"</item>")[0] for item in items if b"ep1.wav" in item)
    feed.data, feed.etag = head + b"<item>" + kept + b"</item></channel></rss>", '"less"'
    damage(folder / "clean.mp3", "half")
    asked = len(web.asked)
    assert follow(url, library, tmp_path) == 0
    assert tree(folder) == whole and [path for path, _ in web.asked[asked:]] == ["/feed"]
    recording = next((tmp_path / "downloads").glob("*/ep0.wav"))
    recording.unlink()
    damage(folder / "clean.mp3", "half")
    assert follow(url, library, tmp_path) == 1
    assert "cannot be made again" in capfd.readouterr().err


def test_what_cannot_be_made_again_is_tried_later_and_later(web, made, library, tmp_path) -> None:
    url, folder = made
    clock = Clock()
    damage(folder / "clean.mp3", "empty")
    next((tmp_path / "downloads").glob("*/ep0.wav")).unlink()
    web.things["/ep0.wav"].status = 404
    asked = len(web.asked_for("/ep0.wav"))
    for _minute in range(0, 40, 5):
        watched(library, tmp_path, clock, Subscription(url)).watch_once()
        clock.now_s += 300
    assert len(web.asked_for("/ep0.wav")) - asked == 3, "at 0, 10 and 30 minutes"


def test_a_watch_over_files_looks_into_what_it_made(library, tmp_path, capfd) -> None:
    clock = Clock()
    many = watched(library, tmp_path, clock, Recording(str(library / "in/ep0.wav")))
    assert many.watch_once() == 0 and many.watch_once() == 0
    (folder,) = (path.parent for path in tmp_path.glob("*/*/result.json"))
    whole = tree(folder)
    damage(folder / "clean.mp3", "zeros")
    capfd.readouterr()
    assert many.watch_once() == 0 and tree(folder) == whole
    assert "made again: clean.mp3" in capfd.readouterr().err
    clock.now_s += FIRST_WAIT_S
    assert many.watch_once() == 0 and "made again" not in capfd.readouterr().err


def test_a_look_reads_nothing_of_what_is_whole_or_being_worked_on(made, monkeypatch) -> None:
    folder = made[1]
    noted = json.loads((folder / FILE).read_text())["files"]
    assert noted.keys() == tree(folder).keys() - {FILE} and len(noted) > 30

    def read(*_given: object) -> None:
        raise AssertionError("a file was read")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.feeds.intact, "read_json", read)
        patch.setattr(pipeline.feeds.intact, "hash_file", read)
        assert find_differing(folder.parent) == ()
        damage(folder / "clean.mp3", "empty")
        with EpisodeFolder(folder).locked():
            assert find_differing(folder.parent) == ()
    assert [each.files for each in find_differing(folder.parent)] == [("clean.mp3",)]
    (folder / FILE).unlink()  # of an older cleancast: watched from then on
    assert [each.files for each in find_differing(folder.parent)] == [] and (folder / FILE).is_file()
    damage(folder / "notes.md", "half")
    assert [each.files for each in find_differing(folder.parent)] == [("notes.md", "clean.mp3")]
    (folder / FILE).unlink()
    (folder / "clean.mp3").unlink()  # half of what retention does
    assert find_differing(folder.parent) == () and not (folder / FILE).exists()


def test_what_cannot_be_noted_is_noted_by_the_next_look(show, library, tmp_path, monkeypatch) -> None:
    url = show(1)

    def failing(*_given: object) -> None:
        raise OSError(110, "Connection timed out")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.feeds.intact, "hash_file", failing)
        assert follow(url, library, tmp_path, newest=1) == 0
    assert not list(tmp_path.rglob("made.json"))
    first = subscribe(url, tmp_path, net=NET)
    first.tried("guid-0", failed=True, now_s=1000.0)
    assert follow(url, library, tmp_path) == 0 and list(tmp_path.rglob("made.json"))
    assert "failures" not in (first.folder / STATE).read_text(), "what is finished has not failed"
