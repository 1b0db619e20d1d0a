"""The separate recordings of an episode, as they lie beside the mix of them that is its recording.

tracks.json   {"version": 1, "tracks": [{"name": "Ann", "file": "track-1.flac"}, ...]}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.cache import read_json, write_atomic
from pipeline.errors import AudioError

FILE = "tracks.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Track:
    """One voice's recording, as long as the mix or shorter; ``name`` is empty where nobody said whose it is."""

    name: str
    path: Path
    label: str


def write_sheet(folder: Path, names: Sequence[str], files: Sequence[str]) -> None:
    """Note the tracks of the mix in this folder."""
    tracks = [{"name": name, "file": file} for name, file in zip(names, files, strict=True)]
    write_atomic(folder / FILE, json.dumps({"version": VERSION, "tracks": tracks}, ensure_ascii=False, indent=1) + "\n")


def read_sheet(mix: Path) -> tuple[Track, ...]:
    """The tracks of a mix. Raises AudioError when they are no longer beside it."""
    try:
        rows = read_json(mix.parent / FILE)["tracks"]
        return tuple(
            Track(str(row["name"]), mix.parent / str(row["file"]), f"Speaker {number}")
            for number, row in enumerate(rows, 1)
        )
    except (OSError, ValueError, KeyError, TypeError):
        reason = "the tracks that it was mixed from are no longer beside it; run them again with --tracks"
        raise AudioError(mix, reason) from None
