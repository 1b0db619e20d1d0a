"""A job (one episode that is ready to be processed) and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.formats.captions.cues import Cue
from pipeline.formats.feeds.feed import Feed, Item
from pipeline.result import Episode
from pipeline.settings import Settings

Status = Literal["done", "reused", "held", "failed", "busy"]


@dataclass(frozen=True, slots=True)
class Job:
    """An episode that is ready to be processed: on this disk, probed, with a folder of its own.

    ``lacking``: what its feed offers and could not be had.
    """

    number: int
    episode: Episode
    path: str
    folder: str
    place: str
    item: Item | None = None
    feed: Feed | None = None
    published: tuple[Cue, ...] = ()  # the publisher's own transcript
    remarks: tuple[str, ...] = ()
    settings: Settings | None = None  # its show's own
    lacking: tuple[str, ...] = ()

    @property
    def downloaded(self) -> bool:
        """Whether the recording was fetched from an address, and can be fetched again."""
        return "://" in self.place


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one recording ended: its folder, or the reason in a sentence and the command that tries again.

    ``held``: done, but some stretches were left in for a person to decide. ``remarks``: on its result; ``publishers``:
    on what its publisher gives with it, which stays true when the result is made again. ``took_s`` is in no output.
    """

    number: int
    place: str
    status: Status
    title: str = ""
    show: str = ""
    folder: str = ""
    reason: str = ""
    retry: str = ""
    audio_s: float = 0.0
    took_s: float = 0.0
    remarks: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    agreement: float | None = None  # share of the publisher's words that were recognised differently

    @property
    def failed(self) -> bool:
        return self.status == "failed"
