"""Lists of recordings: M3U playlists, and plain text with one path or address a line."""

from __future__ import annotations


def parse_m3u(text: str) -> tuple[tuple[str, str], ...]:
    """(path or address, title) of each entry; the title is empty when the list has none.

    Lines that begin with ``#`` are comments, except ``#EXTINF:seconds,title``, which names the next entry.

    >>> parse_m3u("#EXTM3U\\n#EXTINF:123,My Episode\\na.mp3\\n\\nhttps://a.b/c.mp3\\n")
    (('a.mp3', 'My Episode'), ('https://a.b/c.mp3', ''))
    """
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
