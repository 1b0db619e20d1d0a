"""What feeds and pages need of a show's episodes: an SQLite index over their folders, which may be lost at any moment.

    OUT/<show>/<episode>/result.json, stages/item.json, clean.*   the record
    <cache>/indexes/<hash of the show's path>.sqlite              an index over these

It lies outside the output folder, which holds the same bytes wherever and in whatever order they were made.
An episode is read again only when one of its files has changed: by its time, size or number on the disk. So what one
more episode costs does not depend on how many there are, but for a look at each folder. Where the index cannot be
written, is locked or damaged, it is made in memory.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.cache import EpisodeFolder, cache_folder
from pipeline.errors import StoreError
from pipeline.feeds.entries import SOUNDS, describe_entry
from pipeline.feeds.items import Noted, noted_of
from pipeline.formats.feeds.feed import Feed
from pipeline.formats.feeds.feed_print import Entry
from pipeline.formats.pages.index_page import IndexEntry, index_entry
from pipeline.library.recall import result_of
from pipeline.provenance import provenance

T = TypeVar("T")
MOST_TEXTS = 8  # a feed has a text for each address under which it is asked for
UNUSED_S = 90 * 86_400.0
"""After which an index is taken away: its show is gone, or it is made again in a minute."""
WAIT_S = 10.0
STAMPED = ("", "result.json", "stages/item.json", *(f"clean{suffix}" for suffix in SOUNDS))
"""Whose changes are an episode's: its folder (files that come and go), its record, its item, its sound."""
_ENTRY, _SHOW, _PAGE = TypeAdapter(Entry), TypeAdapter(Feed), TypeAdapter(IndexEntry)
NOTHING = (None,) * 6
"""What is known of an episode whose files tell nothing: page, entry, feed, key, published, show."""
_TABLES = """
CREATE TABLE episodes (
    folder TEXT PRIMARY KEY, stamp TEXT NOT NULL, page TEXT, entry TEXT, feed TEXT, key TEXT, published TEXT, show TEXT
);
CREATE TABLE texts (name TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE whole (folder TEXT PRIMARY KEY, names TEXT NOT NULL, stamps TEXT NOT NULL);
"""
TABLES = ("episodes", "texts", "whole")


@dataclass(frozen=True, slots=True)
class Whole:
    """An episode that was found as it was made: its files, and what changes when one of them does."""

    folder: str
    names: tuple[str, ...]
    stamps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Episodes:
    """The index of one show, up to date."""

    index: sqlite3.Connection

    def entries(self) -> Iterator[Entry]:
        """The episodes that have a sound, in order of their folders; addresses start from the show's folder."""
        rows = self.index.execute("SELECT entry FROM episodes WHERE entry IS NOT NULL ORDER BY folder")
        return (_ENTRY.validate_json(text) for (text,) in rows)

    def pages(self) -> Iterator[IndexEntry]:
        """What the page over all episodes says of them."""
        rows = self.index.execute("SELECT page FROM episodes WHERE page IS NOT NULL ORDER BY folder")
        return (_PAGE.validate_json(text) for (text,) in rows)

    def finished(self, feed: str) -> dict[str, str]:
        """The folder names of a feed's finished episodes, by the keys of their items."""
        rows = self.index.execute("SELECT key, folder FROM episodes WHERE feed = ? ORDER BY folder", (feed,))
        return {key: folder for keys, folder in rows for key in keys.split("\n")}

    def on_disk(self) -> list[tuple[str, str]]:
        """Name and date of every episode that still has outputs or may have its original."""
        rows = self.index.execute("SELECT folder, published, page FROM episodes WHERE page IS NOT NULL ORDER BY folder")
        return [(name, published or _PAGE.validate_json(page).published) for name, published, page in rows]

    def newest_show(self) -> Feed | None:
        """The show as the newest of its items has it; None where no episode is of a feed."""
        order = "ORDER BY published DESC, key DESC LIMIT 1"
        row = self.index.execute(f"SELECT show FROM episodes WHERE show IS NOT NULL {order}").fetchone()
        return _SHOW.validate_json(row[0]) if row else None

    def whole(self) -> dict[str, Whole]:
        """The episodes that were found as they were made, by the names of their folders."""
        rows = self.index.execute("SELECT folder, names, stamps FROM whole")
        return {folder: Whole(folder, tuple(names.split("\n")), tuple(s.split("\n"))) for folder, names, s in rows}

    def note_whole(self, found: Sequence[Whole]) -> None:
        """Remember episodes that are as they were made."""
        rows = [(each.folder, "\n".join(each.names), "\n".join(each.stamps)) for each in found]
        with suppress(sqlite3.OperationalError), self.index:
            self.index.executemany("INSERT OR REPLACE INTO whole VALUES (?, ?, ?)", rows)

    def text(self, name: str, make: Callable[[], str]) -> str:
        """A text made of all episodes, kept until one of them changes."""
        row = self.index.execute("SELECT text FROM texts WHERE name = ?", (name,)).fetchone()
        if row:
            return str(row[0])
        text = make()
        with suppress(sqlite3.OperationalError), self.index:
            if self.index.execute("SELECT COUNT(*) FROM texts").fetchone()[0] >= MOST_TEXTS:
                self.index.execute("DELETE FROM texts")
            self.index.execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", (name, text))
        return text


