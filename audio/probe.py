"""What a sound file says about itself, read without decoding it."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from audio.chapters import read_id3_chapters
from audio.ffmpeg import check_readable
from audio.listening.facts import read_facts
from audio.listening.streams import choose_stream
from pipeline.errors import AudioError
from pipeline.files import regular
from pipeline.formats.records.chapters_json import Mark, fit_chapters
from pipeline.result import Chapter
from pipeline.timeline import Seconds

GUESS_S = 1.0  # a guessed length may be short of the last chapter, and leaves out none
LATE_S = 1.0  # codecs delay a file's first sound by less, and a chapter is not that exact
_FROM_ZERO = ("matroska", "webm")
"""Containers whose length counts from the clock's zero, also where their sound begins later."""
_TECHNICAL = frozenset(  # about the file they stand in, false in any other
    {"encoder", "encoded_by", "encoder_settings", "major_brand", "minor_version", "compatible_brands", "handler_name"}
    | {"vendor_id", "creation_time", "language", "itunsmpb", "itunnorm", "itunpgap", "tlen", "tsse", "duration"}
    | {"cleancast_tracks"}
)
UNKNOWN_SIZE = 0x7FFF0000  # bytes of sound that a WAV claims from here on mean that its writer did not know


@dataclass(frozen=True, slots=True)
class Probe:
    """``duration``: what the file claims (0.0 if nothing), ``guessed`` if it was computed from size and bit rate.

    ``bit_rate``: bits per second of the sound (0 if unknown). ``tags``: lower-case names. ``language``: "" if unknown.
    ``streams``: how many audio streams there are; what is said of the sound is said of the one that is heard.
    """

    duration: Seconds
    sample_rate: int
    channels: int
    codec: str
    bit_rate: int
    container: str
    tags: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[Chapter, ...] = ()
    has_cover: bool = False
    guessed: bool = False
    language: str = ""
    streams: int = 1


def probe(path: str | Path) -> Probe:
    """What the file says about itself; an AudioError where it holds no sound."""
    path = check_readable(path)
    facts = read_facts(path)
    if not facts.sounds:
        raise AudioError(path, "has no audio stream, only streams of other kinds")
    heard = facts.sounds[min(choose_stream(path), len(facts.sounds) - 1)]
    duration = facts.duration
    if facts.container.startswith(_FROM_ZERO):
        duration = max(0.0, duration - facts.late)
    whole = claimed_by_wav(path) if facts.container == "wav" else 0.0
    guessed = facts.guessed and whole <= duration
    duration = max(duration, whole)
    chapters = [Mark(start, title, end if end > start else None) for start, end, title in facts.chapters if start >= 0]
    marks = read_id3_chapters(path) or _from_the_sound(tuple(dict.fromkeys(chapters)), facts.late, duration)
    longest = max([duration, *(mark.start + GUESS_S for mark in marks)]) if guessed else duration
    language = heard.tags.get("language", "")
    return Probe(
        duration=duration,
        sample_rate=heard.rate,
        channels=heard.channels,
        codec=heard.codec,
        bit_rate=heard.bit_rate or facts.bit_rate,
        container=facts.container,
        tags=_tags(facts.tags, facts.sounds[0].tags),  # Ogg keeps its tags in the stream, others in the file
        chapters=fit_chapters(marks, duration=longest),
        has_cover=facts.has_cover,
        guessed=guessed,
        language="" if language == "und" else language,
        streams=len(facts.sounds),
    )


def claimed_by_wav(path: Path) -> Seconds:
    """How long a WAV says that its sound is, whatever is there of it; 0.0 where it does not say."""
    with open(path, "rb", opener=regular) as file:
        if not file.read(12).startswith(b"RIFF"):
            return 0.0
        rate = 0
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                return size / rate if rate and size < UNKNOWN_SIZE else 0.0
            if name == b"fmt " and len(body := file.read(12)) == 12:
                rate = struct.unpack_from("<I", body, 8)[0]
                size -= 12
            file.seek(size + size % 2, 1)
    return 0.0


def _from_the_sound(marks: Sequence[Mark], late_s: Seconds, duration: Seconds) -> tuple[Mark, ...]:
    """A file's chapters counted from its first sound, where that begins ``late_s`` after the clock's zero.

    Chapters are on the file's clock, unless they begin before the sound does and are over when it is: some programs
    write them without the delay.
    """
    ends = [mark.end or mark.start for mark in marks]
    if marks and late_s > LATE_S and marks[0].start < late_s - LATE_S and 0 < max(ends) <= duration + LATE_S:
        return tuple(marks)
    shifted = (replace(m, start=m.start - late_s, end=m.end and m.end - late_s) for m in marks)
    return tuple(replace(m, start=max(0.0, m.start)) for m in shifted if (m.end or m.start) > 0 or m.start >= 0)


def _tags(*of: Mapping[str, str]) -> dict[str, str]:
    """Tags under lower-case names, those of the first that has them; none that are about the file they stand in."""
    named: dict[str, str] = {}
    for tags in of:
        for name, text in tags.items():
            named.setdefault(name.lower().replace("\0", ""), text.replace("\0", "").strip())
    return {name: text for name, text in named.items() if text and not _is_technical(name)}


def _is_technical(key: str) -> bool:
    return key in _TECHNICAL or key.startswith(("replaygain_", "id3v2_priv"))
