"""An episode on the desk: what was found in it, its edits, and the result of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.ads.cutting.silence import Pauses
from pipeline.assemble import edit, redescribe
from pipeline.cache import EpisodeFolder
from pipeline.errors import StoreError
from pipeline.library.doubts import kept_otherwise
from pipeline.library.edits.history import History
from pipeline.library.edits.kinds import Edit
from pipeline.library.edits.on_ads import has_ad_edits
from pipeline.library.edits.store import change_history, read_history, revision_of
from pipeline.library.recall import OTHER_VERSION, Recalled, recall
from pipeline.notes.stage import Described, Sentences
from pipeline.recording import Decoded
from pipeline.result import Result
from pipeline.timeline import Diarization, Seconds
from pipeline.wiring import publishing_tools


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the networks found: all that the edits are applied to.

    ``otherwise``: the words that the publisher's transcript has otherwise, by the start of the word that was heard; an
    empty text where it has none.
    """

    folder: EpisodeFolder
    found: Result
    pauses: Pauses
    diarization: Diarization
    decoded: Decoded
    recalled: Recalled
    otherwise: Mapping[Seconds, str]


@dataclass(frozen=True, slots=True)
class Opened:
    """An episode with its edits as they are now; ``revision`` stands for that state."""

    folder: EpisodeFolder
    findings: Findings
    history: History
    result: Result

    @property
    def revision(self) -> str:
        return revision_of(self.history)


def open_episode(path: Path) -> Opened:
    """An episode as it lies in its folder. Raises StoreError when it was not made by this cleancast."""
    folder = EpisodeFolder(path)
    findings = _findings(folder)
    history = read_history(folder, sha256=findings.found.episode.sha256)
    return Opened(folder, findings, history, _edited(findings, history))


def change_episode(path: Path, change: Callable[[History], History], *, revision: str) -> Opened:
    """The episode after a change of its edits, which are written. Raises EditConflict when others changed them."""
    folder = EpisodeFolder(path)
    findings = _findings(folder)
    applied: list[Result] = []

    def checked(history: History) -> History:
        after = change(history)
        applied.append(_edited(findings, after))  # what cannot be applied is not written
        return after

    history = change_history(folder, checked, sha256=findings.found.episode.sha256, revision=revision)
    return Opened(folder, findings, history, applied[-1])


def _edited(findings: Findings, history: History) -> Result:
    return edit(
        findings.found,
        _described_again(findings, history),
        history.edits,
        findings.pauses,
        findings.diarization,
        findings.decoded,
        findings.recalled.settings.ads,
    )


def _described_again(findings: Findings, history: History) -> Described | None:
    """Chapters and notes for the ads as they are edited; None where they stay as found."""
    edits = tuple(edit for edit in history.edits if has_ad_edits([edit]))
    return _redescribed(findings, edits) if edits else None


@lru_cache(maxsize=32)
def _redescribed(findings: Findings, edits: tuple[Edit, ...]) -> Described | None:
    """Kept for the last states of ads: undo and edits of words come back to them."""
    try:
        described = findings.folder.load("described", Described).value
        sentences = findings.folder.load("notes", Sentences).value
    except (OSError, ValueError, KeyError, TypeError):
        return None  # made by an older cleancast: the outputs will be made by a whole run
    return redescribe(
        findings.found,
        described,
        sentences,
        edits,
        findings.pauses,
        findings.diarization,
        findings.decoded,
        publishing_tools().notes_model(),
    )


def _findings(folder: EpisodeFolder) -> Findings:
    try:
        stamp = (folder.stages / "found.json").stat()
    except OSError:
        raise StoreError(folder.path, OTHER_VERSION) from None
    return _load(folder.path, stamp.st_mtime_ns, stamp.st_ino)


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int, _inode: int) -> Findings:
    """What was found, read once while it is the same file."""
    folder = EpisodeFolder(path)
    try:
        return Findings(
            folder,
            folder.load("found", Result).value,
            folder.load("pauses", Pauses).value,
            folder.load("diarize", Diarization).value,
            folder.load("decoded", Decoded).value,
            recall(folder),
            kept_otherwise(folder),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError(path, OTHER_VERSION) from None
