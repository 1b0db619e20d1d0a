"""What is behind an address, had whole or not at all, from servers that fail and servers that lie."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from pipeline.cache import read_json, write_atomic
from pipeline.digits import whole_number
from pipeline.errors import FetchError, FormatError, StoreError
from pipeline.feeds.addresses import CheckedTransport, Resolve, shown
from pipeline.feeds.exchange import Exchange, TimeIsUp, within
from pipeline.files import read_file, regular
from pipeline.formats.text_encoding import decode_text
from pipeline.locks import Busy, locked
from pipeline.ports import Progress, silent

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Out = TypeVar("Out", covariant=True)

CHUNK_BYTES = 1 << 16
LONGEST_NAME = 80  # bytes of a file's name from an address; file systems allow 255
LOCK_POLL_S = 0.2
LONGEST_HEADER = 1_000  # characters of a validator that is kept and sent back
TOO_SLOW = "it takes longer than the time limit; run again: a download continues where it stopped"
PASSING = (408, 425, 429, 500, 502, 503, 504)  # answers that another try may change
WEB_PAGE = re.compile(rb"^\s*(<!doctype html|<html)", re.IGNORECASE)
FEED = re.compile(rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(rss|feed)\b", re.IGNORECASE | re.DOTALL)
TYPE_SUFFIX = {
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/x-m4a": ".m4a",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "video/mp4": ".mp4",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much and how long; the defaults suit an episode of any length on a slow line."""

    largest_bytes: int = 2_000_000_000  # 35 hours at 128 kb/s: more is no episode
    connect_s: float = 20.0
    read_s: float = 60.0  # without a single byte
    whole_s: float = 3600.0
    redirects: int = 10
    tries: int = 4
    longest_wait_s: float = 60.0  # what a server may ask for with Retry-After before we give up instead


PAGE_LIMITS = Limits(largest_bytes=50_000_000, whole_s=300.0)  # feeds, covers
TEXT_LIMITS = Limits(largest_bytes=10_000_000, whole_s=60.0, tries=2)  # chapters, transcripts: a good to have


@dataclass(frozen=True, slots=True)
class Net:
    """How addresses are fetched: from this network's own machines too, if allowed; the rest is for tests."""

    allow_private: bool = False
    limits: Limits = field(default_factory=Limits)
    resolve: Resolve | None = None
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def client(self, exchange: Exchange) -> Iterator[httpx.Client]:
        import httpx

        timeout = httpx.Timeout(self.limits.read_s, connect=self.limits.connect_s)
        transport = CheckedTransport(
            allow_private=self.allow_private, resolve=self.resolve, extensions=exchange.extensions
        )
        with httpx.Client(
            transport=transport,
            follow_redirects=True,
            max_redirects=self.limits.redirects,
            timeout=timeout,
            trust_env=False,
            headers={"User-Agent": "cleancast (podcast pipeline)", "Accept-Encoding": "identity"},
        ) as client:
            yield client


@dataclass(frozen=True, slots=True)
class Page:
    """A small document in memory; ``unchanged``: the server says that the copy we named still stands.

    ``url``: where it was found in the end, after redirects.
    """

    data: bytes
    media_type: str = ""
    etag: str = ""
    modified: str = ""
    unchanged: bool = False
    url: str = ""


def fetch_page(url: str, *, net: Net, etag: str = "", modified: str = "", limits: Limits = PAGE_LIMITS) -> Page:
    """A feed, cover or chapters file; ``etag`` and ``modified`` name the copy that is already had.

    Raises FetchError when it cannot be downloaded.
    """
    headers = {"Accept-Encoding": "gzip"}
    etag, modified = _sendable(etag), _sendable(modified)
    if etag:
        headers["If-None-Match"] = etag
    if modified:
        headers["If-Modified-Since"] = modified

    def attempt(client: httpx.Client, deadline: float) -> Page:
        with client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == 304 and (etag or modified):
                return Page(b"", etag=etag, modified=modified, unchanged=True)
            _check_status(url, answer)
            data = b"".join(_body(url, answer, limits.largest_bytes, deadline))
            said = answer.headers
            kind = said.get("content-type", "").partition(";")[0].strip().lower()
            return Page(
                data,
                kind,
                _sendable(said.get("etag", "")),
                _sendable(said.get("last-modified", "")),
                url=str(answer.url),
            )

    return _with_retries(url, attempt, net, limits)


