"""The command line with mishaps in its workers: started by tests as a program, told by the environment.

DIE_IN=stage,...   the whole program is killed (SIGKILL) inside each of these stages, once each; DIE_NOTES remembers
DIE_AT_WRITE=n     the whole program is killed at the worker's n-th write of a file, before or after it lands
CRASH=title        the worker alone is killed whenever it works on this episode
HANG_IN=stage      the worker never leaves this stage
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import pipeline.episode  # noqa: E402
import pipeline.store  # noqa: E402

WRITES = 0


def kill_all() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def arm() -> None:
    original_working = pipeline.episode.Run.working
    original_write = pipeline.store.write_atomic

    @contextmanager
    def working(run, stage: str) -> Iterator[object]:
        with original_working(run, stage) as progress:
            note = Path(os.environ.get("DIE_NOTES", "/nowhere")) / stage
            if stage in os.environ.get("DIE_IN", "").split(",") and not note.exists():
                note.touch()
                kill_all()
            if os.environ.get("CRASH") == run.episode.title:
                os.kill(os.getpid(), signal.SIGKILL)
            if os.environ.get("HANG_IN") == stage:
                time.sleep(600)
            yield progress

    def write(path: Path, text: str | bytes) -> None:
        global WRITES
        WRITES += 1
        fatal = str(WRITES) == os.environ.get("DIE_AT_WRITE")
        if fatal and WRITES % 2:
            (path.parent / f"{pipeline.store.TEMPORARY}half").write_text("half")
            kill_all()
        original_write(path, text)
        if fatal:
            kill_all()

    pipeline.episode.Run.working = working
    pipeline.store.write_atomic = write


if __name__ != "__main__":  # in a worker, which imports this file again
    arm()

if __name__ == "__main__":
    from pipeline.cli import main

    main()
