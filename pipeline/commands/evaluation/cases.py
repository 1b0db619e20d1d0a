"""Cases on disk: recordings with what is known of them, from folders, folders of folders, and tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.commands.evaluation.gather import Gathered, gather, read_text
from pipeline.errors import AudioError, CleancastError, FormatError, StoreError
from pipeline.formats.pages.remarks import counted
from pipeline.formats.sound_names import AUDIO_SUFFIXES
from pipeline.scores.case import Case
from pipeline.scores.references import FILES, TRANSCRIPTS, build_case

TIMED = ("reference.rttm", "reference.uem", "ads.json", "words.json", "case.json")
"""Files of a case that hold for its own recording alone: left out when another recording is scored against it."""
COLUMNS = {
    "rttm": "reference.rttm",
    "uem": "reference.uem",
    "ads": "ads.json",
    "words": "words.json",
    "chapters": "chapters.json",
    "names": "names.json",
}
"""Columns of a table that name files, apart from ``audio`` and ``reference`` (a transcript of any kind)."""
TOLD = ("id", "title", "show", "description", "language")
"""Columns that say what ``case.json`` says."""


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """A recording, and the texts that say what is true of it."""

    files: Gathered
    audio: Path

    @property
    def name(self) -> str:
        return self.files.names[0]

    def case(self) -> Case:
        """The case. Raises CleancastError that names the file which cannot be read."""
        try:
            return build_case(self.files.texts, case_id=self.name)
        except CleancastError as error:
            raise CleancastError(self.files.where(error)) from error


def find_cases(place: Path, *, audio: Path | None = None) -> tuple[CaseFiles, ...]:
    """The cases of a folder, of the folders in it, or of a table (.csv).

    ``audio``: another recording that is scored against the references of the one case. Raises CleancastError: a path
    that does not exist, a recording without references or references without a recording, each in its own words.
    """
    if not place.exists():
        raise StoreError(place, "does not exist")
    if place.is_file():
        return _of_table(place)
    try:
        found = gather(place)
    except StoreError as error:
        raise StoreError(place, _what_is_missing(place)) from error
    if audio is None:
        return tuple(CaseFiles(one, find_recording(one)) for one in found)
    if len(found) > 1:
        raise StoreError(place, f"holds {len(found)} cases, and --audio is one recording")
    texts = {name: text for name, text in found[0].texts.items() if name not in TIMED}
    if not texts:
        raise StoreError(place, "has no reference that holds for another recording than its own")
    return (CaseFiles(Gathered(found[0].names, texts, found[0].paths), audio),)


def find_recording(files: Gathered) -> Path:
    """The recording of a case: ``audio.*``, the one called like its references, else the only sound file there is."""
    folder = next(iter(files.paths.values())).parent
    sounds = sorted(path for path in folder.iterdir() if path.suffix.lower() in AUDIO_SUFFIXES)
    for stem in (files.names[0], "audio"):
        named = [path for path in sounds if path.stem == stem]
        if len(named) == 1:
            return named[0]
    if len(sounds) != 1:
        found = f"{folder} has {counted(len(sounds), 'audio file')}"
        raise AudioError(files.names[0], f"a case needs one recording, audio.* or called like its references; {found}")
    return sounds[0]


def _what_is_missing(folder: Path) -> str:
    recordings = sum(path.suffix.lower() in AUDIO_SUFFIXES for path in folder.rglob("*"))
    if recordings:
        return f"has {counted(recordings, 'recording')} but no reference, none of {', '.join(FILES)}"
    return f"holds no case: neither a recording nor one of {', '.join(FILES)}"


def _of_table(path: Path) -> tuple[CaseFiles, ...]:
    """The cases of a table, a row each; paths in it start where it lies. Columns that are not known are refused."""
    rows = list(csv.DictReader(read_text(path).splitlines()))
    if not rows or "audio" not in rows[0]:
        raise FormatError(path, "should be a CSV table with a heading and at least the columns audio and reference")
    unknown = sorted(str(name) for name in rows[0].keys() - {"audio", "reference", *COLUMNS, *TOLD})
    if unknown:
        known = ", ".join(("audio", "reference", *COLUMNS, *TOLD))
        raise FormatError(path, f"has the unknown column {unknown[0]!r}; known are {known}", line=1)
    cases = tuple(_of_row(row, path, number) for number, row in enumerate(rows, start=2))
    _refuse_twins([one.name for one in cases], path)
    return cases


def _of_row(row: Mapping[str, str | None], table: Path, line: int) -> CaseFiles:
    said = {name: (value or "").strip() for name, value in row.items()}
    if not said["audio"]:
        raise FormatError(table, "names no recording", line=line)
    audio = table.parent / said["audio"]
    paths: dict[str, Path] = {}
    if said.get("reference"):
        reference = table.parent / said["reference"]
        role = f"reference{reference.suffix.lower()}"
        paths[role if role in TRANSCRIPTS else "words.json"] = reference
    paths |= {role: table.parent / said[column] for column, role in COLUMNS.items() if said.get(column)}
    for path in (audio, *paths.values()):
        if not path.exists():
            raise FormatError(table, f"{path} does not exist", line=line)
    if not paths:
        raise FormatError(table, f"names no reference of {said['audio']}", line=line)
    texts = {role: read_text(path) for role, path in paths.items()}
    told = {name: said[name] for name in TOLD if said.get(name)}
    texts["case.json"] = json.dumps(told)
    name = told.get("id") or (audio.parent.name if audio.stem == "audio" else audio.stem)
    return CaseFiles(Gathered((name,), texts, {**paths, "case.json": table}), audio)


def _refuse_twins(names: Sequence[str], path: Path) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise FormatError(path, f"has two cases called {twice!r}; tell them apart in a column id")
