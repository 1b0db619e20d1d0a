"""An OpenAI-compatible server on this machine that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = str | int | bytes
"""What the model says; a number is a status, bytes are a body of their own."""


@dataclass
class StandIn:
    """``answer`` is given each request's body; ``wait_s`` holds an answer back."""

    answer: Callable[[dict[str, Any]], Reply] = lambda _body: "{}"
    wait_s: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def material(self, index: int = -1) -> str:
        return str(self.asked[index]["messages"][1]["content"])


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A running server; everything about it ends with the block."""
    model = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            model.asked.append(body)
            model.headers.append({key.lower(): value for key, value in self.headers.items()})
            time.sleep(model.wait_s)
            reply: Reply = 404 if self.path != "/v1/chat/completions" else model.answer(body)
            status = reply if isinstance(reply, int) else 200
            told = {"choices": [{"message": {"role": "assistant", "content": reply}}]}
            data = reply if isinstance(reply, bytes) else json.dumps(told).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the asker has gone

        def log_message(self, *_about: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
