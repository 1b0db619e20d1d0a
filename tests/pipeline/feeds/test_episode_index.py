"""The index over a show's episodes: it may be lost, damaged or locked, and says what the folders say."""

from __future__ import annotations

import errno
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline.feeds.episode_index
from pipeline.cache import EpisodeFolder
from pipeline.feeds.episode_index import ask, index_file
from pipeline.feeds.items import feed_id, note_item
from pipeline.feeds.publishing import feed_text, publish_index, shows_in
from pipeline.files import read_text
from pipeline.formats.feeds.feed import Enclosure, Feed, Item
from pipeline.formats.records.result_json import print_result
from pipeline.result import Episode, Notes, Result
from pipeline.timeline import CutList, Transcript

URL = "https://a.example/feed"
SHOW = Feed(URL, "Tides", ())
BASE = "http://127.0.0.1:1"


def write_episode(show: Path, number: int, title: str = "") -> None:
    name = f"ep-{number:05d}"
    episode = Episode(name, f"{name}.wav", 60.0, f"{number:064x}", title or f"Episode {number}", "Tides")
    result = Result(episode, Transcript((), "en", "m"), (), (), (), CutList((), 60.0), (), Notes())
    folder = EpisodeFolder(show / name)
    folder.write("result.json", print_result(result))
    (folder.path / "clean.mp3").write_bytes(bytes(10 + number))
    date = f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}+00:00"
    item = Item(
        f"key-{number}", title or f"Episode {number}", Enclosure(f"https://a.example/{number}.mp3"), published=date
    )
    note_item(folder, item, SHOW)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CLEANCAST_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def show(tmp_path) -> Path:
    for number in range(3):
        write_episode(tmp_path / "tides", number)
    return tmp_path / "tides"


def fresh_text(show: Path) -> str:
    index_file(show).unlink(missing_ok=True)
    return feed_text(show, base_url=BASE)


def test_only_what_changed_is_read_again(show, monkeypatch) -> None:
    feed_text(show, base_url=BASE)
    read: list[str] = []
    real = pipeline.feeds.episode_index._describe
    monkeypatch.setattr("pipeline.feeds.episode_index._describe", lambda path: read.append(path.name) or real(path))
    text = feed_text(show, base_url=BASE)
    assert not read and text.count("<item>") == 3
    write_episode(show, 1, "Another title")
    assert "Another title" in feed_text(show, base_url=BASE) and read == ["ep-00001"]
    (show / "ep-00002/clean.mp3").unlink()
    assert feed_text(show, base_url=BASE).count("<item>") == 2 and read == ["ep-00001", "ep-00002"]
    (show / "ep-00000/result.json").unlink()
    assert "Episode 0" not in feed_text(show, base_url=BASE)
    assert feed_text(show, base_url=BASE) == fresh_text(show)
    assert f"{BASE}0/" in feed_text(show, base_url=f"{BASE}0")


def test_what_is_finished_is_known_by_feed(show) -> None:
    assert ask(show, lambda found: found.finished(feed_id(URL))) == {f"key-{n}": f"ep-0000{n}" for n in range(3)}
    assert ask(show, lambda found: found.finished("another")) == {}
    (show / "ep-00000/stages/item.json").write_text("{")
    assert set(ask(show, lambda found: found.finished(feed_id(URL)))) == {"key-1", "key-2"}


def spoil_row(file: Path) -> None:
    with closing(sqlite3.connect(file)) as index, index:
        index.execute("UPDATE episodes SET entry = '{\"no\": 1}'")
        index.execute("DELETE FROM texts")


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"no database" * 100),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        lambda file: file.write_bytes(b""),
        Path.unlink,
        spoil_row,
        lambda file: (file.unlink(), file.mkdir()),
    ],
    ids=["noise", "half", "empty", "gone", "a bad row", "a folder in its place"],
)
def test_a_damaged_index_is_made_again(show, damage) -> None:
    text = feed_text(show, base_url=BASE)
    damage(index_file(show))
    assert feed_text(show, base_url=BASE) == text


def test_a_locked_index_is_not_waited_for_long(show, monkeypatch) -> None:
    text = feed_text(show, base_url=BASE)
    monkeypatch.setattr("pipeline.feeds.episode_index.WAIT_S", 0.05)
    write_episode(show, 7)
    with closing(sqlite3.connect(index_file(show))) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert feed_text(show, base_url=BASE).count("<item>") == text.count("<item>") + 1


def test_of_many_addresses_few_texts_are_kept_and_nobody_else_reads_them(show) -> None:
    for number in range(30):
        assert f"{BASE}/{number}/" in feed_text(show, base_url=f"{BASE}/{number}")
    with closing(sqlite3.connect(index_file(show))) as index:
        assert index.execute("SELECT COUNT(*) FROM texts").fetchone()[0] <= 8
    assert index_file(show).stat().st_mode & 0o077 == 0


def test_without_a_place_for_it_the_index_is_made_in_memory(show, tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CLEANCAST_CACHE", str(tmp_path / "file" / "cache"))
    assert feed_text(show, base_url=BASE).count("<item>") == 3


def test_the_page_over_all_episodes_names_each(show, tmp_path) -> None:
    page = publish_index(tmp_path).read_text()
    assert all(f"Episode {number}" in page for number in range(3)) and "3 episodes" in page
    assert shows_in(tmp_path) == [show]


def test_of_three_hundred_episodes_one_more_costs_what_one_costs(tmp_path) -> None:
    show = tmp_path / "tides"
    for number in range(300):
        write_episode(show, number)
    feed_text(show, base_url=BASE)

    def took_s() -> float:
        began = time.process_time()
        feed_text(show, base_url=BASE)
        return time.process_time() - began

    assert min(took_s() for _ in range(3)) < 0.1
    assert replace(SHOW, title="x") != SHOW


@pytest.mark.parametrize("file", ["result.json", "stages/item.json"])
def test_what_cannot_be_read_for_a_moment_is_read_again(show, monkeypatch, file) -> None:
    whole, real = fresh_text(show), read_text
    index_file(show).unlink()

    def failing(path: Path, *given, **named) -> str:
        if path == show / "ep-00001" / file:
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *given, **named)

    with monkeypatch.context() as patch:
        for module in ("library.recall", "cache"):
            patch.setattr(f"pipeline.{module}.read_text", failing)
        assert feed_text(show, base_url=BASE).count("<item>") == 2
    assert feed_text(show, base_url=BASE) == whole