class Read(Protocol[Out]):
    """What a text is read as; raises FormatError, with ``path`` in it, for what it is not."""

    def __call__(self, text: str, *, path: str) -> Out: ...


def kept_page(url: str, folder: Path, read: Read[T], *, net: Net) -> T:
    """What the text behind an address is read as; what could be read is kept in ``folder``, and not asked for again.

    Raises FetchError when it cannot be had, FormatError when it is something else, StoreError when it cannot be kept.
    """
    kept = kept_copy(url, folder)
    if kept.is_file():
        try:
            return read(decode_text(read_file(kept)), path=shown(url))
        except (OSError, FormatError):
            kept.unlink(missing_ok=True)  # damaged since: had once more
    data, found = text_at(url, read, net=net)
    write_atomic(kept, data)
    return found


def text_at(url: str, read: Read[T], *, net: Net) -> tuple[bytes, T]:
    """The bytes behind an address, and what they are read as. Raises FetchError and FormatError."""
    data = fetch_page(url, net=net, limits=TEXT_LIMITS).data
    return data, read(decode_text(data), path=shown(url))


def kept_copy(url: str, folder: Path) -> Path:
    """Where a text that was had of an address is kept."""
    return folder / f"{_stem(url)}.page"


def length_at(url: str, *, net: Net) -> int | None:
    """How many bytes a server says that a recording has; None where it does not say. Raises FetchError."""

    def attempt(client: httpx.Client, _deadline: float) -> int | None:
        with client.stream("GET", url) as answer:  # many servers answer HEAD otherwise
            _check_status(url, answer)
            _check_type(url, answer)
            coded = answer.headers.get("content-encoding", "identity").lower() not in ("", "identity")
            return None if coded else whole_number(answer.headers.get("content-length", ""))

    return _with_retries(url, attempt, net, TEXT_LIMITS)


class TooLarge(FetchError):
    """More than the limit: nothing of it is kept."""


def download(url: str, folder: Path, *, net: Net | None = None, progress: Progress = silent) -> Path:
    """The recording behind an http(s) address, kept in a folder of its own in ``folder``; fetched only once.

    What an interrupted download had is kept under another name and continued where the server allows it.
    Raises FetchError when it cannot be downloaded, StoreError when it cannot be saved.
    """
    net = net or Net()
    _checked(url)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{_stem(url)}.part"
        with open(part, "ab", buffering=0, opener=regular) as file, _held(file, part, url, net.limits):
            partial = _Partial(file, part.with_suffix(".json"))
            try:
                return kept_recording(url, folder) or _whole(url, part, partial, net, progress)
            except TooLarge:
                partial.restart()
                raise
            finally:
                if part.exists() and not part.stat().st_size:
                    part.unlink()
                    partial.note.unlink(missing_ok=True)
    except OSError as error:
        reason = f"the download cannot be saved ({error.strerror}); fix this and run again to continue it"
        raise StoreError(folder, reason) from None


@contextmanager
def _held(file: FileIO, part: Path, url: str, limits: Limits) -> Iterator[None]:
    """The lock of a download: a second run waits for it, and finds the file there."""
    by = time.monotonic() + limits.whole_s
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(locked(file, part))
                break
            except Busy:
                if time.monotonic() > by:
                    raise FetchError(shown(url), "another run is still downloading it; run again later") from None
                time.sleep(LOCK_POLL_S)
        yield


def _whole(url: str, part: Path, partial: _Partial, net: Net, progress: Progress) -> Path:
    """The whole file under its name."""
    kind = _with_retries(url, lambda client, by: _resume(url, partial, client, by, net, progress), net, net.limits)
    _refuse_pages(url, part)
    os.fsync(partial.file.fileno())
    target = part.with_name(_stem(url)) / _name(url, kind)
    target.parent.mkdir(exist_ok=True)
    part.replace(target)
    partial.note.unlink(missing_ok=True)
    return target


