"""What the shell's tests work on: a browser; a small episode whose truth is known (tones for voices, a script, an ad, a
stretch of silence); a library of three recordings; a web server whose faults are switched on one by one."""

from __future__ import annotations

import gzip
import json
import shutil
import threading
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pipeline.spoken_seed import spoken_seed as spoken_seed  # a fixture

SECONDS = 12  # of sound in each recording of the library
RATE = 16_000
SCRIPT = (
    (0.0, 10.0, "A", "Welcome to the harbour show. I am Ada Holm and today we talk about tides and boats."),
    (10.0, 20.0, "B", "Thank you Ada. Tides are the slow breath of the sea and every boat must follow them."),
    (22.0, 32.0, "A", "This episode is brought to you by Plank. Visit plank dot com and use code HARBOUR today."),
    (34.0, 44.0, "B", "A boat that sails with the tide saves fuel. Captains have known this for a thousand years."),
    (44.0, 52.0, "A", "That is all for today. Thank you for listening and see you on the water."),
)
AD = (21.5, 32.5)


def script_words() -> list[list[object]]:
    words: list[list[object]] = []
    for start, end, _speaker, text in SCRIPT:
        spoken = text.split()
        step = (end - start) / len(spoken)
        words += [[round(start + i * step, 3), round(start + (i + 0.9) * step, 3), w] for i, w in enumerate(spoken)]
    return words


def write_tones(path: Path) -> None:
    samples = np.zeros(54 * RATE)
    time = np.arange(54 * RATE) / RATE
    for start, end, speaker, _text in SCRIPT:
        inside = slice(round(start * RATE), round(end * RATE))
        samples[inside] = 0.2 * np.sin(2 * np.pi * (180 if speaker == "A" else 290) * time[inside])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case folder: audio.wav, words.json, reference.rttm, ads.json."""
    folder = tmp_path_factory.mktemp("harbour")
    write_tones(folder / "audio.wav")
    (folder / "words.json").write_text(json.dumps({"words": script_words()}))
    lines = (f"SPEAKER harbour 1 {a:.3f} {b - a:.3f} <NA> <NA> {s} <NA> <NA>" for a, b, s, _ in SCRIPT)
    (folder / "reference.rttm").write_text("\n".join(lines) + "\n")
    (folder / "ads.json").write_text(json.dumps({"ads": [AD]}))
    return folder


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

    def __init__(self, port: int = 0) -> None:
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
                if asked and thing.ranges and self.headers.get("If-Range") in (None, thing.etag, thing.modified):
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

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
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


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path:
    """Three short recordings, and the case that says what is heard in each of them."""
    root = tmp_path_factory.mktemp("library")
    (root / "in").mkdir()
    (root / "case").mkdir()
    for number in range(3):
        samples = (np.random.default_rng(number).normal(size=16000 * SECONDS) * 1000).astype("<i2")
        with wave.open(str(root / "in" / f"ep{number}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(samples.tobytes())
    said = (  # five sentences of five words, none twice: a loop would be taken for the recogniser's
        "We talk about birds today. Owls hunt small mice quietly. Geese fly south every autumn. "
        "Robins guard their own gardens. Swifts sleep high in air."
    )
    words = [[i * 0.4 + 0.1, i * 0.4 + 0.4, word] for i, word in enumerate(said.split())]
    (root / "case" / "words.json").write_text(json.dumps({"words": words}))
    (root / "case" / "ads.json").write_text(json.dumps({"ads": [[4.0, 6.0]]}))
    return root


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, or a skip that says what is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no browser here: install Debian's package chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
             "--disable-component-update", "--autoplay-policy=no-user-gesture-required"]  # fmt: skip
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
