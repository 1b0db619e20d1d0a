"""Subscriptions: which episodes of a feed are new, and the clean feed beside what was made of them.

OUT/<show>/.feed.json          which feed this folder is of, its ETag, the episodes chosen by a run that is not
                               finished, and those that failed: how often, and when they are tried again
OUT/downloads/<id>.feed.xml    the feed as it was last had, for when the server says that it has not changed;
                               not beside the outputs, because a private feed's addresses are passwords
OUT/downloads/<id>.feed.json   what was read in it; may be lost
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.cache import adapter_of, digest_of, read_json, write_atomic
from pipeline.digits import LARGEST
from pipeline.errors import FetchError
from pipeline.feeds.addresses import shown
from pipeline.feeds.download import Net, fetch_page
from pipeline.feeds.episode_index import ask
from pipeline.feeds.items import feed_id
from pipeline.feeds.publishing import keep_cover, publish
from pipeline.formats.feeds.enclosures import place_of, with_password
from pipeline.formats.feeds.feed import Feed, Item, parse_feed
from pipeline.library.names import slug
from pipeline.provenance import provenance

STATE = ".feed.json"
FORGOTTEN = f"{STATE} was damaged, so older episodes that failed are no longer known; --since takes them again"
FIRST_WAIT_S, LAST_WAIT_S = 600.0, 86_400.0
"""Between two tries of what fails: an hour-long outage is over after three of them, and a dead link costs one a day."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which episodes are wanted; nothing said: those that are newer than what is there, at first the newest one.

    ``match``: a regular expression somewhere in the title. ``since``: published on that day or later.
    ``newest``: so many at most, counted among those the first two leave, done or not: asked again, nothing is left.
    """

    newest: int | None = None
    since: str = ""
    match: str = ""

    @property
    def is_open(self) -> bool:
        return self.newest is None and not self.since


def choose(
    items: Sequence[Item], choice: Choice, *, done: AbstractSet[str], pending: AbstractSet[str], today: str
) -> tuple[Item, ...]:
    """The episodes to work on, oldest first; ``pending`` ones were chosen before and are not finished.

    ``today`` is ISO 8601: a date after it is a slip and counts as none. An item without a date stands by its place in
    the feed: as old as the dated item above it.
    """
    dated = _by_age(items, today)
    title = re.compile(choice.match, re.IGNORECASE)
    wanted = [item for date, item in dated if title.search(item.title) and date >= choice.since]
    wanted = wanted[: choice.newest]
    if choice.is_open:
        first_done = next((place for place, (_, item) in enumerate(dated) if item.key in done), None)
        newer = {item.key for _, item in dated[:first_done]}
        wanted = wanted[:1] if first_done is None else [item for item in wanted if item.key in newer]
    chosen = {item.key for item in wanted} | pending
    return tuple(item for _, item in reversed(dated) if item.key in chosen - done)


def _by_age(items: Sequence[Item], today: str) -> list[tuple[str, Item]]:
    """(date, item), newest first; equal dates keep the feed's order."""
    dated: list[tuple[str, Item]] = []
    above = today
    for item in items:
        above = item.published if item.published and item.published <= today else above
        dated.append((above, item))
    return sorted(dated, key=lambda pair: pair[0], reverse=True)


@dataclass
class Subscribed:
    """A feed, the folder of its show, and what was left unfinished."""

    url: str
    out: Path
    feed: Feed
    folder: Path
    state: dict[str, Any]

    def done(self) -> frozenset[str]:
        return frozenset(self._finished())

    def left_over(self) -> tuple[Path, ...]:
        """The folders of episodes that are finished, in a run that was not: what follows the episodes is still due."""
        pending = self._pending()
        finished = self._finished() if pending else {}
        return tuple(self.folder / name for key, name in finished.items() if key in pending)

    def choose(self, choice: Choice, *, patient: bool = False, now_s: float = 0.0) -> tuple[Item, ...]:
        """The episodes to work on; they are remembered as pending until the run is finished.

        ``patient``: without those that failed so lately, at ``now_s``, that their next try is not due yet.
        """
        today = datetime.now(UTC).isoformat()
        chosen = choose(self.feed.items, choice, done=self.done(), pending=self._pending(), today=today)
        self.remember({"pending": sorted({item.key for item in chosen} | self._pending())})
        return tuple(item for item in chosen if not patient or self._failure(item.key).is_due(now_s))

    def tried(self, key: str, *, failed: bool, now_s: float) -> None:
        """Note how an episode's try ended: each failure doubles the time until the next one."""
        failures = {other: failure for other, failure in self._failures().items() if other != key}
        if failed:
            failures[key] = self._failure(key).again(now_s)
        plain = {other: [failure.count, round(failure.due_s)] for other, failure in sorted(failures.items())}
        self.remember({"failures": plain})

    def finish(self) -> None:
        """Note that everything that follows the episodes is done, too."""
        if pending := self._pending():
            self.remember({"pending": sorted(pending - self.done())})

    def keep_cover(self, *, net: Net) -> str:
        """Have the cover before a batch, whose episodes it goes into; returns in a sentence what is wrong with it."""
        return keep_cover(self.folder, self.feed.image, net=net)

    def publish(self, *, base_url: str) -> Path:
        """The clean feed, after a batch."""
        return publish(self.folder, base_url=base_url)

    def _finished(self) -> dict[str, str]:
        own = feed_id(self.url)
        return ask(self.folder, lambda episodes: episodes.finished(own))

    def _pending(self) -> frozenset[str]:
        found = self.state.get("pending")
        return frozenset(map(str, found)) if isinstance(found, list) else frozenset()

    def _failures(self) -> dict[str, Failure]:
        found = self.state.get("failures")
        pairs = found.items() if isinstance(found, dict) else ()
        return {str(key): failure for key, value in pairs if (failure := Failure.read(value))}

    def _failure(self, key: str) -> Failure:
        return self._failures().get(key, Failure())

    def remember(self, facts: Mapping[str, Any]) -> None:
        """Note something of the feed, if it is new."""
        state = {**self.state, **facts}
        if state != self.state:
            write_atomic(self.folder / STATE, json.dumps(state, ensure_ascii=False, indent=1) + "\n")
        self.state = state


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


