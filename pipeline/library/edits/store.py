"""``edits.json`` in an episode's folder: read, and changed by one writer at a time; what the show's glossary is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.cache import EpisodeFolder
from pipeline.errors import CleancastError, FormatError, StoreError
from pipeline.files import read_text
from pipeline.formats.records.result_json import load_object
from pipeline.library.edits.history import FILE, History, parse_edits, parse_history, print_history
from pipeline.library.edits.kinds import PhraseCorrected
from pipeline.locks import held

REPAIR = "repair it, or delete it to discard your edits"


class EditConflict(StoreError):
    """Somebody else has changed the edits since they were read."""


def read_history(folder: EpisodeFolder, *, sha256: str) -> History:
    """What was changed of this recording.

    Raises FormatError when the file cannot be understood: a run that ignored it would cut what somebody took back.
    """
    file = folder.path / FILE
    try:
        text = read_text(file, "utf-8-sig")
    except FileNotFoundError:
        return History()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(file, f"cannot be read ({error}); {REPAIR}") from None
    try:
        return parse_history(text, sha256=sha256, path=str(file))
    except FormatError as error:
        raise FormatError(file, f"{error.reason}; {REPAIR}", line=error.line) from None


def revision_of(history: History) -> str:
    """What stands for a state of the edits: two writers that start from the same one are in each other's way."""
    return hashlib.sha256(print_history(history, sha256="").encode()).hexdigest()[:16]


def change_history(
    folder: EpisodeFolder, change: Callable[[History], History], *, sha256: str, revision: str | None = None
) -> History:
    """Change the edits and write them; no edit is no file.

    ``revision``: what they were changed from; None takes them as they are. Raises EditConflict when they differ.
    """
    with held(folder.path):
        before = read_history(folder, sha256=sha256)
        if revision is not None and revision != revision_of(before):
            raise EditConflict(folder.path / FILE, "was changed in another window or by a command; look at it first")
        after = change(before)
        if after == History():
            (folder.path / FILE).unlink(missing_ok=True)
        elif after != before:
            folder.write(FILE, print_history(after, sha256=sha256))
    return after


def show_glossary(folder: EpisodeFolder) -> tuple[tuple[str, str], ...]:
    """How the show spells what is heard: pairs that people corrected "for the show" in its other episodes."""
    here = folder.path.resolve()
    pairs: dict[str, str] = {}
    for file in sorted(here.parent.glob(f"*/{FILE}")):
        if file.parent != here:
            pairs |= {edit.was: edit.text for edit in _phrases(file) if edit.show}
    return tuple(sorted(pairs.items()))


def _phrases(file: Path) -> Iterator[PhraseCorrected]:
    try:
        document = load_object(read_text(file, "utf-8-sig"), path=str(file))
        edits = parse_edits(document.get("edits"), path=str(file))
    except (OSError, ValueError, CleancastError):
        return  # the next run of that episode says so
    yield from (edit for edit in edits if isinstance(edit, PhraseCorrected))
