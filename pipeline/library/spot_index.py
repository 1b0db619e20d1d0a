"""The spots that the other episodes of an output folder hold: an SQLite index for each show over its episode folders.

    OUT/<show>/<episode>/stages/spots.json   the spots that the episode found on its own: the record
    OUT/<show>/.spots.sqlite                 an index over these, brought up to date at the end of a command

An episode asks a copy in memory, to which is added what the file does not know yet. So the file can be deleted, damaged
or locked at any moment, episodes side by side never wait for each other, and its bytes do not depend on their order.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipeline.cache import EpisodeFolder
from pipeline.library.repeats import Known, Spot, marks
from pipeline.provenance import provenance

FILE = ".spots.sqlite"
RECORD = "stages/spots.json"
WAIT_S = 10.0
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
    for show in sorted({file.parent.parent.parent for file in out.glob(f"*/*/{RECORD}")}):
        try:
            with closing(_index_of(show)) as index:
                found += _matching(index, show, here, asked)
        except ValidationError:  # a record in the file is damaged: made again from the folders
            (show / FILE).unlink(missing_ok=True)
            with closing(_index_of(show)) as index:
                found += _matching(index, show, here, asked)
    found = [known for known in found if known.spot.recording != recording]
    return tuple(sorted(found, key=lambda known: (known.place, known.spot.start)))


def episodes_beside(folder: EpisodeFolder) -> int:
    """How many other episodes of this show have been looked through for spots."""
    here = folder.path.resolve()
    return sum(file.parent.parent != here for file in here.parent.glob(f"*/{RECORD}"))


def keep_index(show: Path) -> None:
    """Bring the index of a show on the disk up to date; a run does so once, at its end, whatever ran side by side.

    Nobody needs it to be there: where it cannot be written, the next run takes longer to ask.
    """
    if not any(show.glob(f"*/{RECORD}")):
        return
    for _ in range(2):
        try:
            with closing(sqlite3.connect(show / FILE, timeout=WAIT_S)) as index:
                _bring_up_to_date(index, show)
                return
        except sqlite3.OperationalError:
            return  # locked by somebody for long, or not to be written
        except sqlite3.DatabaseError:
            (show / FILE).unlink(missing_ok=True)


def _index_of(show: Path) -> sqlite3.Connection:
    """The show's index in memory, up to date: from the disk as far as it is good there, the rest from the folders."""
    index = sqlite3.connect(":memory:")
    try:
        with closing(sqlite3.connect(f"{(show / FILE).as_uri()}?mode=ro", uri=True, timeout=WAIT_S)) as kept:
            kept.execute("BEGIN")
            kept.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # fails where backup() would wait without end
            kept.backup(index)
            _bring_up_to_date(index, show)
            return index
    except sqlite3.DatabaseError:
        index.close()
    index = sqlite3.connect(":memory:")
    _bring_up_to_date(index, show)
    return index


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
        for name in [name for name, stamp in held.items() if there.get(name) != stamp]:
            index.execute("DELETE FROM marks WHERE spot IN (SELECT id FROM spots WHERE folder = ?)", (name,))
            index.execute("DELETE FROM spots WHERE folder = ?", (name,))
            index.execute("DELETE FROM episodes WHERE folder = ?", (name,))
        for name, stamp in there.items():
            if held.get(name) != stamp:
                _take_in(index, name, stamp, _read(show / name / RECORD))


def _take_in(index: sqlite3.Connection, name: str, stamp: str, spots: tuple[Spot, ...]) -> None:
    index.execute("INSERT OR REPLACE INTO episodes VALUES (?, ?)", (name, stamp))
    for spot in spots:
        record = _SPOTS.dump_json((spot,)).decode()
        number = index.execute("INSERT INTO spots (folder, record) VALUES (?, ?)", (name, record)).lastrowid
        pairs = [(mark, number) for mark in sorted(marks(spot.tokens, spot.prints))]
        index.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", pairs)


def _matching(index: sqlite3.Connection, show: Path, here: Path, asked: set[int]) -> list[Known]:
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
    try:
        return _SPOTS.validate_python(json.loads(file.read_text(encoding="utf-8"))["data"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return ()  # damaged: the next run of that episode makes it again


def _stamp(file: Path) -> str:
    """What changes when an episode's spots do: the key of the stage that made them, not the time of day."""
    try:
        with file.open(encoding="utf-8") as handle:
            return handle.read(200).split('"data"')[0]
    except (OSError, UnicodeDecodeError):
        return ""


def _title(folder: Path) -> str:
    try:
        return str(json.loads((folder / "stages" / "run.json").read_text(encoding="utf-8"))["episode"]["title"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.name
