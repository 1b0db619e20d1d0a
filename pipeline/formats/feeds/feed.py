"""Podcast feeds, RSS and Atom: untrusted input, read safely, with everything in them that helps an episode.

RSS 2.0 (www.rssboard.org/rss-specification), Atom (RFC 4287), the itunes tags, and the podcast namespace
(podcastindex.org/namespace/1.0): transcript, chapters, person.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from pipeline.errors import FormatError
from pipeline.formats.clock import parse_clock
from pipeline.formats.untrusted_text import plain_line, plain_text

PODCAST = "https://podcastindex.org/namespace/1.0"
PODCAST_ALIASES = (PODCAST, "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md")
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
EXPLICIT = {"true": True, "yes": True, "explicit": True, "false": False, "no": False, "clean": False}
LARGEST_FEED = 50_000_000  # bytes; the largest feeds of daily shows are about 15 MB
EARLIEST, LATEST = 1990, 2100  # years; a date outside is a slip, and is treated as no date


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The sound of an item: its address, bytes (0 if not said) and media type."""

    url: str
    length: int = 0
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who took part, as the publisher says; ``role`` in small letters, "host" if not said."""

    name: str
    role: str = "host"
    group: str = ""
    url: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """A transcript that the publisher offers."""

    url: str
    media_type: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One episode as its publisher announces it; ``key`` tells it from all others of the feed, and stays.

    ``published`` is ISO 8601 in UTC, empty when missing or absurd; ``duration_s`` 0.0 if not said.
    """

    key: str
    title: str
    enclosure: Enclosure
    guid: str = ""
    published: str = ""
    description: str = ""
    link: str = ""
    image: str = ""
    duration_s: float = 0.0
    season: str = ""
    number: str = ""
    kind: str = ""
    explicit: bool | None = None
    persons: tuple[Person, ...] = ()
    transcripts: tuple[TranscriptLink, ...] = ()
    chapters_url: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A show and its episodes, in the order of the feed."""

    url: str
    title: str
    items: tuple[Item, ...]
    description: str = ""
    link: str = ""
    language: str = ""
    author: str = ""
    image: str = ""
    category: str = ""
    explicit: bool | None = None
    persons: tuple[Person, ...] = ()


def parse_feed(data: bytes, *, url: str = "the feed") -> Feed:
    """The show and the episodes of a feed; items without sound are left out.

    Raises FormatError for what is not a feed, is too large, or declares entities or external files.
    """
    if len(data) > LARGEST_FEED:
        raise FormatError(
            url, f"the feed is {len(data) / 1e6:.0f} MB; feeds over {LARGEST_FEED / 1e6:.0f} MB are not read"
        )
    tree = _safe_tree(data, url)
    found = _feedparser(data, url)
    head = _said(found.feed)
    entries = [_said(entry) for entry in found.entries]
    if not found.get("version") and not entries:
        start = data[:200].lstrip().lower()
        seen = "a web page" if b"<html" in start or b"<!doctype html" in start else "not one"
        raise FormatError(
            url, f"this should be a podcast feed (RSS or Atom), but it is {seen}; give the feed's address"
        )
    nodes = _items_of(tree)
    extras = nodes if len(nodes) == len(entries) else [None] * len(entries)
    channel = tree.find("channel") if tree is not None else None
    persons = _persons(channel if channel is not None else tree)
    items = [
        item
        for entry, node in zip(entries, extras, strict=True)
        if (item := _item(entry, node, channel_persons=persons, base=url)) is not None
    ]
    return Feed(
        url=url,
        title=plain_line(head.get("title", "")),
        items=_with_keys(items),
        description=plain_text(head.get("summary") or head.get("subtitle") or ""),
        link=_address(head.get("link", ""), url),
        language=plain_line(head.get("language", ""), longest=20),
        author=plain_line(head.get("author", "")),
        image=_address((head.get("image") or {}).get("href", ""), url),
        category=plain_line(next((tag.get("term") or "" for tag in head.get("tags", [])), "")),
        explicit=_explicit(channel if channel is not None else tree),
        persons=persons,
    )


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    """What feedparser found, less the fields that broken markup left with nothing in them."""
    return {key: value for key, value in found.items() if value is not None}


def _safe_tree(data: bytes, url: str) -> Element | None:
    """The XML tree when the feed is well-formed, else None.

    Raises FormatError for declared entities and external references: feeds need none, attacks do.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if re.search(rb"<!\s*ENTITY|<\0?!\0?E\0?N\0?T\0?I\0?T\0?Y", data, re.IGNORECASE):
        raise FormatError(
            url, "the feed declares XML entities, which are used in attacks and not needed; it is not read"
        )
    try:
        tree: Element = fromstring(data.lstrip(), forbid_dtd=False, forbid_entities=True, forbid_external=True)
        return tree
    except DefusedXmlException:
        raise FormatError(url, "the feed refers to files outside itself, as attacks do; it is not read") from None
    except (ParseError, ValueError, LookupError):  # LookupError: an encoding that does not exist
        return None  # feedparser still reads most of what publishers get wrong


