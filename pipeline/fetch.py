"""A recording behind an address, downloaded whole or not at all."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.errors import FetchError
from pipeline.ports import Progress, silent

CONNECT_S = 20.0
LARGEST_BYTES = 2_000_000_000  # 35 hours at 128 kb/s: more is no episode
CHUNK_BYTES = 1 << 20


def download(url: str, folder: Path, *, progress: Progress = silent) -> Path:
    """The file behind an http(s) address, kept in ``folder``; fetched again only if it is not there.

    Raises FetchError, in words, when it cannot be had; a half-fetched file is never left under its name.
    """
    import httpx

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise FetchError(url, "only http and https addresses can be fetched")
    name = re.sub(r"[^\w.-]+", "_", unquote(Path(parts.path).name))[-80:] or "episode"
    target = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:8]}-{name}"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with (
            httpx.stream("GET", url, follow_redirects=True, timeout=CONNECT_S) as answer,
            part.open("wb") as file,
        ):
            answer.raise_for_status()
            total = int(answer.headers.get("content-length", 0))
            had = 0
            for chunk in answer.iter_bytes(CHUNK_BYTES):
                had += len(chunk)
                if had > LARGEST_BYTES:
                    raise FetchError(url, "the file is over 2 GB; download it yourself if it is an episode")
                file.write(chunk)
                if total:
                    progress(min(1.0, had / total))
        if total and had < total and not answer.headers.get("content-encoding"):
            raise FetchError(url, f"the connection ended after {had} of {total} bytes; run again")
        part.replace(target)
    except httpx.HTTPStatusError as error:
        raise FetchError(
            url, f"the server answered {error.response.status_code} {error.response.reason_phrase}"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(
            url, f"it cannot be reached ({type(error).__name__}); check the address and the network"
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return target