def subscribe(url: str, out: Path, *, net: Net) -> Subscribed:
    """The feed at an address, asked for again only if it changed since the last time.

    Raises FetchError or FormatError when it cannot be had or is no feed.
    """
    known = folder_of(url, out)
    state = _state(known) if known else {}
    copy = out / "downloads" / f"{feed_id(url)}.feed.xml"
    kept = _copy(copy, state)
    named = state if kept else {}
    page = fetch_page(url, net=net, etag=str(named.get("etag", "")), modified=str(named.get("modified", "")))
    data = kept if page.unchanged else page.data
    found_at = place_of(page.url) if page.url else str(state.get("found_at") or place_of(url))
    feed = _read(data, url=shown(url), base=found_at, kept=copy.with_suffix(".json"))
    if not feed.items:
        raise FetchError(shown(url), "; ".join(["this feed has no episode with audio", *feed.remarks]))
    feed = replace(feed, url=url, items=tuple(_with_password(item, url) for item in feed.items))
    folder = known or _new_folder(feed, url, out)
    if not state and (folder / STATE).exists():
        feed = replace(feed, remarks=(*feed.remarks, FORGOTTEN))
    if not page.unchanged:
        write_atomic(copy, data)
    subscribed = Subscribed(url, out, feed, folder, state)
    about = {"version": 1, "feed": feed_id(url), "etag": page.etag, "modified": page.modified}
    subscribed.remember({**about, "copy": hashlib.sha256(data).hexdigest(), "found_at": found_at})
    return subscribed


def _read(data: bytes, *, url: str, base: str, kept: Path) -> Feed:
    """The feed in a document. What was read is kept in a file: reading a hundred episodes takes a fifth of a second."""
    of = [hashlib.sha256(data).hexdigest(), url, base, provenance("pipeline.formats.feeds.feed:parse_feed")]
    adapter = adapter_of(Feed)
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = read_json(kept)
        if record["key"] == digest_of([of, record["feed"]]):
            return adapter.validate_python(record["feed"])
    feed = parse_feed(data, url=url, base=base)
    if feed.items:
        plain = adapter.dump_python(feed, mode="json")
        write_atomic(kept, json.dumps({"key": digest_of([of, plain]), "feed": plain}) + "\n")
    return feed


def _copy(file: Path, state: Mapping[str, Any]) -> bytes:
    """The feed as it was last had; nothing where it is not what was written: the server is asked for all of it."""
    try:
        data = file.read_bytes()
    except OSError:
        return b""
    return data if hashlib.sha256(data).hexdigest() == state.get("copy") else b""


def _with_password(item: Item, feed: str) -> Item:
    """An item whose files of the feed's own origin are asked for with its password; the key stays without it."""
    sound = replace(item.enclosure, url=with_password(item.enclosure.url, feed))
    links = tuple(replace(link, url=with_password(link.url, feed)) for link in item.transcripts)
    return replace(item, enclosure=sound, transcripts=links, chapters_url=with_password(item.chapters_url, feed))


def folder_of(url: str, out: Path) -> Path | None:
    """The folder of a feed's show; None before it was first had."""
    asked = feed_id(url)
    folders = sorted(out.iterdir()) if out.is_dir() else []
    return next((folder for folder in folders if _feed_of(folder) == asked), None)


def _feed_of(folder: Path) -> str:
    """Which feed a folder is of; its note is read again only when it has changed, as thirty shows ask each other's."""
    file = folder / STATE
    try:
        stat = file.stat()
        return _noted_feed(file, stat.st_mtime_ns, stat.st_size, stat.st_ino)
    except (OSError, ValueError, AttributeError):
        return ""


@lru_cache(maxsize=4096)
def _noted_feed(file: Path, *_changed: int) -> str:
    return str(read_json(file).get("feed"))


def _new_folder(feed: Feed, url: str, out: Path) -> Path:
    """The folder of a show that is new here; another feed of the same title has its own."""
    name = slug(feed.title, otherwise="episodes")
    if _state(out / name).get("feed") in (None, feed_id(url)):
        return out / name
    return out / f"{name}-{feed_id(url)[:8]}"


def _state(folder: Path) -> dict[str, Any]:
    try:
        found = read_json(folder / STATE)
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError, RecursionError):
        return {}
