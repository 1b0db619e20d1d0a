"""Locks between processes, on any storage: only a lock that is held elsewhere counts as busy."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from pipeline.errors import StoreError

HELD_ELSEWHERE = (errno.EWOULDBLOCK, errno.EAGAIN)
SUFFIX = ".held"
"""Ends the name of the file that stands for a lock where the storage itself has none."""


class Busy(Exception):
    """Another process holds the lock."""


@contextmanager
def locked(handle: IO[Any], path: Path) -> Iterator[None]:
    """Hold the lock of an open file, ``path``, without waiting for it.

    flock first, then the record locks of POSIX (some network shares have only these), then a file beside it that
    names the process. Raises Busy when another process holds it, OSError when none of the three works.
    """
    for lock in (fcntl.flock, fcntl.lockf):
        if _lock(lock, handle):
            yield  # closing the file gives the lock back
            return
    with _file_lock(path):
        yield


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder itself for the moment of a change of something in it, and wait for others who do.

    Raises StoreError where it cannot be read.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreError(folder, f"cannot be read ({error.strerror})") from None
    try:
        with suppress(OSError):  # storage that has no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _lock(lock: Callable[[IO[Any], int], None], handle: IO[Any]) -> bool:
    """Whether the lock is held now; False where the storage does not know this kind."""
    try:
        lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held = (*HELD_ELSEWHERE, errno.EACCES) if lock is fcntl.lockf else HELD_ELSEWHERE
        if error.errno in held:
            raise Busy(str(error)) from None
        return False
    return True


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """A lock by the existence of a file; one that a dead process of this machine left is taken over."""
    from filelock import SoftFileLock, Timeout

    lock = SoftFileLock(path.with_name(path.name + SUFFIX), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Busy(lock.lock_file) from None
    try:
        yield
    finally:
        lock.release()
