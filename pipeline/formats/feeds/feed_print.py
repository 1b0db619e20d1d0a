"""A podcast feed of cleaned episodes: RSS 2.0 with the itunes and podcast namespaces.

Printed here because feedgen knows nothing of the podcast namespace, and stamps the clock into what it writes.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from pipeline.digits import whole_number
from pipeline.formats.feeds.feed import ITUNES, PODCAST, Feed, Person
from pipeline.formats.feeds.soundbites import Soundbite

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
SPACES = {"itunes": ITUNES, "podcast": PODCAST, "atom": ATOM, "content": CONTENT}
PODCAST_UUIDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # the namespace's own, for podcast:guid
NOT_XML = {c: None for c in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)}


@dataclass(frozen=True, slots=True)
class File:
    """A file that the feed offers: its full address, bytes and media type."""

    url: str
    length: int
    media_type: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cleaned episode as the feed announces it; ``published`` is ISO 8601 or empty, ``chapters`` a file's address.

    ``notes`` are lines of plain text; ``duration_s`` is the clean recording's.
    """

    guid: str
    title: str
    sound: File
    duration_s: float
    published: str = ""
    description: str = ""
    notes: tuple[str, ...] = ()
    link: str = ""
    image: str = ""
    season: str = ""
    number: str = ""
    kind: str = ""
    explicit: bool | None = None
    persons: tuple[Person, ...] = ()
    transcripts: tuple[File, ...] = ()
    chapters: str = ""
    soundbites: tuple[Soundbite, ...] = ()


def print_feed(show: Feed, entries: Sequence[Entry], *, url: str) -> str:
    """The feed's XML, newest episode first; ``url`` is where it will stand. The same input prints the same bytes."""
    for prefix, space in SPACES.items():
        register_namespace(prefix, space)
    root = Element("rss", {"version": "2.0"})
    channel = SubElement(root, "channel")
    title = show.title or "Cleaned episodes"
    _add(channel, "title", title)
    _add(channel, "link", show.link or url)
    _add(channel, "description", show.description or f"{title}, without its ads.")
    _add(channel, "language", show.language or "en")
    _add(channel, "generator", "cleancast")
    SubElement(channel, f"{{{ATOM}}}link", {"href": url, "rel": "self", "type": "application/rss+xml"})
    _add(channel, f"{{{PODCAST}}}guid", str(uuid.uuid5(PODCAST_UUIDS, url.split("://", 1)[-1].rstrip("/"))))
    _add(channel, f"{{{ITUNES}}}author", show.author or title)
    _explicit(channel, show.explicit)
    if show.category:
        SubElement(channel, f"{{{ITUNES}}}category", {"text": _clean(show.category)})
    _add(channel, f"{{{ITUNES}}}block", "Yes")  # a private copy: directories must not list it
    if show.image:
        SubElement(channel, f"{{{ITUNES}}}image", {"href": show.image})
        image = SubElement(channel, "image")
        for tag, text in (("url", show.image), ("title", title), ("link", show.link or url)):
            _add(image, tag, text)
    _persons(channel, show.persons)
    for entry in sorted(entries, key=lambda e: (e.published, e.title, e.guid), reverse=True):
        _item(channel, entry)
    indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _item(channel: Element, entry: Entry) -> None:
    item = SubElement(channel, "item")
    _add(item, "title", entry.title)
    _add(item, "guid", entry.guid).set("isPermaLink", "false")
    if date := _rfc822(entry.published):
        _add(item, "pubDate", date)
    if entry.link:
        _add(item, "link", entry.link)
    text = "\n".join(filter(None, (entry.description, *entry.notes)))
    _add(item, "description", escape(text, quote=False))
    if text:
        paragraphs = (f"<p>{escape(_clean(line), quote=False)}</p>" for line in text.splitlines() if line.strip())
        _add(item, f"{{{CONTENT}}}encoded", "".join(paragraphs))
    sound = entry.sound
    attributes = {"url": sound.url, "length": str(sound.length), "type": sound.media_type}
    SubElement(item, "enclosure", attributes)
    _add(item, f"{{{ITUNES}}}duration", str(round(entry.duration_s)))
    _explicit(item, entry.explicit)
    if entry.image:
        SubElement(item, f"{{{ITUNES}}}image", {"href": entry.image})
    for tag, value in (("season", entry.season), ("episode", entry.number)):
        if whole_number(value):
            _add(item, f"{{{ITUNES}}}{tag}", value)
    if entry.kind in ("full", "trailer", "bonus"):
        _add(item, f"{{{ITUNES}}}episodeType", entry.kind)
    for file in entry.transcripts:
        link = {"url": file.url, "type": file.media_type}
        SubElement(item, f"{{{PODCAST}}}transcript", link | ({"language": file.language} if file.language else {}))
    if entry.chapters:
        SubElement(item, f"{{{PODCAST}}}chapters", {"url": entry.chapters, "type": "application/json+chapters"})
    _persons(item, entry.persons)
    for bite in entry.soundbites:
        node = _add(item, f"{{{PODCAST}}}soundbite", bite.title)
        node.set("startTime", f"{bite.start:.1f}")
        node.set("duration", f"{bite.duration:.1f}")


def _explicit(parent: Element, explicit: bool | None) -> None:
    """What the source feed says; nothing where it says nothing."""
    if explicit is not None:
        _add(parent, f"{{{ITUNES}}}explicit", "true" if explicit else "false")


def _persons(parent: Element, persons: Sequence[Person]) -> None:
    for person in persons:
        node = _add(parent, f"{{{PODCAST}}}person", person.name)
        for name, value in (
            ("role", person.role),
            ("group", person.group),
            ("href", person.url),
            ("img", person.image),
        ):
            if value:
                node.set(name, _clean(value))


def _add(parent: Element, tag: str, text: str) -> Element:
    node = SubElement(parent, tag)
    node.text = _clean(text)
    return node


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return text.translate(NOT_XML).encode("utf-8", errors="ignore").decode()


def _rfc822(published: str) -> str:
    """A date in the format of RSS.

    >>> _rfc822("2026-09-01T08:00:00+00:00"), _rfc822("2026-09-01"), _rfc822("soon")
    ('Tue, 01 Sep 2026 08:00:00 GMT', 'Tue, 01 Sep 2026 00:00:00 GMT', '')
    """
    try:
        date = datetime.fromisoformat(published)
    except ValueError:
        return ""
    return format_datetime(date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC), usegmt=True)
