"""Podcast feeds, RSS and Atom: untrusted input, read safely, with everything in them that helps an episode.

RSS 2.0 (www.rssboard.org/rss-specification), Atom (RFC 4287), the itunes tags, and the podcast namespace
(podcastindex.org/namespace/1.0): transcript, chapters, person.
"""

from __future__ import annotations

import calendar
import codecs
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from pipeline.errors import FormatError
from pipeline.formats.clock import parse_clock
from pipeline.formats.feeds.chapters import podlove_chapters
from pipeline.formats.feeds.enclosures import Enclosure, best_enclosure, place_of, telling_parameters, web_address
from pipeline.formats.feeds.mending import as_utf8, mend_xml
from pipeline.formats.records.chapters_json import Mark
from pipeline.formats.untrusted_text import plain_line, plain_text, plain_title

PODCAST = "https://podcastindex.org/namespace/1.0"
PODCAST_ALIASES = (PODCAST, "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md")
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
EXPLICIT = {"true": True, "yes": True, "explicit": True, "false": False, "no": False, "clean": False}
SIMPLE_CHAPTERS = re.compile(rb"<(\w+):chapters\b[^<>]*(?<!/)>.*?</\1:chapters\s*>", re.DOTALL)
LARGEST_FEED = 50_000_000  # bytes; the largest feeds of daily shows are about 15 MB
MOST_ATTRIBUTES = 100  # of an element: twenty thousand take a minute
_LONG_TAG = re.compile(rb"<[A-Za-z_:][^<]{800,}")
_ATTRIBUTE = re.compile(rb"=[ \t\r\n]{0,9}[\"']")
EARLIEST, LATEST = 1990, 2100  # years; a date outside is a slip, and is treated as no date


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
    chapters: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A show and its episodes, in the order of the feed.

    ``remarks``: sentences about what was left out or could not be read. ``whole``: it is well-formed XML.
    """

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
    remarks: tuple[str, ...] = ()
    whole: bool = True


def parse_feed(data: bytes, *, url: str = "the feed", base: str = "") -> Feed:
    """The show and the episodes of a feed; items without sound are left out, which its remarks say.

    ``url``: what an error calls it. ``base``: where relative addresses count from, if not from ``url``.
    Raises FormatError for what is not a feed, is too large, or declares entities or external files.
    """
    if len(data) > LARGEST_FEED:
        raise FormatError(
            url, f"the feed is {len(data) / 1e6:.0f} MB; feeds over {LARGEST_FEED / 1e6:.0f} MB are not read"
        )
    base = base or url
    data, tree = _safe_tree(data, url)
    _check_attributes(data, tree, url)
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
    made = [_item(entry, node, channel_persons=persons, base=base) for entry, node in zip(entries, extras, strict=True)]
    items = _with_keys([item for item in made if isinstance(item, Item)])
    remarks = _left_out(made, len(items))
    if tree is None:
        remarks += ("it is not well-formed XML: persons, transcripts and chapters in it cannot be read",)
    return Feed(
        url=url,
        title=plain_title(head.get("title", "")),
        items=items,
        description=plain_text(head.get("summary") or head.get("subtitle") or ""),
        link=web_address(head.get("link", ""), base),
        language=plain_line(head.get("language", ""), longest=20),
        author=plain_line(head.get("author", "")),
        image=web_address((head.get("image") or {}).get("href", ""), base),
        category=plain_line(next((tag.get("term") or "" for tag in head.get("tags", [])), "")),
        explicit=_explicit(channel if channel is not None else tree),
        persons=persons,
        remarks=remarks,
        whole=tree is not None,
    )


def _left_out(made: Sequence[Item | str], kept: int) -> tuple[str, ...]:
    """How many items are no episodes, and why, in a sentence; nothing where all are."""
    reasons = Counter(f"with {reason}" for reason in made if isinstance(reason, str))
    reasons["that repeat another one"] = len(made) - reasons.total() - kept
    if not (reasons := +reasons):
        return ()
    why = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    return (f"{reasons.total()} of {len(made)} items are left out: {why}",)


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    """What feedparser found, less the fields that broken markup left with nothing in them."""
    return {key: value for key, value in found.items() if value is not None}


def _safe_tree(data: bytes, url: str) -> tuple[bytes, Element | None]:
    """The feed, mended if it has to be, and its XML tree; None where it is not well-formed even then.

    Raises FormatError for declared entities and external references: feeds need none, attacks do.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if re.search(rb"<!\s*ENTITY|<\0?!\0?E\0?N\0?T\0?I\0?T\0?Y", data, re.IGNORECASE):
        raise FormatError(
            url, "the feed declares XML entities, which are used in attacks and not needed; it is not read"
        )
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    for version in (data, mend_xml(data), mend_xml(as_utf8(data))):
        try:
            return version, fromstring(version.lstrip(), forbid_dtd=False, forbid_entities=True, forbid_external=True)
        except DefusedXmlException:
            raise FormatError(url, "the feed refers to files outside itself, as attacks do; it is not read") from None
        except (ParseError, ValueError, LookupError):  # LookupError: an encoding that does not exist
            continue
    return data, None  # feedparser still reads most of what publishers get wrong