def index_file(show: Path) -> Path:
    """Where the index of a show lies."""
    name = hashlib.sha256(os.fsencode(show.resolve())).hexdigest()[:32]
    return cache_folder() / "indexes" / f"{name}.sqlite"


def _opened(show: Path) -> sqlite3.Connection:
    """The index on the disk; in memory where there is no place for it."""
    file = index_file(show)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _forget_unused(file.parent)
            file.touch(mode=0o600)  # an address under which a feed is asked for may hold its key
    except OSError:
        return sqlite3.connect(":memory:")
    return sqlite3.connect(file, timeout=WAIT_S)


def _forget_unused(folder: Path) -> None:
    for file in folder.glob("*.sqlite"):
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > UNUSED_S:
                file.unlink()


def ask(show: Path, question: Callable[[Episodes], T]) -> T:
    """The answer to a question about a show's episodes."""
    for _ in range(2):
        try:
            with closing(_opened(show)) as index:
                _bring_up_to_date(index, show)
                return question(Episodes(index))
        except sqlite3.OperationalError:
            break  # locked by somebody for long, or not to be written
        except (sqlite3.DatabaseError, ValidationError):
            with suppress(OSError):
                index_file(show).unlink(missing_ok=True)
    with closing(sqlite3.connect(":memory:")) as index:
        _bring_up_to_date(index, show)
        return question(Episodes(index))


def _bring_up_to_date(index: sqlite3.Connection, show: Path) -> None:
    there = dict(_stamps(show))
    version = int(provenance("pipeline.feeds.episode_index")[:7], 16)  # an index of other code is made again
    if index.execute("PRAGMA user_version").fetchone()[0] != version:
        with index:
            index.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                index.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in filter(str.strip, _TABLES.split(";")):
                index.execute(statement)
            index.execute(f"PRAGMA user_version = {version}")
    held = dict(index.execute("SELECT folder, stamp FROM episodes"))
    changed = [name for name, stamp in there.items() if held.get(name) != stamp]
    gone = [name for name in held if name not in there]
    if not (changed or gone):
        return
    with index:
        index.execute("DELETE FROM texts")
        for table in ("episodes", "whole"):
            index.executemany(f"DELETE FROM {table} WHERE folder = ?", [(name,) for name in gone])
        for name in changed:
            try:
                row = (name, there[name], *_describe(show / name))
            except OSError:  # cannot be read now, which may pass: looked at again by the next question
                row = (name, "", *NOTHING)
            index.execute("INSERT OR REPLACE INTO episodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _stamps(show: Path) -> Iterator[tuple[str, str]]:
    """Every folder with a record, and what changes when one of its files does."""
    with os.scandir(show) as found:
        names = sorted(entry.name for entry in found if not entry.name.startswith(".") and entry.is_dir())
    for name in names:
        parts = []
        for file in STAMPED:
            try:
                stat = os.stat(os.path.join(show, name, file))  # noqa: PTH116, PTH118  (sixty thousand of them)
                parts.append(f"{stat.st_mtime_ns}.{stat.st_size}.{stat.st_ino}")
            except OSError:
                parts.append("")
        if parts[1] or parts[2]:
            yield name, " ".join(parts)


def _describe(folder: Path) -> tuple[str | None, ...]:
    """page, entry, feed, key, published, show; nothing of what is damaged: its next run writes it again.

    Raises OSError where something that is there cannot be read.
    """
    noted = noted_of(folder)
    about = _about(noted) if noted else NOTHING[2:]
    try:
        result = result_of(EpisodeFolder(folder))
    except StoreError:
        return (*NOTHING[:2], *about)
    page = _PAGE.dump_json(index_entry(f"{folder.parent.name}/{folder.name}", result)).decode()
    entry = describe_entry(folder, result, noted)
    return (page, _ENTRY.dump_json(entry).decode() if entry else None, *about)


def _about(noted: Noted) -> tuple[str, str, str, str]:
    keys = "\n".join((noted.item.key, *noted.also))
    return noted.feed_id, keys, noted.item.published, _SHOW.dump_json(noted.show).decode()


def has_episodes(show: Path) -> bool:
    """Whether a folder holds a finished episode."""
    with suppress(OSError), os.scandir(show) as found:
        return any(os.path.exists(os.path.join(entry.path, "result.json")) for entry in found)  # noqa: PTH110, PTH118
    return False
