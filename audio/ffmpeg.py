"""Where the ffmpeg program is, and how it is allowed to run.

The system's ffmpeg is taken when there is one, else the program inside the PyPI package imageio-ffmpeg. That one comes
without ffprobe, so nothing here relies on it. Every run: no shell; files and pipes as the only protocols and plain
containers as the only formats (a playlist or ``concat`` script inside a file reaches neither network nor other files);
a limit on memory; a process group of its own, and a watchdog that ends all of it when it stands still. How every
program ended is asked, and what came of it is measured: an output that is shorter than it must be is no output.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

from pipeline import children
from pipeline.digits import whole_number
from pipeline.errors import AudioError, ProgramError, StoreError
from pipeline.files import regular
from pipeline.ports import Progress, silent

STALL_S = 60.0  # a healthy ffmpeg on a slow disk moves something every second
MEMORY_BYTES = (6 << 30) + (os.cpu_count() or 1) * (160 << 20)  # address space, of which each thread reserves some
LOOKS_S = 0.2  # between two looks at whether a program moves
ENDS_WITHIN_S = 2.0  # a program that has nothing left to read or to write
SHORTFALL_S, SHORTFALL_SHARE = (
    0.5,
    0.001,
)  # of a length: codecs round to frames, seams lose a few samples
STORAGE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
STDERR_LINES_KEPT = 400  # a broken file prints a line for each frame; the first and the last ones say most

# Demuxers that hold their sound themselves. Left out on purpose: hls, dash, concat, image2, lavfi, sdp, rtsp, tty ...
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,m4v,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,"
    "mpeg,mpegts,mxf,nut,ogg,oma,rm,shn,sox,tak,tta,voc,w64,wav,wv,xwma"
)
INPUT_LIMITS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}


STAND_INS = {0xDC00 + byte: 0x10FE00 + byte for byte in range(0x80, 0x100)}
"""For a byte of a file's name that is not UTF-8 (PEP 383), a character of private use."""
_BYTES = {private: surrogate for surrogate, private in STAND_INS.items()}