def _feedparser(data: bytes, url: str) -> Any:
    import feedparser

    try:
        # A file object, never the bytes themselves: feedparser opens text that looks like a path or an address.
        return feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it catches what it knows of; noise finds more
        raise FormatError(
            url, f"this should be a podcast feed, but it cannot be read ({type(error).__name__})"
        ) from None


def _items_of(tree: Element | None) -> list[Element]:
    if tree is None:
        return []
    return [node for node in tree.iter() if isinstance(node.tag, str) and node.tag.split("}")[-1] in ("item", "entry")]


def _item(
    entry: Mapping[str, Any], node: Element | None, *, channel_persons: tuple[Person, ...], base: str
) -> Item | None:
    enclosure = _enclosure(entry, base)
    if enclosure is None:
        return None
    content = next((part.get("value") or "" for part in entry.get("content", [])), "")
    guid = plain_line(entry.get("id", ""), longest=500)
    return Item(
        key=guid,
        title=plain_line(entry.get("title", "")),
        enclosure=enclosure,
        guid=guid,
        published=_date(entry),
        description=plain_text(max(content, entry.get("summary", ""), key=len)),
        link=_address(entry.get("link", ""), base),
        image=_address((entry.get("image") or {}).get("href", ""), base),
        duration_s=parse_clock(entry.get("itunes_duration", "")) or 0.0,
        season=plain_line(entry.get("itunes_season", ""), longest=10),
        number=plain_line(entry.get("itunes_episode", ""), longest=10),
        kind=plain_line(entry.get("itunes_episodetype", ""), longest=10).lower(),
        explicit=_explicit(node),
        persons=_persons(node) or channel_persons,  # the namespace's rule: an item's persons replace the channel's
        transcripts=tuple(
            TranscriptLink(link, plain_line(e.get("type", "")), plain_line(e.get("language", ""), longest=20))
            for e in _podcast(node, "transcript")
            if (link := _address(e.get("url", ""), base))
        ),
        chapters_url=next((_address(e.get("url", ""), base) for e in _podcast(node, "chapters")), ""),
    )


def _explicit(node: Element | None) -> bool | None:
    """What a channel or item says of itself, None where it says nothing; feedparser knows no "true" and "false"."""
    said = (node.findtext(f"{{{ITUNES}}}explicit") or "").strip().lower() if node is not None else ""
    return EXPLICIT.get(said)


def _enclosure(entry: Mapping[str, Any], base: str) -> Enclosure | None:
    """The first enclosure that is sound or, failing that, says nothing of its kind."""
    links = [link for link in entry.get("links", []) if link.get("rel") == "enclosure" and link.get("href")]
    links.sort(key=lambda link: not str(link.get("type", "")).startswith("audio"))
    for link in links:
        address, media_type = _address(link["href"], base), plain_line(link.get("type", ""), longest=100)
        if address and media_type.split("/")[0] in ("audio", "video", "application", ""):
            length = str(link.get("length", ""))
            return Enclosure(address, int(length) if re.fullmatch(r"[0-9]{1,15}", length) else 0, media_type)
    return None


def _podcast(node: Element | None, name: str) -> list[Element]:
    return [] if node is None else [e for space in PODCAST_ALIASES for e in node.findall(f"{{{space}}}{name}")]


def _persons(node: Element | None) -> tuple[Person, ...]:
    return tuple(
        Person(
            name,
            plain_line(e.get("role", "")).lower() or "host",
            plain_line(e.get("group", "")).lower(),
            _address(e.get("href", ""), ""),
            _address(e.get("img", ""), ""),
        )
        for e in _podcast(node, "person")
        if (name := plain_line(e.text or "", longest=128))
    )


def _date(entry: Mapping[str, Any]) -> str:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        if not parsed or not EARLIEST <= parsed[0] <= LATEST:
            return ""
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _address(text: str, base: str) -> str:
    """A full http(s) address, or nothing: feeds also carry file:, data: and javascript: ones."""
    try:
        address = urljoin(base, text.strip()) if text else ""
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"[\x00-\x20\x7f<>\"]", address):
        return ""
    return address


def _with_keys(items: Sequence[Item]) -> tuple[Item, ...]:
    """Items with keys that differ: the GUID; where it is missing or shared, the sound's address tells them apart."""
    shared = Counter(item.guid for item in items)
    keyed: dict[str, Item] = {}
    for item in items:
        place = item.enclosure.url.split("?")[0]  # what follows is often a signature that changes
        if not item.guid:
            key = place
        elif shared[item.guid] > 1:
            key = f"{item.guid}#{hashlib.sha256(place.encode()).hexdigest()[:8]}"
        else:
            key = item.guid
        keyed.setdefault(key, replace(item, key=key))  # the same item twice is one
    return tuple(keyed.values())
