"""A real web server on loopback whose faults are switched on one by one."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Thing:
    """What stands at a path, and what is wrong with how it is served."""

    data: bytes = b""
    kind: str = "audio/mpeg"
    etag: str = '"one"'
    modified: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None  # bytes after which the connection drops, for the next ``faults`` requests
    fail_with: int = 500
    faults: int = 0  # how many requests fail before one goes well
    claimed: int | None = None  # a wrong Content-Length
    pause_s: float = 0.0  # before the answer, and between its parts
    parts: int = 1
    packed: bool = False
    ranges: bool = True
    etag_after_fault: str = ""


class Web:
    """``web.put(path, data, **faults)`` serves something; ``web.asked`` lists (path, headers) of every request."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                self.close_connection = True
                thing = web.things.get(self.path.split("?")[0])
                if thing is None:
                    self.answer(404, b"", {})
                else:
                    self.serve(thing)

            def serve(self, thing: Thing) -> None:
                time.sleep(thing.pause_s)
                headers = {"Content-Type": thing.kind, **thing.headers}
                failing = thing.faults > 0
                thing.faults -= failing
                if failing and thing.cut_after is None:
                    return self.answer(thing.fail_with, b"", headers)
                if thing.etag:
                    headers["ETag"] = thing.etag
                if thing.modified:
                    headers["Last-Modified"] = thing.modified
                if thing.status != 200:
                    return self.answer(thing.status, b"", headers)
                if thing.etag and self.headers.get("If-None-Match") == thing.etag:
                    return self.answer(304, b"", headers)
                data, status = thing.data, 200
                asked = self.headers.get("Range")
                if asked and thing.ranges and self.headers.get("If-Range") in (thing.etag, thing.modified):
                    start = int(asked.removeprefix("bytes=").rstrip("-"))
                    headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
                    data, status = data[start:], 206
                if thing.packed:
                    data = gzip.compress(data)
                    headers["Content-Encoding"] = "gzip"
                cut = thing.cut_after if failing else None
                if failing and thing.etag_after_fault:
                    thing.etag, thing.data = thing.etag_after_fault, thing.data[::-1]
                self.answer(status, data, headers, thing, cut)

            def answer(
                self,
                status: int,
                data: bytes,
                headers: dict[str, str],
                thing: Thing | None = None,
                cut: int | None = None,
            ) -> None:
                thing = thing or Thing()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data) if thing.claimed is None else thing.claimed))
                self.send_header("Connection", "close")
                self.end_headers()
                data = data if cut is None else data[:cut]
                size = max(1, -(-len(data) // thing.parts))
                try:
                    for start in range(0, len(data), size):
                        self.wfile.write(data[start : start + size])
                        self.wfile.flush()
                        time.sleep(thing.pause_s)
                except OSError:
                    pass  # the client has had enough

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def put(self, path: str, data: bytes = b"", **faults: Any) -> str:
        self.things[path] = Thing(data, **faults)
        return self.base + path

    def asked_for(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked.split("?")[0] == path]


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.server.shutdown()
    server.server.server_close()
