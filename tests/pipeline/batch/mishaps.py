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
CALL=name:n:errno  the n-th call of this function of os (or open, for writing) on something in a folder called out
                   fails; with + after n, all later ones, too; MET=file: made when it does
LIMIT=name:value   a limit of the resource module: FSIZE (bytes of a file), NOFILE (open files)
CLOSED=1           of a program that is warm already: this stream is closed; FULL_STREAM=1: nothing can be written to it
LOST_FOLDER=folder it works in a folder that is no longer there
All other words are of the environment.
"""

from __future__ import annotations

import errno
import io
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

import pipeline.cache  # noqa: E402
import pipeline.run  # noqa: E402
import pipeline.walk  # noqa: E402
from pipeline.ports import Reporter  # noqa: E402

WRITES = READS = SYNCS = CALLS = 0
CALLED = (
    "chmod",
    "link",
    "listdir",
    "mkdir",
    "open",
    "remove",
    "rename",
    "replace",
    "rmdir",
    "scandir",
    "stat",
    "unlink",
)
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


def fail_call() -> None:
    """The n-th call of one function that changes or reads the output folder fails, or all from then on."""
    for name in CALLED:
        setattr(os, name, _failing(name, getattr(os, name)))
    io.open = _failing("open for writing", io.open)  # type: ignore[assignment]


def _failing(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(place: Any = ".", *rest: Any, **named: Any) -> Any:
        if (asked := os.environ.get("CALL")) and "/out" in str(place):
            _meet(asked, name, place, rest[0] if rest else named.get("mode", "r"))
        return original(place, *rest, **named)

    return call


def _meet(asked: str, name: str, place: Any, mode: Any) -> None:
    global CALLS
    wanted, number, code = asked.split(":")
    if name != wanted or (name == "open for writing" and "r" in str(mode)):
        return
    CALLS += 1
    if int(number.rstrip("+")) == CALLS or (number.endswith("+") and int(number[:-1]) < CALLS):
        if "MET" in os.environ:
            os.close(os.open(os.environ["MET"], os.O_CREAT | os.O_WRONLY))
        raise OSError(int(code), os.strerror(int(code)), str(place))


def prepare(mishaps: dict[str, str]) -> None:
    """Make the surroundings of a run that was forked off a program which is warm."""
    global WRITES, READS, SYNCS, CALLS
    WRITES = READS = SYNCS = CALLS = 0
    os.environ.update(mishaps)
    tempfile.tempdir = None
    time.tzset()
    if "PATH" in mishaps:  # another ffmpeg may stand there
        from audio.ffmpeg import ffmpeg_program

        ffmpeg_program.cache_clear()
    if limit := mishaps.get("LIMIT"):
        name, _, value = limit.partition(":")
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (int(value), int(value)))
    if stream := mishaps.get("CLOSED"):
        os.close(int(stream))
    if stream := mishaps.get("FULL_STREAM"):
        os.dup2(os.open("/dev/full", os.O_WRONLY), int(stream))
    if folder := mishaps.get("LOST_FOLDER"):
        os.makedirs(folder)  # noqa: PTH103  (tests that are about these functions)
        os.chdir(folder)
        os.rmdir(folder)  # noqa: PTH106


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

    def run_episode(run: pipeline.run.Run, *rest: pipeline.run.Note) -> pipeline.run.Finished:
        global TITLE
        TITLE = run.episode.title
        return original_run(run, *rest)

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
    fail_call()


if __name__ != "__main__":  # in a worker, which imports this file again
    arm()

if __name__ == "__main__":
    import pipeline.batch.schedule
    from pipeline.batch.workers.limits import StageWatch
    from pipeline.cli import main

    if os.environ.get("TINY_LIMITS"):
        pipeline.batch.schedule.WATCH = StageWatch(stall_s=4.0, life_cpu_s=0.01)
    main()
