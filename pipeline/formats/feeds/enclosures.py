"""Which of an item's files is its episode, judged by its address as well as by the type that is claimed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit, urlunsplit

from pipeline.formats.sound_names import FILMS, NO_SOUND, SOUND, suffix_of
from pipeline.formats.untrusted_text import plain_line

LEFT_OUT = ("no file", "no file of sound", "no address on the web")
_UNSAFE = re.compile(r"[^\x21\x23-\x3b\x3d\x3f-\x5d\x5f\x61-\x7a\x7e]")  # what no address may hold as it is
_SOUND_WORDS = ("audio", "mp3", "mpeg", "m4a", "ogg", "opus")
_OTHER_KINDS = ("image", "text", "font", "model", "message", "multipart")
_OTHER_TYPES = re.compile(r"pdf|zip|epub|json|xml|html|msword|officedocument|bittorrent|javascript")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The sound of an item: its address, bytes (0 if not said) and media type."""

    url: str
    length: int = 0
    media_type: str = ""


def best_enclosure(entry: Mapping[str, Any], base: str) -> Enclosure | str:
    """The file of an item that is its episode, or why it has none (one of ``LEFT_OUT``).

    Sound goes before film, film before what nothing tells; of several, the largest, as it says most.
    """
    links = [link for link in entry.get("links", []) if link.get("rel") == "enclosure" and link.get("href")]
    files = [(link["href"], link.get("type"), link.get("length")) for link in links]
    media = [m for m in entry.get("media_content", []) if m.get("url")]
    files += [(m["url"], m.get("type") or m.get("medium"), m.get("filesize")) for m in media]
    if not files:
        return LEFT_OUT[0]
    sounds = [file for file in files if kind_of(file[0], file[1] or "") is not None]
    if not sounds:
        return LEFT_OUT[1]
    found = [
        (kind_of(url, media_type or ""), -whole, Enclosure(address, whole, plain_line(media_type or "", longest=100)))
        for url, media_type, length in sounds
        if (address := web_address(url, base))
        for whole in (int(length) if re.fullmatch(r"[0-9]{1,15}", str(length or "").strip()) else 0,)
    ]
    return min(found, key=lambda one: (one[0] or 0, one[1]))[2] if found else LEFT_OUT[2]


def kind_of(url: str, media_type: str) -> int | None:
    """0 for sound, 1 for film, 2 for what may be either, None for what is neither.

    >>> [kind_of("a.mp3", "image/jpeg"), kind_of("a.mp4", "file"), kind_of("a", "binary/octet-stream")]
    [0, 1, 2]
    >>> kind_of("a.pdf", "audio/mpeg")
    """
    suffix, said = suffix_of(url), media_type.strip().lower()
    if suffix in NO_SOUND:
        return None
    if suffix in SOUND:
        return 0
    if suffix in FILMS:
        return 0 if said.startswith("audio") else 1
    if said.startswith(_SOUND_WORDS):
        return 0
    if said.startswith("video"):
        return 1
    return None if said.split("/")[0] in _OTHER_KINDS or _OTHER_TYPES.search(said) else 2


def web_address(text: str, base: str) -> str:
    """A full http(s) address, or nothing: feeds also carry file:, data: and javascript: ones.

    What an address may not hold as it is, a space above all, is escaped.

    >>> web_address(" /my show.mp3 ", "https://a.example/feed"), web_address("javascript:alert(1)", "https://a.example/")
    ('https://a.example/my%20show.mp3', '')
    """
    plain = re.sub(r"[\t\r\n]", "", text).strip(" \x00\x0b\x0c")
    try:
        parts = urlsplit(urljoin(base, plain)) if plain else urlsplit("")
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\x00-\x20\x7f<>\"\\^`{|}]", parts.netloc):
        return ""
    escaped = (_UNSAFE.sub(lambda found: quote(found[0], safe="", errors="replace"), part) for part in parts[2:])
    return urlunsplit((parts.scheme, parts.netloc, *escaped))


def with_password(url: str, feed: str) -> str:
    """An address with the name and password of its feed's, where both are of one origin.

    >>> with_password("https://a.example/1.mp3", "https://me:secret@a.example/feed")
    'https://me:secret@a.example/1.mp3'
    >>> with_password("https://b.example/1.mp3", "https://me:secret@a.example/feed")
    'https://b.example/1.mp3'
    """
    try:
        ours, theirs = urlsplit(url), urlsplit(feed)
        if "@" in ours.netloc or "@" not in theirs.netloc or _origin(ours) != _origin(theirs):
            return url
    except ValueError:
        return url
    return urlunsplit((ours.scheme, f"{theirs.netloc.rpartition('@')[0]}@{ours.netloc}", *ours[2:]))


def _origin(parts: Any) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def telling_parameters(urls: Sequence[str]) -> tuple[str, ...]:
    """The parameters of a query that tell apart addresses of one place: none if a place alone does.

    Of those that all addresses have and that differ in all, the one with the shortest values: an episode's number is
    short, a signature, which changes from day to day, is long.

    >>> telling_parameters(["https://a.example/p?id=1&sig=5f8a9c", "https://a.example/p?id=2&sig=77ab01"])
    ('id',)
    """
    queries = [dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) for url in dict.fromkeys(urls)]
    if len(queries) < 2:
        return ()
    shared = [name for name in queries[0] if all(name in query for query in queries)]
    telling = [name for name in shared if len({query[name] for query in queries}) == len(queries)]
    if telling:
        return (min(telling, key=lambda name: (max(len(query[name]) for query in queries), shared.index(name))),)
    differing = tuple(name for name in shared if len({query[name] for query in queries}) > 1)
    return differing if len({tuple(query[n] for n in differing) for query in queries}) == len(queries) else ()


def place_of(url: str, parameters: Iterable[str] = ()) -> str:
    """An address without its password and its query, but for these parameters."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    kept = "&".join(f"{quote(name)}={quote(query[name])}" for name in parameters if name in query)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, kept, ""))
