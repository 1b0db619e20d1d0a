"""``edits.json``: what a person changed, in order, and what was undone since.

    {"version": 1, "sha256": "...", "edits": [{"kind": "ad_verdict", "start", "end", "verdict"}, ...], "undone": [...]}

Times are source seconds of the recording with that hash; for another recording they mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import FormatError
from pipeline.formats.records.plain import to_plain
from pipeline.formats.records.result_json import load_object, print_lines
from pipeline.formats.untrusted_text import visible
from pipeline.library.edits.kinds import AdVerdict, Edit
from pipeline.timeline import Span

FILE = "edits.json"
VERSION = 1
LONGEST_TEXT = 5_000
"""Characters of a text in an edit: the longest summary that was written is a tenth of it."""
LATEST_S = 1e6
"""Eleven days: no recording is longer, and times beyond it are no times."""
MOST_EDITS = 50_000
"""More than a word in two of a three-hour episode."""


@dataclass(frozen=True, slots=True)
class History:
    """The edits that hold, the oldest first, and those that were undone, the last one first to be redone."""

    edits: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()

    def add(self, *new: Edit) -> History:
        """With new edits, after which nothing can be redone; an older verdict about the same stretch goes."""
        edits = self.edits
        for edit in new:
            edits = (*_without_older(edits, edit), edit)
        return History(edits)

    def undo(self) -> History:
        return History(self.edits[:-1], (*self.undone, self.edits[-1])) if self.edits else self

    def redo(self) -> History:
        return History((*self.edits, self.undone[-1]), self.undone[:-1]) if self.undone else self

    def remove(self, place: int) -> History:
        """Without one edit, wherever it stands. Raises IndexError when there is none."""
        gone = self.edits[place]
        return History((*self.edits[:place], *self.edits[place + 1 :]), (*self.undone, gone))


def _without_older(edits: Sequence[Edit], new: Edit) -> tuple[Edit, ...]:
    if not isinstance(new, AdVerdict):
        return tuple(edits)
    return tuple(e for e in edits if not (isinstance(e, AdVerdict) and new.start <= e.start and e.end <= new.end))


def print_history(history: History, *, sha256: str) -> str:
    """``edits.json``, one edit a line."""
    document = {
        "version": VERSION,
        "sha256": sha256,
        "edits": [to_plain(edit) for edit in history.edits],
        "undone": [to_plain(edit) for edit in history.undone],
    }
    return print_lines(document)


def parse_history(text: str, *, sha256: str, path: str = FILE) -> History:
    """What was changed of this recording; of another one, nothing. Raises FormatError."""
    document = load_object(text, path=path)
    if document.get("version") != VERSION:
        raise FormatError(path, f"is version {document.get('version')!r}; this program reads version {VERSION}")
    edits = parse_edits(document.get("edits"), path=path)
    undone = parse_edits(document.get("undone", []), path=path)
    return History(edits, undone) if document.get("sha256") == sha256 else History()


def parse_edits(plain: Any, *, path: str = FILE) -> tuple[Edit, ...]:
    """Edits from plain JSON values, their texts single lines without anything unseen. Raises FormatError."""
    if not isinstance(plain, list):
        raise FormatError(path, 'should hold a list of "edits"')
    if len(plain) > MOST_EDITS:
        raise FormatError(path, f"holds more than {MOST_EDITS} edits")
    try:
        edits: tuple[Edit, ...] = _adapter().validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise FormatError(path, f"edits.{where}: {first['msg']}") from None
    return tuple(_clean(edit, path) for edit in edits)


@cache
def _adapter() -> TypeAdapter[tuple[Edit, ...]]:
    return TypeAdapter(tuple[Edit, ...])


def _clean(value: Any, path: str) -> Any:
    if isinstance(value, str):
        text = " ".join(visible(value).split())
        if len(text) > LONGEST_TEXT:
            raise FormatError(path, f"has a text of more than {LONGEST_TEXT} characters")
        return text
    if isinstance(value, tuple):
        return tuple(_clean(each, path) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Span) and not 0 <= value.start <= value.end <= LATEST_S:
            raise FormatError(path, f"has a time outside any recording ({value.start:g} to {value.end:g} s)")
        return replace(value, **{f.name: _clean(getattr(value, f.name), path) for f in fields(value)})
    return value
