"""What a publisher said of an episode, kept in its folder: how a feed's episodes are known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.cache import EpisodeFolder, read_json
from pipeline.errors import FormatError
from pipeline.feeds.addresses import shown
from pipeline.formats.feeds.feed import Feed, Item
from pipeline.formats.records.plain import from_plain, to_plain

FILE = "item.json"


@dataclass(frozen=True, slots=True)
class Noted:
    """A finished episode of a feed: which feed's, and its item."""

    folder: EpisodeFolder
    feed_id: str
    item: Item
    show: Feed


def feed_id(url: str) -> str:
    """What stands for a feed in files: its address may hold a password."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def note_item(folder: EpisodeFolder, item: Item, feed: Feed) -> None:
    """Note that an episode of a feed is finished; addresses are kept without their secrets."""
    show = replace(feed, url=shown(feed.url), items=(), remarks=(), whole=True)
    record = {
        "version": 1,
        "feed": feed_id(feed.url),
        "item": to_plain(public(item)),
        "show": to_plain(show),
    }
    folder.write(f"stages/{FILE}", json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def public(item: Item) -> Item:
    """An item whose addresses hold no password and no signature."""
    return replace(
        item,
        enclosure=replace(item.enclosure, url=shown(item.enclosure.url)),
        transcripts=tuple(replace(link, url=shown(link.url)) for link in item.transcripts),
        chapters_url=shown(item.chapters_url) if item.chapters_url else "",
    )


def noted_in(show: Path) -> Iterator[Noted]:
    """The finished feed episodes of a show's folder."""
    return (noted for file in sorted(show.glob(f"*/stages/{FILE}")) if (noted := noted_of(file.parent.parent)))


def noted_of(folder: Path) -> Noted | None:
    """What is noted of an episode; None where nothing is, and where it is damaged: the episode counts as not done.

    Raises OSError where it is there and cannot be read.
    """
    file = folder / "stages" / FILE
    try:
        record = read_json(file)
        item = from_plain(Item, record["item"], path=str(file))
        feed = from_plain(Feed, record["show"], path=str(file))
        return Noted(EpisodeFolder(folder), str(record["feed"]), item, feed)
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError, FormatError):
        return None
