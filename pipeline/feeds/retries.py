"""What failed or was not to be had, and when it is tried again: later and later.

An episode may be made without something that its feed offers: chapters, a transcript, a part of the recording. As a
finished episode is not asked for again, this is noted with the feed. What a server does not have for days is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.cache import write_atomic
from pipeline.digits import LARGEST
from pipeline.errors import CleancastError
from pipeline.feeds.download import Net, kept_copy, kept_page, kept_recording, length_at, text_at
from pipeline.files import read_file
from pipeline.formats.captions.cues import Cue
from pipeline.formats.captions.published import best_link, parse_published
from pipeline.formats.feeds.feed import Item
from pipeline.formats.records.chapters_json import parse_chapters
from pipeline.timeline import Seconds

FIRST_WAIT_S, LAST_WAIT_S = 600.0, 86_400.0
"""Between two tries of what fails: an hour-long outage is over after three of them, and a dead link costs one a day."""
PARTS = ("item", "chapters", "transcript", "recording")
"""``item``: the feed was half of one, so that what it says of the episode may be missing."""
MOST_TRIES = 12  # the first at ten minutes, then twice as long each time up to a day: five days in all
SHORT_SHARE = 0.8
"""Of a length that is told, or of a recording that a transcript should cover: ads that are put in on the way, music at
the end and false lengths make less difference than a half that is missing."""
LOST_S, LOST_SHARE = 1.0, 0.01  # by what a recording may be shorter than it says of itself


@dataclass(frozen=True, slots=True)
class Failure:
    """How often something failed in a row, and from when on (seconds since 1970) it is tried again."""

    count: int = 0
    due_s: float = 0.0

    def is_due(self, now_s: float) -> bool:
        """Whether it is tried again; at once where the clock was wrong when it failed: nothing waits over a day."""
        return not now_s < self.due_s <= now_s + LAST_WAIT_S

    def again(self, now_s: float) -> Failure:
        """After one more failure: the wait doubles each time, up to a day."""
        return Failure(self.count + 1, now_s + min(LAST_WAIT_S, FIRST_WAIT_S * 2 ** min(self.count, 20)))

    @classmethod
    def read(cls, value: object) -> Failure | None:
        """A failure as it is written, [count, due]; None for anything else."""
        numbers = value if isinstance(value, list) and all(type(number) is int for number in value) else []
        return cls(*numbers) if len(numbers) == 2 and 0 < numbers[0] < LARGEST and 0 < numbers[1] < LARGEST else None


def is_half(cues: Sequence[Cue], duration: Seconds) -> bool:
    """Whether a transcript ends long before its recording does."""
    return bool(cues) and max(cue.end for cue in cues) < SHORT_SHARE * duration


def is_part(item: Item, *, size: int, claimed: Seconds, decoded: Seconds) -> bool:
    """Whether a recording looks like a part of what was published: by its own header, or by what the feed says."""
    cut_off = claimed - decoded > max(LOST_S, LOST_SHARE * claimed)
    return cut_off or decoded < SHORT_SHARE * item.duration_s or size < SHORT_SHARE * item.enclosure.length


def had_since(
    item: Item, parts: Sequence[str], downloads: Path, *, net: Net, asked: dict[str, bool], language: str = ""
) -> bool:
    """Whether a server has now what an episode was made without; it is kept, so that a run finds it.

    ``asked``: what came of addresses in this look, as episodes may share one; it is added to.
    """
    found = False
    if "chapters" in parts and item.chapters_url:
        with suppress(CleancastError):
            kept_page(item.chapters_url, downloads, partial(parse_chapters, duration=LARGEST), net=net)
            found = True
    if "transcript" in parts and (link := best_link(item.transcripts, language=language)):
        with suppress(CleancastError):
            if link.url not in asked:
                asked[link.url] = _had_text(link.url, downloads, net)
        found |= asked.get(link.url, False)
    if "recording" in parts:
        with suppress(CleancastError, OSError):
            found |= _had_recording(item.enclosure.url, downloads, net)
    return found


def _had_text(url: str, downloads: Path, net: Net) -> bool:
    """Whether a transcript is another one than what was had, if anything was."""
    data, _ = text_at(url, parse_published, net=net)
    kept = kept_copy(url, downloads)
    with suppress(OSError):
        if read_file(kept) == data:
            return False
    write_atomic(kept, data)
    return True


def _had_recording(url: str, downloads: Path, net: Net) -> bool:
    """Whether a recording is longer now; what was had of it is taken away, so that it is had anew."""
    kept, length = kept_recording(url, downloads), length_at(url, net=net)
    if kept and length is not None and length > kept.stat().st_size:
        kept.unlink()
    return kept is None or not kept.exists()


def read_lacking(value: object) -> tuple[Failure, tuple[str, ...]] | None:
    """Tries and parts as they are written, [count, due, parts]; None for anything else."""
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[2], str):
        return None
    tries = Failure.read(value[:2])
    parts = tuple(part for part in PARTS if part in value[2].split())
    return (tries, parts) if tries and parts else None


def print_lacking(tries: Failure, parts: Sequence[str]) -> list[Any]:
    """As ``read_lacking`` reads it."""
    return [tries.count, round(tries.due_s), " ".join(part for part in PARTS if part in parts)]