@dataclass(frozen=True, slots=True)
class _Partial:
    """What is had of a file so far, and which version of it that is."""

    file: FileIO
    note: Path

    def version(self) -> dict[str, str]:
        try:
            found = read_json(self.note)
            return {str(k): str(v) for k, v in found.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def restart(self) -> None:
        self.file.truncate(0)
        self.note.unlink(missing_ok=True)


def _resume(url: str, partial: _Partial, client: httpx.Client, deadline: float, net: Net, progress: Progress) -> str:
    """One try at the rest of a file; its media type when it is whole."""
    import httpx

    version = partial.version()
    had = os.fstat(partial.file.fileno()).st_size
    if had and not version:
        partial.restart()  # nothing says which version these bytes are of
        had = 0
    headers = {"Range": f"bytes={had}-", "If-Range": version["validator"]} if had else {}
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 416 and had:
            partial.restart()
            raise _TryAgain("the partial download no longer matches the file")
        if not (had and answer.status_code == 206 and _begins_at(answer, had)):
            partial.restart()
            had = 0
            if answer.status_code == 206:
                raise _TryAgain("the server sent a different part than the one requested")
        _check_status(url, answer)
        _check_type(url, answer)
        length = whole_number(answer.headers.get("content-length", ""))
        coded = answer.headers.get("content-encoding", "identity").lower() not in ("", "identity")
        total = had + length if length is not None and not coded else 0
        if total > net.limits.largest_bytes:
            raise TooLarge(shown(url), _too_large(net.limits.largest_bytes))
        if (validator := _validator(answer.headers)) and not coded and not had:
            partial.note.write_text(json.dumps({"validator": validator}))
        try:
            for chunk in _body(url, answer, net.limits.largest_bytes - had, deadline):
                partial.file.write(chunk)
                had += len(chunk)
                if total:
                    progress(min(1.0, had / total))
        except (httpx.RemoteProtocolError, httpx.ReadError):
            raise _TryAgain(f"the connection ended after {had} of {total or 'more'} bytes") from None
        if total and had != total:
            raise _TryAgain(f"the connection ended after {had} of {total} bytes")
        if not had:
            raise FetchError(shown(url), "the server sent an empty file")
        kind: str = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind


_UNREACHED = {
    "has no address": "there is no server of this name, or no connection to the internet",
    "Connection refused": "the server refuses the connection",
    "CERTIFICATE_VERIFY_FAILED": "the certificate of the server is not valid",
    "unreachable": "there is no way to the server, or no connection to the internet",
}
"""What an error says (``CheckedTransport``, the system's connect, OpenSSL), and what a user is told."""


class _TryAgain(Exception):
    """A failure that another try may not have; ``wait_s`` is what the server asked for."""

    def __init__(self, reason: str, *, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def why_unreached(error: Exception) -> str:
    """Why a server cannot be reached, in words.

    >>> why_unreached(ConnectionRefusedError("[Errno 111] Connection refused"))
    'the server refuses the connection'
    """
    said = str(error)
    for sign, words in _UNREACHED.items():
        if sign in said:
            return words
    return f"it cannot be reached ({type(error).__name__})"


def _with_retries(url: str, attempt: Callable[[Any, float], T], net: Net, limits: Limits) -> T:
    """The outcome of the first try that succeeds; waits 1, 2, 4 seconds between them, or what the server asks."""
    import httpx

    _checked(url)
    deadline = time.monotonic() + limits.whole_s
    reason = ""

    def exchanged(exchange: Exchange) -> T:
        with net.client(exchange) as client:
            return attempt(client, deadline)

    for count in range(limits.tries):
        wait_s = float(2**count)
        try:
            return within(deadline - time.monotonic(), exchanged)
        except TimeIsUp:
            raise FetchError(shown(url), TOO_SLOW) from None
        except _TryAgain as error:
            reason = str(error)
            wait_s = wait_s if error.wait_s is None else error.wait_s
            if wait_s > limits.longest_wait_s:
                raise FetchError(shown(url), f"{reason} and asked to wait {wait_s:.0f} s; run again later") from None
        except httpx.TooManyRedirects:
            raise FetchError(shown(url), f"it redirects more than {limits.redirects} times") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            raise FetchError(shown(url), "it redirects to a URL that is not http or https") from None
        except httpx.TimeoutException:
            reason = f"no answer within {limits.connect_s:.0f} s, or none for {limits.read_s:.0f} s in the middle"
        except (httpx.HTTPError, httpx.StreamError) as error:
            reason = why_unreached(error)
        if time.monotonic() + wait_s > deadline:
            break
        if count + 1 < limits.tries:
            net.sleep(wait_s)
    raise FetchError(shown(url), f"{reason} (attempts: {count + 1}); check the URL and the network, then run again")


def _checked(url: str) -> Any:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https"):
        raise FetchError(shown(url), "only http and https URLs can be downloaded")
    if not host:
        raise FetchError(shown(url), "this URL has no host name")
    return parts


def _check_status(url: str, answer: httpx.Response) -> None:
    status = answer.status_code
    if status in PASSING:
        raise _TryAgain(f"the server answered {status}", wait_s=_retry_after(answer.headers))
    if status in (401, 403):
        raise FetchError(shown(url), f"the server answered {status}: it requires a login or refuses access")
    if status in (404, 410):
        raise FetchError(shown(url), f"the server answered {status}: there is nothing at this URL (any more)")
    if status >= 400 or status not in (200, 206):
        raise FetchError(shown(url), f"the server answered {status}")


def _check_type(url: str, answer: httpx.Response) -> None:
    """Refuse what says itself that it is no sound."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("application/rss+xml", "application/atom+xml"):
        raise FetchError(shown(url), "this is a feed, not a recording; use: cleancast feed URL")
    if kind in ("text/html", "application/xhtml+xml"):
        raise FetchError(shown(url), "this is a web page, not a recording; use the URL of the audio file itself")


def _refuse_pages(url: str, part: Path) -> None:
    """Refuse what is a page or a feed by its first bytes, whatever it was called, and keep nothing of it."""
    with part.open("rb") as file:
        start = file.read(2048)
    for pattern, what in (
        (FEED, "a feed, not a recording; use: cleancast feed URL"),
        (WEB_PAGE, "a web page, not a recording"),
    ):
        if pattern.search(start):
            part.unlink(missing_ok=True)
            part.with_suffix(".json").unlink(missing_ok=True)
            raise FetchError(shown(url), f"this is {what}")


def _body(url: str, answer: httpx.Response, largest: int, deadline: float) -> Iterator[bytes]:
    """The body in pieces, unpacked by us, so that a small answer cannot become a huge one at once."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise FetchError(shown(url), f"the server compressed its answer as {coding[:40]!r}, which was not requested")
    unpack = None if coding in ("", "identity") else zlib.decompressobj(47 if "gzip" in coding else 15)
    had = 0
    for raw in answer.iter_raw():
        if time.monotonic() > deadline:
            raise FetchError(shown(url), TOO_SLOW)
        while raw:
            try:
                piece = unpack.decompress(raw, CHUNK_BYTES * 16) if unpack else raw
            except zlib.error:
                raise _TryAgain("the compressed answer is damaged") from None
            raw = unpack.unconsumed_tail if unpack else b""
            had += len(piece)
            if had > largest:
                raise TooLarge(shown(url), _too_large(largest))
            if piece:
                yield piece
    length = whole_number(answer.headers.get("content-length", ""))
    if (unpack and not unpack.eof) or length not in (None, answer.num_bytes_downloaded):
        raise _TryAgain(f"the connection ended after {answer.num_bytes_downloaded} of {length or 'more'} bytes")


def _too_large(largest: int) -> str:
    return f"it is larger than the limit of {largest / 1e6:.0f} MB; download it yourself if you need it"


def _begins_at(answer: httpx.Response, had: int) -> bool:
    return re.match(rf"bytes {had}-\d+/", answer.headers.get("content-range", "")) is not None


def _validator(headers: Mapping[str, str]) -> str:
    """What If-Range may name: a strong ETag, else the date of the last change."""
    etag = _sendable(headers.get("etag", ""))
    return etag if etag.startswith('"') else _sendable(headers.get("last-modified", ""))


def _sendable(text: str) -> str:
    """A validator as it may be sent back; nothing where no header can hold it."""
    return text if text.isascii() and text.isprintable() and len(text) <= LONGEST_HEADER else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    said = headers.get("retry-after", "").strip()
    seconds = whole_number(said)
    if seconds is not None:
        return float(seconds)
    with suppress(ValueError, TypeError, OverflowError, OSError):
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    return None


def _stem(url: str) -> str:
    """What stands for an address in file names."""
    return hashlib.sha256(url.encode(errors="replace")).hexdigest()[:8]


def kept_recording(url: str, folder: Path) -> Path | None:
    """A recording that was had of an address before."""
    return next((p for p in sorted((folder / _stem(url)).glob("[!.]*")) if p.is_file() and p.stat().st_size), None)


def _name(url: str, media_type: str) -> str:
    """A file name from an address: its own last part, with the ending of its kind if it has none."""
    whole = re.sub(r"[^\w.-]+", "_", unquote(urlsplit(url).path.rpartition("/")[2]))
    name = whole.encode()[-LONGEST_NAME:].decode("utf-8", "ignore").strip("._") or "episode"
    return f"{name}{'' if '.' in name else TYPE_SUFFIX.get(media_type, '')}"
