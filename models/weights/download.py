"""One file over HTTP: goes on where it stopped, and appears under its name only when it is whole."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.digits import whole_number
from pipeline.errors import WeightsError
from pipeline.feeds.exchange import Exchange, TimeIsUp, within
from pipeline.ports import Progress

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 30.0
LARGEST_BYTES = 20_000_000_000
"""Of a file whose size the catalogue does not know: the largest Whisper has 3 GB."""
SLOWEST_S = 6 * 3600.0
"""Of one connection; what has arrived is kept, so a slower line goes on in the next."""
ATTEMPTS = 4
"""How often a download that breaks off without progress is taken up again; one that advances counts anew."""


def download(
    name: str,
    address: str,
    target: Path,
    *,
    token: str,
    progress: Progress,
    most: int = LARGEST_BYTES,
    retry_wait_s: float = 1.0,
) -> str:
    """Fetches an address into a file; returns the SHA-256 that the server states for it, or nothing.

    What has arrived is kept as ``<file>.part``, so a later call asks only for the rest. A token goes to the first host
    alone, not to where it redirects. WeightsError: no answer, refused, not there, cut off, more than ``most`` bytes,
    disk full.
    """
    import httpx

    part = target.with_name(target.name + ".part")
    if target.exists():  # whole as far as an earlier call could tell: the server is asked whether anything is missing
        target.replace(part)
    failures = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            stated = within(SLOWEST_S, partial(_fetch_rest, name, address, part, token, progress, most))
            part.replace(target)
            return stated
        except (httpx.TooManyRedirects, httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise WeightsError(name, f"{_host(address)} redirects to nowhere ({_short(error)})") from error
        except TimeIsUp:
            raise WeightsError(name, f"{_host(address)} is too slow; run again to continue") from None
        except httpx.TransportError as error:
            now = part.stat().st_size if part.exists() else 0
            failures = 1 if now > before else failures + 1
            if failures >= ATTEMPTS:
                raise WeightsError(
                    name, f"{_host(address)} cannot be reached or the connection broke ({_short(error)})"
                ) from error
            time.sleep(retry_wait_s)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = "the disk is full" if full else f"cannot write {part}: {error.strerror}"
            raise WeightsError(name, reason) from error


def _fetch_rest(
    name: str, address: str, part: Path, token: str, progress: Progress, most: int, exchange: Exchange
) -> str:
    """Appends what is missing to the partial file; returns the stated SHA-256."""
    import httpx

    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}  # a compressed answer cannot be resumed by bytes
    if have:
        headers["Range"] = f"bytes={have}-"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with (
        httpx.Client(follow_redirects=True, timeout=TIMEOUT_S) as client,
        client.stream("GET", address, headers=headers, extensions=exchange.extensions) as answer,
    ):
        stated = _stated_hash([*answer.history, answer])
        if answer.status_code == 416 and _total_of(answer.headers) == have:
            return stated  # it was whole already
        if answer.status_code == 416:
            part.unlink()
            raise httpx.RemoteProtocolError("the partial file does not fit")
        _refuse(name, address, answer.status_code, token)
        resumes = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        total = _total_of(answer.headers) if resumes else whole_number(answer.headers.get("Content-Length")) or 0
        with part.open("ab" if resumes else "wb") as out:
            done = have if resumes else 0
            for piece in answer.iter_raw():
                done += len(piece)
                if done > most:
                    out.truncate(0)
                    raise WeightsError(name, f"{_host(address)} sends more than the {most} bytes that it should")
                out.write(piece)
                if total:
                    progress(min(1.0, done / total))
            out.flush()
            os.fsync(out.fileno())
        if total and done < total:
            raise httpx.RemoteProtocolError(f"ended after {done} of {total} bytes")
    return stated


def _refuse(name: str, address: str, status: int, token: str) -> None:
    if status < 400:
        return
    if status in (401, 403):
        what = "this token has no access; accept the terms on the model's page" if token else "it needs a token"
        raise WeightsError(name, f"{_host(address)} refused ({status}): {what} (set HF_TOKEN)")
    if status == 404:
        raise WeightsError(name, f"{address} is not there (404)")
    raise WeightsError(name, f"{_host(address)} answered {status}")


def _stated_hash(answers: Sequence[httpx.Response]) -> str:
    """The hub states the SHA-256 of a large file as its (linked) entity tag."""
    for answer in answers:
        for key in ("X-Linked-Etag", "ETag"):
            tag = answer.headers.get(key, "").removeprefix("W/").strip('"')
            if re.fullmatch(r"[0-9a-f]{64}", tag):
                return str(tag)
    return ""


def _total_of(headers: Mapping[str, str]) -> int:
    """The whole length in a Content-Range header; 0 when it does not say."""
    return whole_number(headers.get("Content-Range", "").rpartition("/")[2]) or 0


def _host(address: str) -> str:
    return re.sub(r"^\w+://([^/]+).*$", r"\1", address)


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:160]
