"""A network on many pieces of sound at once, each piece on a core of its own.

torch divides each operation over the cores, and after each the cores wait for one another by spinning. Beside any
other program that takes a core, the segmentation network ran over seventy times slower that way (300 s and not done,
for what takes 4 s alone). Here a core keeps its piece from beginning to end; without other programs that costs a sixth
less of the processor, and what comes out does not depend on the number of cores.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from threading import Lock, local
from typing import TypeVar

import torch

Piece = TypeVar("Piece")
Result = TypeVar("Result")

AHEAD = 2
"""Pieces begun for each core before their results are asked for, which bounds memory."""
MOST_CORES = 4
"""Each core at work holds a batch of its own, some 150 MiB."""

_ALLOWED: list[int] = []
"""How many threads torch may use, once for each ``undivided`` that is entered: within one, torch itself says one."""
_LOCK = Lock()
_HERE = local()
"""``has_a_piece``: this thread belongs to a pool."""


@contextmanager
def undivided() -> Iterator[int]:
    """No operation of this thread is divided over the cores within it; gives how many of them torch may use.

    For networks that are small beside what their threads wait for one another: reading 172 words for ads took 0.70 CPU
    seconds on a busy machine with two threads an operation, and takes 0.14.
    """
    before = torch.get_num_threads()
    with _LOCK:
        allowed = _ALLOWED[0] if _ALLOWED else before
        _ALLOWED.append(allowed)
    torch.set_num_threads(1)
    try:
        yield allowed
    finally:
        with _LOCK:
            _ALLOWED.pop()
            torch.set_num_threads(before if _ALLOWED else allowed)  # also what threads to come are told


def side_by_side(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], *, device: torch.device | str = "cpu"
) -> Generator[Result, None, None]:
    """``work(piece)`` for each piece, in order, on as many cores as torch may use.

    One after the other on a GPU, and where it is called for a piece of other work: the cores have theirs already.

    >>> list(side_by_side(lambda number: number * 2, range(5)))
    [0, 2, 4, 6, 8]
    """
    if torch.device(device).type != "cpu" or getattr(_HERE, "has_a_piece", False):
        yield from map(work, pieces)
        return
    with undivided() as allowed:
        cores = min(allowed, MOST_CORES)
        pool = ThreadPoolExecutor(cores, "network", initializer=_begin_apart, initargs=(count(),))
        begun: deque[Future[Result]] = deque()
        try:
            for piece in pieces:
                begun.append(pool.submit(work, piece))
                if len(begun) > AHEAD * cores:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
            return_memory()


def return_memory() -> None:
    """Give what has been freed back to the system: the C library keeps it for each thread, 240 to 370 MiB after three
    minutes of sound, up to 195 after MPNet has been put together, 214 after voices of three hours were clustered."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _begin_apart(numbers: Iterator[int]) -> None:
    """Put this thread on a core that the pool's others have not begun on; where it goes from there is the system's
    choice. New threads begin on their parent's core, and Linux on two virtual cores left both there for ten seconds."""
    _HERE.has_a_piece = True
    torch.set_num_threads(1)
    with suppress(AttributeError, OSError):  # not Linux, or not allowed
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[next(numbers) % len(allowed)]})  # of this thread alone
        os.sched_setaffinity(0, allowed)
