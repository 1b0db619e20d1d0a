"""Weights from servers that never end, or lead nowhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from models.weights.download import download
from pipeline.errors import WeightsError
from pipeline.ports import silent


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.send_header("Content-Length", "0")
        elif self.path == "/file":
            self.send_response(302)
            self.send_header("Location", "ftp://a.example/x")
            self.send_header("Content-Length", "0")
        else:
            self.send_response(200)
        self.end_headers()
        if self.path == "/large":
            self.wfile.write(bytes(100_000))

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "says"), [("/loop", "redirects to nowhere"), ("/file", "redirects to nowhere"), ("/large", "more than")]
)
def test_what_leads_nowhere_or_never_ends_is_refused(base, tmp_path, path, says) -> None:
    with pytest.raises(WeightsError, match=says):
        download("x", base + path, tmp_path / "w.bin", token="", progress=silent, most=1000, retry_wait_s=0)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) == 0
