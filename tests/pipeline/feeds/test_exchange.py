"""Servers that hold an exchange by sending a byte now and then, wherever in it: one deadline ends them all."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from models.chat import ChatEndpoint, without_thoughts
from pipeline.errors import CleancastError, EndpointError, FetchError
from pipeline.feeds.download import Limits, Net, download, fetch_page

LIMIT_S = 0.5
LIMITS = Limits(connect_s=2, read_s=2, whole_s=LIMIT_S)
NET = Net(allow_private=True, limits=LIMITS, sleep=lambda _s: None)
GRACE_S = 5.0  # for a busy machine: the drips themselves go on for half a minute

DRIPS = {
    "status line": b"HTTP/1.1 " + b"2" * 200,
    "header": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 300,
    "headers": b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(300)),
    "preliminary answers": b"HTTP/1.1 102 Processing\r\n\r\n" * 300,
    "chunk extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 300,
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + b"X-Y: z\r\n" * 300,
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"b" * 300,
    "nothing": b"",
}


@contextmanager
def dripping(data: bytes) -> Iterator[str]:
    """A server that sends what it has a few bytes at a time, and then stays."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                for at in range(0, len(data), 3):
                    if over.wait(0.1):
                        return
                    connection.sendall(data[at : at + 3])
                over.wait(30)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        over.set()
        server.close()


def took_s(work: Callable[[], object], error: type[CleancastError], words: str) -> float:
    began = time.monotonic()
    with pytest.raises(error, match=words):
        work()
    return time.monotonic() - began


@pytest.mark.parametrize("where", DRIPS)
def test_a_page_is_not_waited_for_beyond_its_limit(where) -> None:
    with dripping(DRIPS[where]) as url:
        assert took_s(lambda: fetch_page(url, net=NET, limits=LIMITS), FetchError, "longer than the time") < GRACE_S


def test_nor_is_a_download_and_what_it_has_is_kept(tmp_path) -> None:
    with dripping(DRIPS["body"]) as url:
        assert took_s(lambda: download(f"{url}/a.mp3", tmp_path, net=NET), FetchError, "continues where") < GRACE_S
    assert not list(tmp_path.glob("*/*.mp3"))


def test_nor_is_a_name_that_is_not_resolved() -> None:
    release = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        release.wait(30)
        return []

    net = replace(NET, resolve=resolve)
    assert took_s(lambda: fetch_page("http://a.example", net=net, limits=LIMITS), FetchError, "time limit") < GRACE_S
    release.set()


@pytest.mark.parametrize("where", ["headers", "preliminary answers", "chunk extension"])
def test_nor_is_a_language_model(where) -> None:
    with dripping(DRIPS[where]) as url:
        endpoint = ChatEndpoint(url, "small", timeout_s=LIMIT_S)
        assert took_s(lambda: endpoint.ask("", "hello"), EndpointError, r"no answer within 0\.5 s") < GRACE_S


@pytest.mark.parametrize("text", ["<think>" * 140_000, "<think></think>" * 66_000, "<" * 1_000_000])
def test_what_a_model_thinks_is_taken_out_in_one_scan(text) -> None:
    began = time.process_time()
    without_thoughts(text)
    assert time.process_time() - began < 1.0


HEADERS = [
    {"Retry-After": "²"},
    {"Retry-After": "9" * 5000},
    {"Retry-After": "Tue, 01 Sep 99999 10:00:00 GMT"},
    {"Content-Encoding": "²"},
    {"Content-Range": "bytes ²-²/²"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize("status", [200, 503])
def test_one_odd_header_ends_nothing_but_its_own_exchange(web, tmp_path, headers, status) -> None:
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    url = web.put("/a.mp3", b"ID3" + bytes(2000), headers=headers, status=status)
    for work in (lambda: fetch_page(url, net=NET), lambda: download(url, tmp_path, net=NET)):
        with suppress(CleancastError):
            work()


@pytest.mark.parametrize("etag", ['"é"', '"²"', '"' + "x" * 5000 + '"', '"\x7f"'])
def test_a_validator_that_no_header_can_hold_is_not_kept(web, etag) -> None:
    url = web.put("/feed", b"<rss/>", etag=etag.encode().decode("latin-1"))
    page = fetch_page(url, net=NET)
    assert page.data == b"<rss/>" and page.etag == ""
    assert fetch_page(url, net=NET, etag=etag, modified="é").data == b"<rss/>"
