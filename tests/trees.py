"""The files of a folder by name, and in which of them two folders differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

TIMES = "timings.json"
"""How long stages took, which is no output."""


def tree(folder: Path, *but: str) -> dict[str, bytes]:
    """Every file below a folder by its place, except those with the names ``but`` and the times a run took."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (TIMES, *but))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def differing(found: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> list[str]:
    """The names of the files in which two trees differ, or that one of them lacks."""
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
