"""Which names of files and addresses are those of sound, and which can be none."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def _endings(kinds: str) -> frozenset[str]:
    return frozenset(f".{kind}" for kind in kinds.split())


SOUND = _endings(
    "mp3 mp2 mpga m4a m4b m4r aac ogg oga opus spx flac alac wav wave wma aiff aif aifc amr awb caf au snd ape wv "
    "tta ac3 dts mka weba w64 rf64 bwf voc mpc tak shn 3ga mpa m2a oma ra"
)
FILMS = _endings(
    "mp4 m4v mov qt 3gp 3gpp 3g2 webm mkv avi wmv asf flv f4v ogv ogm mpg mpeg ts mts m2ts vob mxf rm rmvb"
)
AUDIO_SUFFIXES = SOUND | FILMS
"""Endings of the files that are sound, or film with sound."""
NO_SOUND = _endings(
    "pdf epub mobi doc docx odt rtf txt srt vtt json xml zip rar 7z gz jpg jpeg png gif webp svg bmp tif tiff "
    "heic ico css js torrent"
)
"""Endings of files that are something else, whatever type a server or a feed claims."""


def suffix_of(place: str) -> str:
    """The ending of a path or of an address's path, in small letters.

    >>> suffix_of("https://a.example/Show%201.MP3?from=feed"), suffix_of("a/b.ogg"), suffix_of("https://a.example/play")
    ('.mp3', '.ogg', '')
    """
    try:
        path = unquote(urlsplit(place).path) if "://" in place else place
    except ValueError:
        return ""
    name = path.replace("\\", "/").rpartition("/")[2]
    stem, mark, ending = name.rpartition(".")
    return f".{ending.lower().strip()}" if mark and stem else ""
