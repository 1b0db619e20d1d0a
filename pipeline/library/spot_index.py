"""The spots that the other episodes of an output folder hold: an SQLite index for each show over its episode folders.

    OUT/<show>/<episode>/stages/spots.json   the spots that the episode found on its own: the record
    OUT/<show>/.spots.sqlite                 an index over these, brought up to date whenever it is asked

What an episode asks costs the same however many there are, but for a look at each folder. Where the file cannot be
written, is locked or damaged, the index is made in memory: it can be deleted at any moment, and changes nothing that
comes out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.cache import EpisodeFolder, read_json
from pipeline.files import regular
from pipeline.library.repeats import Known, Spot, marks
from pipeline.provenance import provenance

T = TypeVar("T")
FILE = ".spots.sqlite"
RECORD = "stages/spots.json"
WAIT_S = 10.0
UNREADABLE = "unreadable"
"""In place of a stamp: no record has it, so the record is read again."""
LEAST_MARKS = 2  # that a spot must share with an episode to be looked at closely
_SPOTS = TypeAdapter(tuple[Spot, ...])
_TABLES = """
CREATE TABLE episodes (folder TEXT PRIMARY KEY, stamp TEXT NOT NULL);
CREATE TABLE spots (id INTEGER PRIMARY KEY, folder TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE marks (mark INTEGER NOT NULL, spot INTEGER NOT NULL, PRIMARY KEY (mark, spot)) WITHOUT ROWID;
CREATE INDEX spots_of ON spots (folder);
"""


def known_spots(folder: EpisodeFolder, asked: set[int], *, recording: str) -> tuple[Known, ...]:
    """The spots of all other episodes in OUT that share marks with this one; the same order every time.

    What another folder made of the same ``recording`` is no second witness.
    """
    here, out = folder.path.resolve(), folder.path.resolve().parent.parent
    found: list[Known] = []
    for show in _shows(out):
        found += _ask(show, partial(_matching, show=show, here=here, asked=asked))
    found = [known for known in found if known.spot.recording != recording]
    return tuple(sorted(found, key=lambda known: (known.place, known.spot.start)))


def episodes_beside(folder: EpisodeFolder) -> int:
    """How many other episodes of this show have been looked through for spots."""
    here = folder.path.resolve()
    return sum(file.parent.parent != here for file in here.parent.glob(f"*/{RECORD}"))


def keep_index(show: Path) -> None:
    """Bring the index of a show up to date, for those that ask next."""
    if show in _shows(show.parent):
        _ask(show, lambda _index: None)


def _shows(out: Path) -> list[Path]:
    """The shows in which an episode has been looked through for spots."""
    return sorted(show for show in out.glob("*") if next(show.glob(f"*/{RECORD}"), None))


def _ask(show: Path, question: Callable[[sqlite3.Connection], T]) -> T:
    """The answer to a question about a show's spots."""
    for _ in range(2):
        try:
            with closing(sqlite3.connect(show / FILE, timeout=WAIT_S)) as index:
                _bring_up_to_date(index, show)
                return question(index)
        except sqlite3.OperationalError:
            break  # locked by somebody for long, or not to be written
        except (sqlite3.DatabaseError, ValidationError):  # damaged, all of it or a record: made again
            with suppress(OSError):
                (show / FILE).unlink(missing_ok=True)
    with closing(sqlite3.connect(":memory:")) as index:
        _bring_up_to_date(index, show)
        return question(index)


def _bring_up_to_date(index: sqlite3.Connection, show: Path) -> None:
    there = {file.parent.parent.name: _stamp(file) for file in sorted(show.glob(f"*/{RECORD}"))}
    version = int(provenance("pipeline.library.spot_index")[:7], 16)  # an index of other code is made again
    with index:
        if index.execute("PRAGMA user_version").fetchone()[0] != version:
            index.execute("BEGIN IMMEDIATE")
            for table in ("episodes", "spots", "marks"):
                index.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in filter(str.strip, _TABLES.split(";")):
                index.execute(statement)
            index.execute(f"PRAGMA user_version = {version}")
        held = dict(index.execute("SELECT folder, stamp FROM episodes"))
        if held == there:
            return
        if not index.in_transaction:
            index.execute("BEGIN IMMEDIATE")
            held = dict(index.execute("SELECT folder, stamp FROM episodes"))  # another run may have been here since
        for name in [name for name, stamp in held.items() if there.get(name) != stamp]:
            index.execute("DELETE FROM marks WHERE spot IN (SELECT id FROM spots WHERE folder = ?)", (name,))
            index.execute("DELETE FROM spots WHERE folder = ?", (name,))
            index.execute("DELETE FROM episodes WHERE folder = ?", (name,))
        for name, stamp in there.items():
            if held.get(name) != stamp:
                try:
                    _take_in(index, name, stamp, _read(show / name / RECORD))
                except OSError:  # cannot be read now, which may pass: looked at again by the next question
                    _take_in(index, name, UNREADABLE, ())


def _take_in(index: sqlite3.Connection, name: str, stamp: str, spots: tuple[Spot, ...]) -> None:
    index.execute("INSERT OR REPLACE INTO episodes VALUES (?, ?)", (name, stamp))
    for spot in spots:
        record = _SPOTS.dump_json((spot,)).decode()
        number = index.execute("INSERT INTO spots (folder, record) VALUES (?, ?)", (name, record)).lastrowid
        pairs = [(mark, number) for mark in sorted(marks(spot.tokens, spot.prints))]
        index.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", pairs)


def _matching(index: sqlite3.Connection, show: Path, here: Path, asked: set[int]) -> list[Known]:
    index.execute("PRAGMA temp_store = MEMORY")
    index.execute("CREATE TEMP TABLE asked (mark INTEGER PRIMARY KEY)")
    index.executemany("INSERT INTO asked VALUES (?)", [(mark,) for mark in sorted(asked)])
    rows = index.execute(
        "SELECT spots.folder, spots.record FROM spots JOIN"
        " (SELECT spot, COUNT(*) AS shared FROM asked JOIN marks USING (mark) GROUP BY spot) ON spot = spots.id"
        " WHERE shared >= ?",
        (LEAST_MARKS,),
    )
    return [
        Known(f"{show.name}/{name}", _title(show / name), spot)
        for name, record in rows.fetchall()
        if show / name != here
        for spot in _SPOTS.validate_json(record)
    ]


def _read(file: Path) -> tuple[Spot, ...]:
    """The spots of a record. Raises OSError where it is there and cannot be read."""
    try:
        return _SPOTS.validate_python(read_json(file)["data"])
    except (FileNotFoundError, ValueError, KeyError, TypeError, ValidationError):
        return ()  # damaged: the next run of that episode makes it again


def _stamp(file: Path) -> str:
    """What changes when an episode's spots do: the key of the stage that made them, not the time of day."""
    try:
        with open(file, encoding="utf-8", opener=regular) as handle:
            return handle.read(200).split('"data"')[0]
    except (OSError, UnicodeDecodeError):
        return ""


def _title(folder: Path) -> str:
    try:
        return str(read_json(folder / "stages" / "run.json")["episode"]["title"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.name
