"""The picture of a show: kept beside its episodes, and put into clean files that have none of their own.

OUT/<show>/cover.jpg or cover.png    the feed's, or one that a person has put there
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pipeline.cache import write_atomic
from pipeline.files import regular
from pipeline.ports import CutAudio, Tool
from pipeline.recording import hash_file

KINDS = ((b"\xff\xd8\xff", b"\xff\xd9", ".jpg"), (b"\x89PNG\r\n\x1a\n", b"IEND", ".png"))
"""How the pictures that players show begin and end, and the endings of their files."""
HEAD, TAIL = 8, 1024  # bytes; some programs leave a few behind the end
MOST_BYTES = 2_000_000
"""Of a cover that goes into every episode's file: two minutes of sound at 128 kbit/s."""


def covers_in(show: Path) -> list[Path]:
    """The files that may be a show's cover, by their names."""
    kinds = [kind for *_, kind in KINDS]
    return [file for file in sorted(show.glob("cover.*")) if file.suffix in kinds and file.is_file()]


def is_picture(file: Path) -> bool:
    """Whether a cover begins and ends as one; a person may have put another there, so its bytes are not compared."""
    try:
        with open(file, "rb", opener=regular) as opened:
            head = opened.read(HEAD)
            opened.seek(max(0, opened.seek(0, 2) - TAIL))
            return _kind_of(head, opened.read()) == file.suffix
    except OSError:
        return False


def write_cover(show: Path, data: bytes) -> bool:
    """Keep a picture as the show's cover; False where it is none that players show, or a part of one."""
    if kind := _kind_of(data[:HEAD], data[-TAIL:]):
        write_atomic(show / f"cover{kind}", data)
    return bool(kind)


def _kind_of(head: bytes, tail: bytes) -> str:
    """The ending of the picture that begins and ends so; empty where it is none, or a part of one."""
    return next((kind for first, last, kind in KINDS if head.startswith(first) and last in tail), "")


def with_cover(cutter: Tool[CutAudio], show: Path) -> Tool[CutAudio]:
    """The tool that puts the show's cover, of at most MOST_BYTES, into files whose source has none."""
    fit = (cover for cover in covers_in(show) if is_picture(cover) and cover.stat().st_size <= MOST_BYTES)
    cover = next(fit, None)
    return Tool(f"{cutter.identity} {hash_file(cover)}", lambda: partial(cutter(), cover=cover)) if cover else cutter
