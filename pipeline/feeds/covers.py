"""The picture of a show: kept beside its episodes, and put into clean files that have none of their own.

OUT/<show>/cover.jpg or cover.png    the feed's, or one that a person has put there
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pipeline.cache import write_atomic
from pipeline.ports import CutAudio, Tool
from pipeline.recording import hash_file

KINDS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}
"""How the pictures begin that players show."""
MOST_BYTES = 2_000_000
"""Of a cover that goes into every episode's file: two minutes of sound at 128 kbit/s."""


def covers_in(show: Path) -> list[Path]:
    """The files that may be a show's cover, by their names."""
    return [file for file in sorted(show.glob("cover.*")) if file.suffix in KINDS.values() and file.is_file()]


def is_picture(file: Path) -> bool:
    """Whether a cover begins as one; a person may have put another there, so its bytes are not compared."""
    try:
        with file.open("rb") as opened:
            return opened.read(8).startswith(tuple(KINDS))
    except OSError:
        return False


def write_cover(show: Path, data: bytes) -> bool:
    """Keep a picture as the show's cover; False where it is none that players show."""
    for magic, suffix in KINDS.items():
        if data.startswith(magic):
            write_atomic(show / f"cover{suffix}", data)
            return True
    return False


def with_cover(cutter: Tool[CutAudio], show: Path) -> Tool[CutAudio]:
    """The tool that puts the show's cover, of at most MOST_BYTES, into files whose source has none."""
    fit = (cover for cover in covers_in(show) if is_picture(cover) and cover.stat().st_size <= MOST_BYTES)
    cover = next(fit, None)
    return Tool(f"{cutter.identity} {hash_file(cover)}", lambda: partial(cutter(), cover=cover)) if cover else cutter
