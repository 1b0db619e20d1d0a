"""Outputs made again in the background, soon after an edit: one episode at a time, the newest state of each."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Literal

from pipeline.batch.progress import Quiet
from pipeline.cache import EpisodeFolder, FolderBusy
from pipeline.errors import CleancastError
from pipeline.feeds.intact import make_edited_whole
from pipeline.feeds.publishing import publish_again
from pipeline.library.make_again import recording_of
from pipeline.library.recall import recall

CALM_S = 1.5
"""Edits follow each other: the outputs are made when there was none for so long."""
BUSY_S = 5.0
"""How soon a folder in which a run is working is tried again."""
State = Literal["made", "waiting", "making", "busy", "failed"]


@dataclass
class _Work:
    due: float
    state: State = "waiting"
    reason: str = ""


@dataclass
class Maker:
    """A thread that makes the outputs of edited episodes; ``state`` says how far it is with one."""

    calm_s: float = CALM_S
    _works: dict[Path, _Work] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopping: bool = False
    _thread: threading.Thread | None = None

    def ask(self, folder: Path) -> None:
        """Have the outputs of an episode made once its edits have come to rest."""
        with self._changed:
            self._works[folder] = _Work(monotonic() + self.calm_s)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="maker", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def state(self, folder: Path) -> tuple[State, str]:
        """How far an episode's outputs are, and why they could not be made."""
        with self._changed:
            work = self._works.get(folder)
            return (work.state, work.reason) if work else ("made", "")

    def stop(self) -> None:
        """Finish what is begun and make what is waiting; a run of the episode would make the rest."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while (folder := self._next()) is not None:
            state, reason = _make(folder)
            with self._changed:
                work = self._works[folder]
                if work.state != "making":
                    continue  # edited again meanwhile
                if state == "busy":
                    self._works[folder] = _Work(monotonic() + BUSY_S, "busy", reason)
                elif state == "failed":
                    self._works[folder] = _Work(0.0, "failed", reason)
                else:
                    del self._works[folder]

    def _next(self) -> Path | None:
        """The next episode whose time has come; None when there is nothing left to do before the end."""
        with self._changed:
            while True:
                waiting = {f: w for f, w in self._works.items() if w.state in ("waiting", "busy")}
                if self._stopping:
                    waiting = {f: w for f, w in waiting.items() if w.state == "waiting"}
                if not waiting and self._stopping:
                    return None
                folder = min(waiting, key=lambda f: waiting[f].due, default=None)
                left = waiting[folder].due - monotonic() if folder else None
                if folder and left is not None and (left <= 0 or self._stopping):
                    self._works[folder].state = "making"
                    return folder
                self._changed.wait(left)


def _make(folder: Path) -> tuple[State, str]:
    episode = EpisodeFolder(folder)
    try:
        recalled = recall(episode)
        make_edited_whole(episode, recalled, recording_of(recalled), reporter=Quiet())
        with suppress(OSError):
            publish_again(folder)
    except FolderBusy as error:
        return "busy", str(error)
    except CleancastError as error:
        return "failed", str(error)
    except Exception as error:  # the desk goes on for the other episodes
        return "failed", f"internal error ({type(error).__name__}: {error})"
    return "made", ""
