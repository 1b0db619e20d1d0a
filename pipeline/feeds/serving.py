"""An output folder shown over HTTP: for this machine's browser and podcast player, and nobody else unless asked."""

from __future__ import annotations

import mimetypes
import re
import sys
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pipeline.errors import StoreError
from pipeline.feeds.publishing import feed_text, shows_in
from pipeline.formats.untrusted_text import plain_line

PIECE = 1 << 16
HIDDEN = ("stages", "downloads")  # what is kept for reuse is nobody's business; downloads hold the ads
TYPES = {
    ".m4a": "audio/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".rttm": "text/plain; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".xml": "application/rss+xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: a file's bytes from ``first`` to before ``end``, or a text."""

    status: HTTPStatus
    headers: dict[str, str]
    file: Path | None = None
    first: int = 0
    end: int = 0
    text: bytes = b""


def serve_folder(out: Path, *, host: str, port: int) -> None:
    """Serve until stopped. Raises StoreError when there is no such folder, or the port is taken."""
    if not out.is_dir():
        raise StoreError(out, "there is no such folder")
    try:
        server = make_server(out, host=host, port=port)
    except OSError as error:
        raise StoreError(out, f"cannot be served on {host}:{port} ({error.strerror}); choose another --port") from None
    base = f"http://{host}:{server.server_address[1]}"
    for show in shows_in(out):
        print(f"{base}/{quote(show.name)}/feed.xml", flush=True)
    print(f"serving {out} at {base}/ (press Ctrl-C to stop)", file=sys.stderr)
    with server:
        server.serve_forever()


def make_server(out: Path, *, host: str, port: int) -> ThreadingHTTPServer:
    """A server of an output folder, not started yet."""

    class Here(Handler):
        root = out.resolve()
        local = host == "localhost" or _is_loopback(host)

    return ThreadingHTTPServer((host, port), Here)


class Handler(BaseHTTPRequestHandler):
    """Answers requests for the files below ``root``; ``local``: only under a name of this machine."""

    root: Path
    local: bool
    protocol_version = "HTTP/1.1"
    server_version = "cleancast"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        self.send(body=True)

    def do_HEAD(self) -> None:
        self.send(body=False)

    def send(self, *, body: bool) -> None:
        asked = self.headers.get("Host", "")
        if self.local and not _names_this_machine(asked):
            # A web page elsewhere may have its own name point here (DNS rebinding) and read what is served.
            found = _said(HTTPStatus.FORBIDDEN, "this server answers to this machine's own names only")
        else:
            found = answer(self.root, self.path, range_=self.headers.get("Range"), base=f"http://{asked}")
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.send_body(found)

    def send_body(self, found: Answer) -> None:
        self.wfile.write(found.text)
        if found.file is None:
            return
        with found.file.open("rb") as file:
            file.seek(found.first)
            left = found.end - found.first
            while left > 0 and (piece := file.read(min(PIECE, left))):
                self.wfile.write(piece)
                left -= len(piece)

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # the listener went away

    def log_message(self, *_: Any) -> None:
        pass


def answer(root: Path, asked: str, *, range_: str | None, base: str) -> Answer:
    """What a request for a path gets; nothing outside ``root`` is ever opened, also not through a link."""
    path = unquote(urlsplit(asked).path)
    parts = [part for part in path.split("/") if part]
    if "\0" in path or "\\" in path or any(part.startswith(".") or part in HIDDEN for part in parts):
        return _said(HTTPStatus.NOT_FOUND, "there is nothing here")
    target = root.joinpath(*parts)
    if len(parts) == 2 and parts[1] == "feed.xml" and target.parent in shows_in(root):
        text = feed_text(target.parent, base_url=base).encode()  # with the address it is asked under
        return Answer(HTTPStatus.OK, _headers(".xml", len(text)), text=text)
    try:
        inside = target.resolve().is_relative_to(root) and target.exists()
    except (OSError, RuntimeError, ValueError):
        inside = False
    if not inside:
        return _said(HTTPStatus.NOT_FOUND, "there is nothing here")
    if target.is_dir():
        index = target / "index.html"
        return _file(index, None) if not parts and index.is_file() else _listing(root, target)
    return _file(target, range_)


def _file(target: Path, range_: str | None) -> Answer:
    found = target.stat()
    size = found.st_size
    headers = _headers(target.suffix.lower(), size)
    headers |= {"Accept-Ranges": "bytes", "Last-Modified": formatdate(found.st_mtime, usegmt=True)}
    if range_ is None:
        return Answer(HTTPStatus.OK, headers, target, 0, size)
    asked = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", range_.strip())
    if asked is None or asked.groups() == ("", ""):
        return Answer(HTTPStatus.OK, headers, target, 0, size)  # several parts, or not understood: the whole
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= size or start >= end:
        headers |= {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
        return Answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
    headers |= {"Content-Range": f"bytes {start}-{end - 1}/{size}", "Content-Length": str(end - start)}
    return Answer(HTTPStatus.PARTIAL_CONTENT, headers, target, start, end)


def _listing(root: Path, folder: Path) -> Answer:
    """A plain page with what is in a folder."""
    here = folder.relative_to(root).as_posix()
    names = sorted(
        f"{p.name}/" if p.is_dir() else p.name
        for p in folder.iterdir()
        if not p.name.startswith(".") and p.name not in HIDDEN
    )
    start = "/" if here == "." else f"/{quote(here)}/"
    rows = "".join(f'<li><a href="{start}{quote(name)}">{_escaped(name)}</a></li>' for name in names)
    title = _escaped("cleancast" if here == "." else here)
    text = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><ul>{rows}</ul>".encode()
    return Answer(HTTPStatus.OK, _headers(".html", len(text)), text=text)


def _escaped(text: str) -> str:
    from html import escape

    return escape(plain_line(text))


def _said(status: HTTPStatus, text: str) -> Answer:
    data = f"{text}\n".encode()
    return Answer(status, _headers(".txt", len(data)), text=data)


def _headers(suffix: str, length: int) -> dict[str, str]:
    kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    return {
        "Content-Type": kind,
        "Content-Length": str(length),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLICY,
    }


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _names_this_machine(asked: str) -> bool:
    """Whether a Host header is a loopback address or localhost."""
    host = re.sub(r":\d+$", "", asked).lower()
    return host == "localhost" or _is_loopback(host)