@cache
def ffmpeg_program() -> str:
    """The path of the ffmpeg program."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def file_url(path: str | Path) -> str:
    """The path in a form that ffmpeg reads as a file only, even with colons or dashes in it.

    Bytes that are not UTF-8 stand in it for as long as ffmpeg-python has it, which takes nothing else.
    """
    url = f"file:{os.path.abspath(path)}"  # noqa: PTH100  (resolve() would follow links the user meant)
    return url.translate(STAND_INS)


def part_of(target: Path, ending: str) -> Path:
    """Where a file is written until it is whole: a name of this process's own, beside it.

    An ffmpeg that outlives a killed run for a moment goes on writing, but not to the file of the run that followed.
    """
    return target.with_name(f".{target.stem}.{os.getpid()}.part{ending}")


@dataclass
class Run:
    """A running ffmpeg: ``read`` its standard output; after the ``with`` block ``talk`` and ``code`` are complete.

    ``feeder_code`` is None without a feeder, and where it had to be ended because nobody read from it any more.
    """

    process: subprocess.Popen[bytes]
    feeder: subprocess.Popen[bytes] | None = None
    talk: list[str] = field(default_factory=list)
    stalled: bool = False
    code: int = 0
    feeder_code: int | None = None
    _moved: threading.Event = field(default_factory=threading.Event)

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        assert self.process.stdout is not None
        data = self.process.stdout.read(size)
        self._moved.set()
        return data

    def moved(self) -> None:
        """Tell the watchdog that something happens."""
        self._moved.set()

    @property
    def killed(self) -> str:
        """In words, how this run was ended from outside; empty where it ended by itself, well or not."""
        if self.stalled:
            return "ffmpeg stopped responding and was ended"
        fed = self.feeder_code or 0
        if children.signal_of(fed) not in ("", "SIGPIPE"):  # a pipe that is closed early is no fault
            return children.fault_of("the ffmpeg that decodes", fed)
        return children.fault_of("ffmpeg", self.code) if children.signal_of(self.code) else ""

    @property
    def fault(self) -> str:
        """In words, why nothing that came of this run may be used; empty where it ended well."""
        if self.killed or not self.code:
            return self.killed
        return self.talk[-1].split("] ", 1)[-1].strip() if self.talk else children.fault_of("ffmpeg", self.code)


@contextmanager
def running(
    arguments: Sequence[str],
    *,
    feed: Sequence[str] | None = None,
    stall_s: float = STALL_S,
) -> Iterator[Run]:
    """ffmpeg with these arguments (program first); it is gone when the block is left, however it is left.

    ``feed`` is a second ffmpeg whose standard output is the first one's standard input.
    """
    feeder = _start(feed, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) if feed else None
    process = _start(arguments, stdin=feeder.stdout if feeder else subprocess.DEVNULL, stderr=subprocess.PIPE)
    if feeder and feeder.stdout:
        feeder.stdout.close()  # only the fed one holds the pipe now, so that its end reaches the feeder
    run = Run(process, feeder)
    done = threading.Event()
    helpers = [
        threading.Thread(target=_listen, args=(run,), daemon=True),
        threading.Thread(target=_watch, args=(run, done, stall_s), daemon=True),
    ]
    for helper in helpers:
        helper.start()
    try:
        yield run
        if process.stdout is not None:
            while process.stdout.read(1 << 16):
                run.moved()
        _ends_soon(process)
        if feeder and _ends_soon(feeder):
            run.feeder_code = feeder.returncode
    finally:
        for program in filter(None, (process, feeder)):
            children.end(program)  # also what a program left behind as it ended: it may hold our pipes
            program.wait()
        run.code = process.returncode
        done.set()
        run.moved()  # wakes the watchdog
        for helper in helpers:
            helper.join()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def follow(run: Run, duration: float, progress: Progress) -> float:
    """Pass on what ``-progress pipe:1`` prints, as a share of ``duration`` seconds below 1; the seconds written."""
    assert run.process.stdout is not None
    written = 0
    for line in run.process.stdout:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if name == "out_time_us" and (now := whole_number(value) or 0) > written:
            written = now
            run.moved()  # only what is written counts: ffmpeg goes on reporting while it waits
            progress(min(0.99, written / 1e6 / duration) if duration > 0 else 0.0)
    return written / 1e6


def check_written(run: Run, target: Path) -> None:
    """Raise StoreError where a run had no room for what it was to write to ``target``, ProgramError where it failed."""
    full = next((os.strerror(n) for n in STORAGE_ERRORS if any(os.strerror(n) in line for line in run.talk)), "")
    if full and run.code:
        raise StoreError(target, f"cannot be written ({full}); finished stages are kept: fix this and run again")
    if run.fault:
        raise ProgramError(target, f"could not be written ({run.fault}); run again")


def check_length(path: Path, shown: Path, expected_s: float, *, stall_s: float = STALL_S) -> None:
    """Raise ProgramError, about ``shown``, where the sound in a file that was written is not as long as it must be.

    The packets are counted, not decoded: a second for an hour.
    """
    arguments = [ffmpeg_program(), "-nostdin", "-hide_banner", "-loglevel", "error", "-nostats"]
    arguments += ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i", file_url(path)]
    arguments += ["-map", "0:a:0", "-c", "copy", "-f", "null", "-progress", "pipe:1", "-"]
    with running(arguments, stall_s=stall_s) as run:
        found_s = follow(run, expected_s, silent)
    check_written(run, shown)
    if is_short(found_s, expected_s) or is_short(expected_s, found_s):
        raise ProgramError(shown, f"was written with {found_s:.1f} s of sound instead of {expected_s:.1f} s; run again")


def is_short(found_s: float, expected_s: float) -> bool:
    """Whether a sound is shorter than it must be, by more than codecs and seams account for."""
    return expected_s - found_s > SHORTFALL_S + SHORTFALL_SHARE * expected_s


def run_quietly(arguments: Sequence[str], *, stall_s: float = STALL_S) -> tuple[int, bytes, list[str]]:
    """Exit code, standard output and the lines of standard error."""
    with running(arguments, stall_s=stall_s) as run:
        data = b"".join(iter(lambda: run.read(1 << 20), b""))
    return run.code, data, run.talk


@cache
def ffmpeg_version(program: str = "") -> str:
    """The version of an ffmpeg program, by default of the one that is used; empty when it does not run."""
    program = program or ffmpeg_program()
    code, said, _ = run_quietly([program, "-version"])
    if children.signal_of(code):
        raise ProgramError(program, children.fault_of("ffmpeg", code))
    found = re.match(r"ffmpeg version (\S+)", said.decode("utf-8", "replace"))
    return found[1] if found and not code else ""


def check_readable(path: str | Path) -> Path:
    """The path of a file that can be opened and is not empty. Raises AudioError otherwise."""
    path = Path(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise AudioError(path, "is a folder, not an audio file")
        if not stat.S_ISREG(mode):  # opening a pipe or a device may wait without end
            raise AudioError(path, "is a pipe, a socket or a device, not an audio file")
        with open(path, "rb", opener=regular) as file:
            if not file.read(1):
                raise AudioError(path, "is empty (0 bytes); download or export it again")
    except FileNotFoundError as error:
        raise AudioError(path, "no such file") from error
    except PermissionError as error:
        raise AudioError(path, "cannot be read; check its permissions") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise AudioError(path, f"cannot be opened ({error})") from error
    return path


def _ends_soon(process: subprocess.Popen[bytes]) -> bool:
    """Whether a program whose output is read to the end exits by itself within a moment."""
    try:
        process.wait(timeout=ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _start(arguments: Sequence[str], *, stdin: Any, stderr: Any) -> subprocess.Popen[bytes]:
    """The program, with its memory limited."""
    words = [word.translate(_BYTES) for word in arguments]
    process = children.start(words, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr)
    limit_memory(process)
    return process


def limit_memory(process: subprocess.Popen[bytes]) -> None:
    """Limit a program's memory from outside where the system can (Linux)."""
    with suppress(ImportError, AttributeError, OSError):
        import resource

        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _listen(run: Run) -> None:
    assert run.process.stderr is not None
    for raw in run.process.stderr:
        line = raw.decode("utf-8", "replace").rstrip()
        run.talk.append(line)
        if len(run.talk) > STDERR_LINES_KEPT:
            del run.talk[STDERR_LINES_KEPT // 2]


def _watch(run: Run, done: threading.Event, stall_s: float) -> None:
    """End what stands still, and what a program that has ended left behind: it may hold our pipes."""
    programs = [program for program in (run.process, run.feeder) if program]
    moved_s = monotonic()
    ended_s: dict[int, float] = {}
    while not done.wait(timeout=min(LOOKS_S, stall_s / 2)):
        now_s = monotonic()
        if run._moved.is_set():
            run._moved.clear()
            moved_s = now_s
        elif now_s - moved_s > stall_s:
            run.stalled = True
            for program in programs:
                children.end(program)
            return
        for program in programs:
            over = program.poll() is not None
            if over and now_s - ended_s.setdefault(program.pid, now_s) > ENDS_WITHIN_S:
                children.end(program)