def _check_attributes(data: bytes, tree: Element | None, url: str) -> None:
    """Raise FormatError where an element has more attributes than any feed needs: feedparser takes their square."""
    if tree is not None:
        most = max(len(element.attrib) for element in tree.iter())
    else:
        tags = (found.group() for found in _LONG_TAG.finditer(data))
        most = max((len(_ATTRIBUTE.findall(tag)) for tag in tags), default=0)
    if most > MOST_ATTRIBUTES:
        raise FormatError(url, f"an element of the feed has {most} attributes; over {MOST_ATTRIBUTES} are not read")


def _feedparser(data: bytes, url: str) -> Any:
    import feedparser

    data = SIMPLE_CHAPTERS.sub(b"", data)  # read from the tree; feedparser gives up at one without a time
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
) -> Item | str:
    """The episode that an item is, or why it is none."""
    enclosure = best_enclosure(entry, base)
    if isinstance(enclosure, str):
        return enclosure
    content = next((part.get("value") or "" for part in entry.get("content", [])), "")
    guid = plain_line(entry.get("id", ""), longest=500)
    return Item(
        key=guid,
        title=plain_title(entry.get("title", "")),
        enclosure=enclosure,
        guid=guid,
        published=_date(entry),
        description=plain_text(max(content, entry.get("summary", ""), key=len)),
        link=web_address(entry.get("link", ""), base),
        image=web_address((entry.get("image") or {}).get("href", ""), base),
        duration_s=parse_clock(entry.get("itunes_duration", "")) or 0.0,
        season=plain_line(entry.get("itunes_season", ""), longest=10),
        number=plain_line(entry.get("itunes_episode", ""), longest=10),
        kind=plain_line(entry.get("itunes_episodetype", ""), longest=10).lower(),
        explicit=_explicit(node),
        persons=_persons(node) or channel_persons,  # the namespace's rule: an item's persons replace the channel's
        transcripts=tuple(
            TranscriptLink(link, plain_line(e.get("type", "")), plain_line(e.get("language", ""), longest=20))
            for e in _podcast(node, "transcript")
            if (link := web_address(e.get("url", ""), base))
        ),
        chapters=podlove_chapters(node),
        chapters_url=next((web_address(e.get("url", ""), base) for e in _podcast(node, "chapters")), ""),
    )


def _explicit(node: Element | None) -> bool | None:
    """What a channel or item says of itself, None where it says nothing; feedparser knows no "true" and "false"."""
    said = (node.findtext(f"{{{ITUNES}}}explicit") or "").strip().lower() if node is not None else ""
    return EXPLICIT.get(said)


def _podcast(node: Element | None, name: str) -> list[Element]:
    return [] if node is None else [e for space in PODCAST_ALIASES for e in node.findall(f"{{{space}}}{name}")]


def _persons(node: Element | None) -> tuple[Person, ...]:
    return tuple(
        Person(
            name,
            plain_line(e.get("role", "")).lower() or "host",
            plain_line(e.get("group", "")).lower(),
            web_address(e.get("href", ""), ""),
            web_address(e.get("img", ""), ""),
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


def _with_keys(items: Sequence[Item]) -> tuple[Item, ...]:
    """Items with keys that differ: the GUID; where it is missing or shared, the sound's address tells them apart.

    Where there is no GUID and addresses tell nothing, titles and dates do; the oldest of those items has the key that
    it had while it was the only one. Items that have all of these in common are one.
    """
    places = _keys_by_place(items)
    oldest: dict[str, Item] = {}
    for item, key in zip(items, places, strict=True):
        if key not in oldest or item.published <= oldest[key].published:
            oldest[key] = item
    keyed: dict[str, Item] = {}
    for item, key in zip(items, places, strict=True):
        first = oldest[key]
        if not item.guid and (item.title, item.published) != (first.title, first.published):
            key = f"{key}#{_digest(f'{item.title} {item.published}')}"
        keyed.setdefault(key, replace(item, key=key))
    return tuple(keyed.values())


def _keys_by_place(items: Sequence[Item]) -> list[str]:
    """The GUIDs of items; where one is missing or shared, with the sound's address.

    Of its query, only what tells it from the others counts: the rest is often a signature that changes.
    """
    shared = Counter(item.guid for item in items)
    alike: dict[tuple[str, str], list[str]] = {}
    for item in items:
        alike.setdefault((item.guid, place_of(item.enclosure.url)), []).append(item.enclosure.url)
    keys = []
    for item in items:
        urls = alike[item.guid, place_of(item.enclosure.url)]
        place = place_of(item.enclosure.url, telling_parameters(urls))
        own = f"{item.guid}#{_digest(place)}" if shared[item.guid] > 1 else item.guid
        keys.append(own if item.guid else place)
    return keys


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
