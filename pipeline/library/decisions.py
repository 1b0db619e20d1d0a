"""``decisions.json`` in an episode's folder: what a person decided of its ads; every later run keeps to it.

    {"version": 1, "sha256": "...", "decisions": [{"start", "end", "verdict": "cut" | "keep"}]}

Times are source seconds of the recording with that hash; for another recording they mean nothing and are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.ads.verdict import Decision
from pipeline.cache import EpisodeFolder
from pipeline.errors import FormatError, StoreError
from pipeline.formats.records.plain import from_plain, to_plain
from pipeline.formats.records.result_json import load_object, print_lines

FILE = "decisions.json"
VERSION = 1


def read_decisions(folder: EpisodeFolder, *, sha256: str) -> tuple[Decision, ...]:
    """What was decided about this recording, the oldest first.

    Raises FormatError when the file cannot be understood: a run that ignored it would cut what somebody took back.
    """
    file = folder.path / FILE
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(file, f"cannot be read ({error}); repair it, or delete it to discard your decisions") from None
    document = load_object(text, path=str(file))
    if document.get("version") != VERSION or not isinstance(document.get("decisions"), list):
        raise FormatError(file, 'should be {"version": 1, "sha256", "decisions": [{"start", "end", "verdict"}]}')
    if document.get("sha256") != sha256:
        return ()
    found: tuple[Decision, ...] = from_plain(tuple[Decision, ...], document["decisions"], path=str(file))
    return found


def write_decisions(folder: EpisodeFolder, decisions: Sequence[Decision], *, sha256: str) -> None:
    """Keep what was decided; nothing decided is no file."""
    if not decisions:
        Path(folder.path / FILE).unlink(missing_ok=True)
        return
    document = {"version": VERSION, "sha256": sha256, "decisions": [to_plain(d) for d in decisions]}
    folder.write(FILE, print_lines(document))


def add_decision(decisions: Sequence[Decision], new: Decision) -> tuple[Decision, ...]:
    """The decisions with one more; older ones about nothing but the same stretch are forgotten.

    >>> add_decision([Decision(1, 2, "keep")], Decision(1, 2, "cut"))
    (Decision(start=1, end=2, verdict='cut'),)
    """
    older = (d for d in decisions if not (new.start <= d.start and d.end <= new.end))
    return (*older, new)
