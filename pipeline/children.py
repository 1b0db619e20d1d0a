"""Programs that are started from here: each in a process group of its own, ended as a group, and how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

FROM_SIGNALS = range(129, 160)
"""Statuses by which a shell says that what it ran was ended by a signal (128 + its number); ffmpeg's own lie above."""


def start(
    arguments: Sequence[str], *, stdin: Any, stdout: Any, stderr: Any, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """The program, running in a process group of its own."""
    return subprocess.Popen(list(arguments), stdin=stdin, stdout=stdout, stderr=stderr, env=env, process_group=0)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started, now; nothing where none of it runs any more."""
    for child in _descendants(process.pid) if process.returncode is None else []:
        _kill(child)
    with suppress(ProcessLookupError, PermissionError):  # macOS answers with the second for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def end_session(leader: int) -> None:
    """End every process of a session except its leader: the leader's children, whatever groups they are in."""
    import psutil

    for pid in psutil.pids():
        with suppress(ProcessLookupError, PermissionError):
            if pid != leader and os.getsid(pid) == leader:
                _kill(pid)


def signal_of(code: int) -> str:
    """The signal that ended a program, by its exit status; empty where it ended by itself.

    >>> signal_of(-9), signal_of(137), signal_of(0), signal_of(1)
    ('SIGKILL', 'SIGKILL', '', '')
    """
    number = -code if code < 0 else code - 128 if code in FROM_SIGNALS else 0
    try:
        return signal.Signals(number).name if number else ""
    except ValueError:
        return f"signal {number}"


def fault_of(program: str, code: int) -> str:
    """In words, what went wrong with a program that ended with this status; empty for 0.

    >>> fault_of("ffmpeg", -9)
    'ffmpeg was ended by SIGKILL (the system does this when memory runs out)'
    """
    if not code:
        return ""
    name = signal_of(code)
    if name == "SIGKILL":
        return f"{program} was ended by SIGKILL (the system does this when memory runs out)"
    return f"{program} was ended by {name}" if name else f"{program} ended with status {code}"


def _descendants(pid: int) -> list[int]:
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
