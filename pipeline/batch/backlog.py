"""How many recordings wait to be processed into an output folder, by runs that are under way: for the status page.

OUT/.backlog-<host>-<process>   the number, as text; taken away when the run ends, or the next one if it was killed
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.cache import write_atomic
from pipeline.digits import whole_number
from pipeline.errors import StoreError
from pipeline.files import read_text

PREFIX = ".backlog-"
CLOCKS_DIFFER_S = 2.0  # a process's start counts from the machine's, a file's time may be of another machine's clock


@dataclass(slots=True)
class Backlog:
    """What one run has left to do. A folder that is not there yet or cannot be written loses the note only."""

    out: Path
    noted: int = -1

    @property
    def file(self) -> Path:
        return self.out / f"{PREFIX}{socket.gethostname()}-{os.getpid()}"

    def note(self, left: int) -> None:
        """Say how many recordings have not been begun; with none left, notes of killed runs go too."""
        if left == self.noted or (left and not self.out.is_dir()):
            return  # asked several times a second; a run that makes nothing leaves no folder
        self.noted = left
        with suppress(StoreError, OSError):
            if left:
                write_atomic(self.file, f"{left}\n")
            else:
                for file in (self.file, *(f for f in self.out.glob(f"{PREFIX}*") if _is_left_over(f))):
                    file.unlink(missing_ok=True)


def count_backlog(out: Path) -> int:
    """The recordings that wait in all runs; of this machine only those of processes that are still there."""
    total = 0
    for file in out.glob(f"{PREFIX}*"):
        if _is_left_over(file):
            continue
        with suppress(OSError, UnicodeDecodeError):
            total += whole_number(read_text(file).strip()) or 0
    return total


def _is_left_over(file: Path) -> bool:
    """Whether a note is of a process of this machine that is no longer there."""
    host, _, process = file.name.removeprefix(PREFIX).rpartition("-")
    with suppress(OSError):
        return host == socket.gethostname() and not _ran_at(whole_number(process) or 0, file.stat().st_mtime)
    return True


def _ran_at(process: int, moment_s: float) -> bool:
    """Whether a process runs, and did at a moment: not one that was killed and is not yet off the system's list, nor
    another one that has its number since."""
    import psutil

    try:
        found = psutil.Process(process)
        return found.status() != psutil.STATUS_ZOMBIE and found.create_time() <= moment_s + CLOCKS_DIFFER_S
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError, OverflowError):
        return False
