"""What a file says of its sound, read by libav in a program of its own (``examining.py``), which answers in JSON.

Nothing here is read out of text that a program prints for people, where a stranger's tags and file names stand too.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from audio.ffmpeg import FORMATS, STALL_S, limit_memory
from pipeline import children
from pipeline.errors import AudioError, ProgramError
from pipeline.timeline import Seconds

COMMAND = (sys.executable, "-I", str(Path(__file__).with_name("examining.py")))
ENDS_WITHIN_S = 0.5
MOST_LINE = 1 << 26  # bytes of an answer; the tags and chapters of a file are below a thousandth of it


@dataclass(frozen=True, slots=True)
class SoundStream:
    """One audio stream: rate in Hz, bits per second (0 if unknown), its own tags."""

    codec: str
    rate: int
    channels: int
    bit_rate: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says: ``duration`` (0.0 if nothing), ``guessed`` if it is computed from size and bit rate.

    ``late``: when its clock begins. ``chapters``: start, end, title.
    """

    container: str
    duration: Seconds
    late: Seconds
    bit_rate: int
    tags: Mapping[str, str]
    sounds: tuple[SoundStream, ...]
    chapters: tuple[tuple[Seconds, Seconds, str], ...]
    has_cover: bool
    guessed: bool


def read_facts(path: str | Path) -> Facts:
    """What a file says of itself. Raises AudioError where it cannot be read, ProgramError where reading failed."""
    found = Path(path)
    try:
        stat = found.stat()
    except OSError as error:
        raise AudioError(found, f"cannot be read ({error.strerror})") from error
    try:
        return _read(os.path.abspath(found), stat.st_size, stat.st_mtime_ns, stat.st_ino)  # noqa: PTH100  (links stay)
    except _UnreadableError as error:
        raise AudioError(found, str(error)) from None  # by the name that the user gave


class _UnreadableError(Exception):
    """Why a file is no sound."""


@lru_cache(maxsize=64)
def _read(path: str, *_changed: int) -> Facts:
    told = _examiner(os.getpid()).ask(path)
    if "error" in told:
        why = "is not an audio file that ffmpeg can read"
        if told.get("no_index"):
            why = "is truncated before its index (moov atom) and cannot be played; download it again"
        raise _UnreadableError(why)
    return Facts(
        container=told["container"],
        duration=max(0.0, told["duration"]),
        late=told["late"],
        bit_rate=told["bit_rate"],
        tags=told["tags"],
        sounds=tuple(SoundStream(**sound) for sound in told["sounds"]),
        chapters=tuple((start, end, title) for start, end, title in told["chapters"]),
        has_cover=told["has_cover"],
        guessed=told["guessed"],
    )


@lru_cache(maxsize=1)
def _examiner(_process: int) -> _Examiner:
    """The program of this process; a forked one has another."""
    examiner = _Examiner()
    atexit.register(examiner.end)
    return examiner


@dataclass
class _Examiner:
    """The program that reads files, started when it is first asked and again when it has died."""

    process: subprocess.Popen[bytes] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, path: str, *, stall_s: float = STALL_S) -> dict[str, Any]:
        """The answer about a file. Raises ProgramError where the program died of it or hung."""
        asked = json.dumps({"path": path, "formats": FORMATS}).encode() + b"\n"
        with self.lock:
            for _ in range(2):
                try:
                    process = self._running()
                    assert process.stdin is not None
                    process.stdin.write(asked)
                    process.stdin.flush()
                    break
                except BrokenPipeError:  # it was ended since the last file
                    self.end()
            try:
                line = self._line(stall_s)
                return dict(json.loads(line))
            except ValueError:
                why = self.end() or "gave no answer"
                raise ProgramError(path, f"could not be examined (what reads it {why}); run again") from None

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.end()
            pipe = subprocess.PIPE
            self.process = children.start(COMMAND, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
            limit_memory(self.process)
        return self.process

    def _line(self, stall_s: float) -> bytes:
        """The next line; less than one where the program ended, hung or went on without end."""
        assert self.process is not None and self.process.stdout is not None
        handle, line = self.process.stdout.fileno(), b""
        while not line.endswith(b"\n") and len(line) < MOST_LINE:
            if not select.select([handle], [], [], stall_s)[0]:
                return b""
            piece = os.read(handle, 1 << 16)
            if not piece:
                return b""
            line += piece
        return line

    def end(self) -> str:
        """End the program; in words, how it had ended by itself."""
        process, self.process = self.process, None
        if process is None:
            return ""
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()  # by which it ends
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=ENDS_WITHIN_S)
        code = process.returncode
        children.end(process)
        process.wait()
        if process.stdout:
            process.stdout.close()
        return "stopped responding and was ended" if code is None else children.fault_of("", code).strip()
