"""One deadline over a whole exchange with a server, kept from outside it.

The timeouts of an HTTP client begin anew with every byte, so a server that sends one now and then holds it without end:
in headers, in preliminary answers, in the extensions of chunks, before a name is resolved. So the exchange runs in a
thread of its own; when its time is up, its connections are closed and it is left behind.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class TimeIsUp(Exception):
    """The whole exchange took longer than it may."""


class Exchange:
    """The connections of one exchange; ``extensions`` go with each of its requests."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._over = threading.Event()

    @property
    def extensions(self) -> dict[str, Any]:
        """What tells this exchange of the connections that httpx makes for it (httpcore's ``trace``)."""
        return {"trace": self._traced}

    def _traced(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            found = info["return_value"].get_extra_info("socket")
            self._sockets.append(socket.socket(fileno=os.dup(found.fileno())))
        if self._over.is_set():
            raise TimeIsUp

    def abort(self) -> None:
        """End every connection: whoever reads or writes there is told at once."""
        self._over.set()
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connections' handles back."""
        for each in self._sockets:
            each.close()


def within(limit_s: float, work: Callable[[Exchange], T]) -> T:
    """What ``work`` returns, or raises, within so many seconds. Raises TimeIsUp when they are over."""
    exchange = Exchange()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work(exchange))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        thread.join(max(0.0, limit_s))
        if thread.is_alive():
            raise TimeIsUp
    finally:
        exchange.abort()
        exchange.close()
    if failure:
        raise failure[0]
    return outcome[0]
