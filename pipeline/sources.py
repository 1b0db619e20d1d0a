"""From what a user typed to episodes: files, folders and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.errors import AudioError

AUDIO_SUFFIXES = frozenset(
    f".{kind}"
    for kind in (
        *("mp3", "m4a", "m4b", "mp4", "aac", "ogg", "oga", "opus", "flac", "wav", "wma"),
        *("aiff", "aif", "webm", "mkv", "mov", "avi", "amr", "caf"),
    )
)


def find_recordings(typed: Iterable[str]) -> Iterator[Path | str]:
    """The recordings that arguments name: a file as it is, a folder's sound files by name, an address as text.

    Raises AudioError for a path that does not exist and for a folder without sound files.
    """
    for name in typed:
        path = Path(name)
        if "://" in name:
            yield name
        elif path.is_dir():
            yield from _in_folder(path)
        elif path.exists():
            yield path
        else:
            raise AudioError(name, "there is no such file; check the spelling")


def _in_folder(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in AUDIO_SUFFIXES and p.is_file())
    found = [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]
    if not found:
        looked = ", ".join(sorted(AUDIO_SUFFIXES))
        raise AudioError(folder, f"there is no sound file in this folder (looked for {looked})")
    return found
