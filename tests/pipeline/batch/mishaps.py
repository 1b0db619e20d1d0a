"""The command line with mishaps in its workers: started by tests as a program, told by the environment.

DIE_IN=stage,...   the whole program is killed (SIGKILL) inside each of these stages, once each; DIE_NOTES remembers
DIE_AT_WRITE=n     the whole program is killed at the worker's n-th write of a file, before or after it lands
CRASH=title        the worker alone is killed whenever it works on this episode
HANG_IN=stage      the worker never leaves this stage; HANG_ONCE=folder the first time alone; HANG_NOTE=file says it did
TINY_LIMITS=1      a stage that neither computes nor moves for four seconds hangs; after one it is said
NO_MEMORY=title    memory runs out in the worker's first stage of this episode, as Python says it
FULL_AT=n          the disk is full from the n-th file on that is written and synced
CLOCK=seconds      a follower's clock is so far ahead
READ_ERROR_AT=n    the n-th file below an output folder's name that is opened for reading cannot be read
"""

from __future__ import annotations

import errno
import io
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

import pipeline.cache  # noqa: E402
import pipeline.run  # noqa: E402
import pipeline.walk  # noqa: E402
from pipeline.ports import Reporter  # noqa: E402

WRITES = READS = SYNCS = 0
TITLE = ""


def kill_all() -> None:
    if multiprocessing.parent_process():  # a worker
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _first_time(variable: str, what: str) -> bool:
    """Whether this did not happen yet, where a folder to remember it in is named."""
    if variable not in os.environ:
        return True
    note = Path(os.environ[variable]) / f"hung-{what}"
    first = not note.exists()
    note.touch()
    return first


def fill_disk() -> None:
    """From the n-th sync on, nothing more has room."""
    original = os.fsync

    def fsync(handle: int) -> None:
        global SYNCS
        SYNCS += 1
        if int(os.environ.get("FULL_AT", 1 << 60)) <= SYNCS:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(handle)

    os.fsync = fsync


def fail_read() -> None:
    """The n-th file that is opened for reading, of those in a folder called out, cannot be."""
    original = io.open

    def opened(file: object, mode: str = "r", *rest: object, **named: object) -> object:
        global READS
        if "READ_ERROR_AT" in os.environ and "r" in mode and "/out/" in str(file):
            READS += 1
            if int(os.environ["READ_ERROR_AT"]) == READS:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(file))
        return original(file, mode, *rest, **named)  # type: ignore[call-overload]

    io.open = opened  # type: ignore[assignment]


def set_clock() -> None:
    """Followers go by the clock that is asked for. What it imports must find everything else armed."""
    import pipeline.follow.follower

    original = pipeline.follow.follower.Follower

    def follower(*given: Any, **named: Any) -> pipeline.follow.follower.Follower:
        return original(*given, now=lambda: time.time() + float(os.environ.get("CLOCK", 0)), **named)

    pipeline.follow.follower.Follower = follower  # type: ignore[assignment,misc]


def arm() -> None:
    original_compute = pipeline.walk._compute
    original_run = pipeline.run.run_episode
    original_write = pipeline.cache.write_atomic

    def run_episode(run: pipeline.run.Run) -> pipeline.run.Finished:
        global TITLE
        TITLE = run.episode.title
        return original_run(run)

    def compute(
        stage: pipeline.walk.Stage, needed: object, folder: object, reporter: Reporter, *rest: object
    ) -> object:
        note = Path(os.environ.get("DIE_NOTES", "/nowhere")) / stage.name
        if stage.name in os.environ.get("DIE_IN", "").split(",") and not note.exists():
            note.touch()
            kill_all()
        if os.environ.get("CRASH") == TITLE:
            os.kill(os.getpid(), signal.SIGKILL)
        if os.environ.get("NO_MEMORY") == TITLE:
            raise MemoryError
        if os.environ.get("HANG_IN") == stage.name and _first_time("HANG_ONCE", stage.name):
            if hung := os.environ.get("HANG_NOTE"):
                Path(hung).touch()
            with reporter.stage(stage.name):
                time.sleep(3600)
        return original_compute(stage, needed, folder, reporter, *rest)

    def write(path: Path, text: str | bytes) -> None:
        global WRITES
        WRITES += 1
        fatal = str(WRITES) == os.environ.get("DIE_AT_WRITE")
        if fatal and WRITES % 2:
            (path.parent / f"{pipeline.cache.TEMPORARY}half").write_text("half")
            kill_all()
        original_write(path, text)
        if fatal:
            kill_all()

    pipeline.walk._compute = compute
    pipeline.run.run_episode = run_episode
    pipeline.cache.write_atomic = write
    fill_disk()
    fail_read()


if __name__ != "__main__":  # in a worker, which imports this file again
    arm()

if __name__ == "__main__":
    import pipeline.batch.schedule
    from pipeline.batch.workers.limits import StageWatch
    from pipeline.cli import main

    if os.environ.get("TINY_LIMITS"):
        pipeline.batch.schedule.WATCH = StageWatch(stall_s=4.0, life_cpu_s=0.01)
    main()
