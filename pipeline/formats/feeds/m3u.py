"""Lists of recordings: M3U and PLS playlists, and plain text with one path or address a line."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_PLS = re.compile(r"\s*(?P<key>File|Title)(?P<number>\d{1,6})\s*=\s*(?P<value>.*)", re.IGNORECASE)
_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")


def parse_m3u(text: str) -> tuple[tuple[str, str], ...]:
    """(path or address, title) of each entry; the title is empty when the list has none.

    Lines that begin with ``#`` are comments, except ``#EXTINF:seconds,title``, which names the next entry.

    >>> parse_m3u("#EXTM3U\\n#EXTINF:123,My Episode\\na.mp3\\n\\nhttps://a.b/c.mp3\\n")
    (('a.mp3', 'My Episode'), ('https://a.b/c.mp3', ''))
    >>> parse_m3u("[playlist]\\nFile1=a.mp3\\nTitle1=One\\nLength1=-1\\n")
    (('a.mp3', 'One'),)
    """
    if text.removeprefix("\ufeff").lstrip()[:10].lower() == "[playlist]":
        return _parse_pls(text)
    found: list[tuple[str, str]] = []
    title = ""
    for line in text.removeprefix("\ufeff").splitlines():
        line = line.strip()
        if line.upper().startswith("#EXTINF:"):
            title = line.partition(",")[2].strip()
        elif line and not line.startswith("#"):
            found.append((line, title))
            title = ""
    return tuple(found)


def _parse_pls(text: str) -> tuple[tuple[str, str], ...]:
    said: dict[str, dict[int, str]] = {"file": {}, "title": {}}
    for line in text.splitlines():
        if found := _PLS.fullmatch(line):
            said[found["key"].lower()][int(found["number"])] = found["value"].strip()
    return tuple((place, said["title"].get(n, "")) for n, place in sorted(said["file"].items()) if place)


def local_path(place: str) -> str | None:
    """The path that an entry names if it is an address of a file or escaped as one; None for an address on the web.

    >>> local_path("file:///music/one%20two.mp3"), local_path("one%20two.mp3"), local_path("https://a.example/1.mp3")
    ('/music/one two.mp3', 'one two.mp3', None)
    >>> local_path("file://music/1.mp3"), local_path("file:music/1.mp3")
    ('music/1.mp3', 'music/1.mp3')
    >>> local_path("file:///C:/music/1.mp3"), local_path("file://localhost/a.mp3"), local_path("100%.mp3")
    ('C:/music/1.mp3', '/a.mp3', '100%.mp3')
    """
    if place.lower().startswith("file:"):
        address = urlsplit(place.replace("#", "%23").replace("?", "%3F"))
        host = "" if address.netloc.lower() == "localhost" else address.netloc  # a folder, where one slash is missing
        path = unquote(host + address.path)
        return path[1:] if _DRIVE.match(path) else path
    return None if "://" in place else unquote(place)
