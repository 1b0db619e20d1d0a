"""Subscriptions: which episodes of a feed are new, and the clean feed beside what was made of them.

OUT/<show>/.feed.json          which feed this folder is of, its ETag, the episodes chosen by a run that is not
                               finished, and those that failed or lack something: how often, and when they are
                               tried again
OUT/downloads/<id>.feed.xml    the feed as it was last had, for when the server says that it has not changed;
                               not beside the outputs, because a private feed's addresses are passwords
OUT/downloads/<id>.feed.json   what was read in it; may be lost
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.cache import adapter_of, digest_of, read_json, write_atomic
from pipeline.errors import FetchError
from pipeline.feeds.addresses import shown
from pipeline.feeds.download import Net, fetch_page
from pipeline.feeds.episode_index import ask
from pipeline.feeds.intact import Differing, find_differing, keys_of
from pipeline.feeds.items import feed_id
from pipeline.feeds.publishing import has_cover, keep_cover, publish
from pipeline.feeds.retries import MOST_TRIES, Failure, had_since, print_lacking, read_lacking
from pipeline.files import read_file
from pipeline.formats.feeds.enclosures import place_of, with_password
from pipeline.formats.feeds.feed import Feed, Item, parse_feed
from pipeline.library.edits.history import FILE as EDITS
from pipeline.library.names import slug
from pipeline.locks import held
from pipeline.provenance import provenance

STATE = ".feed.json"
COVER = "the cover"  # among the keys of items
FORGOTTEN = f"{STATE} was damaged, so older episodes that failed are no longer known; --since takes them again"


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

    def choose(
        self, choice: Choice, *, again: AbstractSet[str] = frozenset(), patient: bool = False, now_s: float = 0.0
    ) -> tuple[Item, ...]:
        """The episodes to work on; they are remembered as pending until the run is finished.

        ``again``: finished ones that are made once more. ``patient``: without those that failed so lately, at
        ``now_s``, that their next try is not due yet.
        """
        today = datetime.now(UTC).isoformat()
        done = self.done()
        for key in self._failures().keys() & done - again:  # it failed after all of it was there
            self.tried(key, failed=False, now_s=now_s)
        chosen = choose(self.feed.items, choice, done=done, pending=self._pending(), today=today)
        known = {item.key for item in chosen}
        chosen += tuple(item for item in self.feed.items if item.key in again - known)
        self.remember(lambda: {"pending": sorted({item.key for item in chosen} | self._pending())})
        return tuple(item for item in chosen if not patient or self.is_due(item.key, now_s))

    def is_due(self, key: str, now_s: float) -> bool:
        """Whether an episode may be tried: not where it failed lately."""
        return self._failure(key).is_due(now_s)

    def differing(self) -> dict[str, Differing]:
        """The finished episodes that are not as they were made, by their keys."""
        return keys_of(find_differing(self.folder), feed_id(self.url))

    def tried(self, key: str, *, failed: bool, now_s: float) -> None:
        """Note how an episode's try ended: each failure doubles the time until the next one."""

        def failures() -> Mapping[str, Any]:
            found = self._failures()
            before = found.pop(key, Failure())
            if failed:
                found[key] = before.again(now_s)
            return {"failures": {other: [each.count, round(each.due_s)] for other, each in sorted(found.items())}}

        self.remember(failures)

    def lacks(self, key: str, parts: Sequence[str], *, now_s: float) -> None:
        """Note what an episode was made without, so that it is asked for later and later; nothing ends that."""

        def lacking() -> Mapping[str, Any]:
            found = self._lacking()
            tries = found.pop(key, (Failure(), ()))[0].again(now_s)
            if parts and tries.count <= MOST_TRIES:
                found[key] = (tries, tuple(parts))
            return {"lacking": {other: print_lacking(*each) for other, each in sorted(found.items())}}

        self.remember(lacking)

    def had_since(self, *, net: Net, language: str, patient: bool, now_s: float) -> frozenset[str]:
        """The finished episodes of which something is to be had now that they were made without."""
        had: set[str] = set()
        asked: dict[str, bool] = {}
        if not (lacking := self._lacking()):
            return frozenset()
        finished, items = self._finished(), {item.key: item for item in self.feed.items}
        for key, (tries, parts) in lacking.items():
            if patient and not tries.is_due(now_s):
                continue
            name = finished.get(key)
            there = name is not None and key in items and (self.folder / name / "result.json").is_file()
            if there and (self.folder / str(name) / EDITS).exists():
                parts = tuple(part for part in parts if part != "recording")  # what a person edited is kept
            better, downloads = "item" in parts and self.feed.whole, self.out / "downloads"
            if there and (better or had_since(items[key], parts, downloads, net=net, asked=asked, language=language)):
                had.add(key)
            else:
                self.lacks(key, parts if there else (), now_s=now_s)
        return frozenset(had)

    def finish(self) -> None:
        """Note that everything that follows the episodes is done, too."""
        if self._pending():
            done = self.done()
            self.remember(lambda: {"pending": sorted(self._pending() - done)})

    def keep_cover(self, *, net: Net, patient: bool, now_s: float) -> str:
        """Have the cover before a batch, whose episodes it goes into; returns in a sentence what is wrong with it."""
        if has_cover(self.folder, self.feed.image) or (patient and not self.is_due(COVER, now_s)):
            return ""
        remark = keep_cover(self.folder, self.feed.image, net=net)
        self.tried(COVER, failed=not has_cover(self.folder, self.feed.image), now_s=now_s)
        return remark

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

    def _lacking(self) -> dict[str, tuple[Failure, tuple[str, ...]]]:
        found = self.state.get("lacking")
        pairs = found.items() if isinstance(found, dict) else ()
        return {str(key): lacking for key, value in pairs if (lacking := read_lacking(value))}

    def _failure(self, key: str) -> Failure:
        return self._failures().get(key, Failure())

    def remember(self, facts: Callable[[], Mapping[str, Any]]) -> None:
        """Note something of the feed, if it is new: ``facts`` are made from what other runs have noted meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with held(self.folder):
            self.state = before = _state(self.folder) or self.state
            self.state = {**before, **facts()}
            if self.state != before or not (self.folder / STATE).is_file():
                write_atomic(self.folder / STATE, json.dumps(self.state, ensure_ascii=False, indent=1) + "\n")


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
    copied = hashlib.sha256(data).hexdigest()
    about = {"version": 1, "feed": feed_id(url), "copy": copied, "found_at": found_at}
    # Half a feed may have the whole one's tag: it is asked for once more, unless it always comes so.
    good = feed.whole or state.get("copy") == copied
    about |= {"etag": page.etag if good else "", "modified": page.modified if good else ""}
    subscribed.remember(lambda: about)
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
        data = read_file(file)
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
