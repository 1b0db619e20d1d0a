"""Files on disk to recordings: which files say something of the same recording, told by their names.

A folder with files of known names (``reference.*``, ``transcript.*``, ``result.json``, ``audio.*`` ...) is one
recording, called after the folder; in any other folder, files with the same stem are one. A file of NIST's formats
that names several recordings is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.commands.evaluation.roles import SUFFIXES, is_named, names_in, stem_of, texts_of
from pipeline.errors import CleancastError, StoreError
from pipeline.formats.nist.lines import split_recordings
from pipeline.formats.text_encoding import decode_text
from pipeline.scores.hypothesis import RESULT

NIST_COLUMNS = {".stm": 0, ".ctm": 0, ".uem": 0, ".rttm": 1}
"""Where a line names its recording."""
LEFT_OUT = frozenset(("stages", "downloads", "report.json", "comparison.json", "batch.json"))
"""Folders and files of an output folder that say nothing of a recording."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One recording's files: ``names`` it may be known by, the first its own; ``texts`` named as in a case folder.

    ``paths``: where each text was read.
    """

    names: tuple[str, ...]
    texts: Mapping[str, str]
    paths: Mapping[str, Path]

    def where(self, error: CleancastError) -> str:
        """What an error says, with the file's own path instead of its name in a case folder."""
        said = str(error)
        for role, path in self.paths.items():
            if said.startswith(role):
                return f"{path}{said.removeprefix(role)}"
        return f"{self.names[0]}: {said}"


def gather(path: Path) -> tuple[Gathered, ...]:
    """The recordings of a file or a folder (and the folders in it), by name.

    Raises StoreError for a path that does not exist, holds nothing of a known kind, or cannot be read.
    """
    if not path.exists():
        raise StoreError(path, "does not exist")
    found = tuple(_of_folder(path)) if path.is_dir() else tuple(_of_files(path.stem, [path]))
    if not found:
        raise StoreError(path, f"holds no file of a known kind ({', '.join(sorted(SUFFIXES))})")
    return found


def key(name: str) -> str:
    """A name as it is compared: ``Episode 1`` and ``episode-1`` are one.

    >>> key("Episode 1"), key("épisode_1.final")
    ('episode-1', 'épisode-1-final')
    """
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def _of_folder(folder: Path) -> Iterator[Gathered]:
    entries = sorted(folder.iterdir())
    files = [
        path for path in entries if path.suffix.lower() in SUFFIXES and path.is_file() and path.name not in LEFT_OUT
    ]
    if any(is_named(path) for path in files) or any(path.stem == "audio" for path in entries):
        own = [path for path in files if is_named(path)]
        yield from _of_files(folder.resolve().name, own)
    else:
        stems: dict[str, list[Path]] = {}
        for path in files:
            stems.setdefault(stem_of(path), []).append(path)
        for stem, group in stems.items():
            yield from _of_files(stem, group)
    for inner in entries:
        if inner.is_dir() and inner.name not in LEFT_OUT and not inner.name.startswith("."):
            yield from _of_folder(inner)


def _of_files(name: str, paths: list[Path]) -> Iterator[Gathered]:
    """The recordings that the files of one name hold: one, or those that NIST's files name."""
    if any(path.name == RESULT for path in paths):
        paths = [path for path in paths if path.name == RESULT]
    parts: dict[str, dict[str, str]] = {}
    shared: dict[str, str] = {}
    places: dict[str, Path] = {}
    names = [name]
    for path in sorted(paths, key=lambda path: (path.suffix.lower() != ".json", path.name)):  # JSON says more than TSV
        text = read_text(path)
        column = NIST_COLUMNS.get(path.suffix.lower())
        held = {} if column is None else split_recordings(text, column=column)
        for role, own in texts_of(path, text).items():
            places.setdefault(role, path)
            if len(held) > 1:
                for recording, lines in held.items():
                    parts.setdefault(recording, {})[role] = lines
            else:
                shared.setdefault(role, own)
                names += held
    if shared:
        yield Gathered(tuple(dict.fromkeys([*names, *names_in(shared)])), shared, places)
    for recording, texts in parts.items():
        yield Gathered((recording,), texts, places)


def read_text(path: Path) -> str:
    """The text of a file, in whatever encoding. Raises StoreError when it cannot be read."""
    try:
        return decode_text(path.read_bytes())
    except OSError as error:
        raise StoreError(path, f"cannot be read ({error.strerror})") from None
