"""``status.json`` in the output folder: when each show was looked at, what came of it, and when it is looked at next.

It is what a follower remembers from one start to the next, and what pages and monitors read; it may be lost: then every
show is due. Addresses in it are without their secrets; a show is known by the hash of its source.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipeline.cache import read_json, write_atomic
from pipeline.follow.notices import Metric

FILE = "status.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of one show; times are seconds since 1970, 0 for never.

    ``failures``: looks in a row that came to nothing, ``error``: why the last one did. ``counts``: episodes by how they
    ended, since the beginning. ``retired``: recordings of a folder whose outputs were taken away.
    """

    name: str = ""
    folder: str = ""
    last_s: float = 0.0
    next_s: float = 0.0
    failures: int = 0
    error: str = ""
    said: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    retired: tuple[str, ...] = ()

    def counted(self, status: str) -> Looked:
        """With one more episode that ended so."""
        return replace(self, counts={**self.counts, status: self.counts.get(status, 0) + 1})


@dataclass(frozen=True, slots=True)
class Status:
    """All shows by the hash of their source."""

    shows: Mapping[str, Looked] = field(default_factory=dict)


_SHOWS = TypeAdapter(dict[str, Looked])


def key_of(source: str) -> str:
    """What stands for a feed or a folder: its address may hold a password."""
    return sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def read_status(out: Path) -> Status:
    """What was written last; nothing where it is damaged or not there."""
    try:
        document = read_json(out / FILE)
        named = {declared.name for declared in fields(Looked)}
        shows = {key: {k: v for k, v in show.items() if k in named} for key, show in document["shows"].items()}
        return Status(_SHOWS.validate_python(shows))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError):
        return Status()


def write_status(out: Path, status: Status, *, now_s: float, free_bytes: int, floor_bytes: int) -> None:
    """Write the status, with times that people can read beside the numbers."""
    head = {"version": VERSION, "at": _moment(now_s), "disk": {"free_bytes": free_bytes, "floor_bytes": floor_bytes}}
    shows = [f"{json.dumps(key)}: {_print(looked)}" for key, looked in sorted(status.shows.items())]
    lines = ",\n ".join(shows)
    write_atomic(out / FILE, f'{json.dumps(head)[:-1]}, "shows": {{\n {lines}\n}}}}\n')


def _print(looked: Looked) -> str:
    """A show in one line: a status of many shows is written after each of them."""
    known = {declared.name: getattr(looked, declared.name) for declared in fields(looked)}
    known |= {"last": _moment(looked.last_s), "next": _moment(looked.next_s)}
    return json.dumps(known, ensure_ascii=False)


def metrics_of(status: Status, *, now_s: float, free_bytes: int) -> tuple[Metric, ...]:
    """The status in figures."""
    shows = [({"show": looked.name}, looked) for _, looked in sorted(status.shows.items())]
    ended = tuple(
        ({**label, "status": kind}, float(count))
        for label, looked in shows
        for kind, count in sorted(looked.counts.items())
    )
    return (
        Metric("cleancast_written_timestamp_seconds", "When this was written.", (({}, now_s),)),
        Metric("cleancast_disk_free_bytes", "Free space where the output folder is.", (({}, float(free_bytes)),)),
        Metric("cleancast_last_look_timestamp_seconds", "When a show was looked at.", _each(shows, "last_s")),
        Metric("cleancast_next_look_timestamp_seconds", "When a show is looked at next.", _each(shows, "next_s")),
        Metric("cleancast_look_failures", "Looks in a row that came to nothing.", _each(shows, "failures")),
        Metric("cleancast_episodes", "Episodes by how they ended, since the beginning.", ended),
    )


def _each(shows: list[tuple[dict[str, str], Looked]], name: str) -> tuple[tuple[Mapping[str, str], float], ...]:
    return tuple((label, float(getattr(looked, name))) for label, looked in shows)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else ""
