"""What a sound file says about itself, read by ffmpeg without decoding it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import ffmpeg

from audio.chapters import read_id3_chapters
from audio.ffmpeg import INPUT_LIMITS, check_readable, ffmpeg_program, file_url, run_quietly
from audio.listening.streams import choose_stream
from pipeline.children import fault_of, signal_of
from pipeline.errors import AudioError, ProgramError
from pipeline.formats.records.chapters_json import Mark, fit_chapters
from pipeline.result import Chapter
from pipeline.timeline import Seconds

_CHANNELS = {
    "mono": 1, "stereo": 2, "downmix": 2, "2.1": 3, "3.0": 3, "3.1": 4, "4.0": 4, "quad": 4, "4.1": 5, "5.0": 5,
    "5.1": 6, "6.0": 6, "hexagonal": 6, "6.1": 7, "7.0": 7, "7.1": 8, "octagonal": 8, "hexadecagonal": 16, "22.2": 24,
}  # fmt: skip
_CONTAINER = re.compile(r"Input #0, (?P<names>[\w,]+), from ")
_DURATION = re.compile(r"^  Duration: (?:(?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d\.\d+)|N/A)")
GUESS_S = 1.0  # a guessed length may be short of the last chapter, and leaves out none
LATE_S = 1.0  # codecs delay a file's first sound by less, and a chapter is not that exact
_START = re.compile(r"^  Duration: [^,]+, start: (\d+\.\d+)", re.MULTILINE)
_FROM_ZERO = ("matroska", "webm")
"""Containers whose length counts from the clock's zero, also where their sound begins later."""
_BIT_RATE = re.compile(r"bitrate: (\d+) kb/s")
_STREAM = re.compile(r"^ +Stream #0:\d+(?:\[\w+\])?(?:\((?P<language>\w*)\))?: (?P<kind>Audio|Video): (?P<rest>.*)")
_TECHNICAL = frozenset(  # about the file they stand in, false in any other
    {"encoder", "encoded_by", "encoder_settings", "major_brand", "minor_version", "compatible_brands", "handler_name"}
    | {"vendor_id", "creation_time", "language", "itunsmpb", "itunnorm", "itunpgap", "tlen", "tsse", "duration"}
    | {"cleancast_tracks"}
)
_FACTS = re.compile(
    r"Input #0, |  Duration: | +Stream #0:\d|.*(?:Estimating duration from bitrate|moov atom not found)"
)
"""The lines of ffmpeg's talk that say something of the file: tags and chapters may be longer than all of them."""
MOST_TAG_CHARS = 20_000  # show notes fit; a megabyte of them would not fit into a command
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LINE = re.compile(r"((?:[^\\\n]|\\.)*)\n", re.DOTALL)
_FIELD = re.compile(r"((?:[^\\=]|\\.)*)=(.*)", re.DOTALL)


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
    source = ffmpeg.input(file_url(path), **INPUT_LIMITS)
    # Ogg keeps its tags in the stream, others in the file: ask for both, one after the other.
    of_file = ffmpeg.output(source, "pipe:", format="ffmetadata")
    arguments = of_file.global_args("-nostdin", "-hide_banner", "-copyts").compile(cmd=ffmpeg_program())
    arguments += ["-map_metadata", "0:s:a:0", "-f", "ffmetadata", "pipe:"]
    code, data, talk = run_quietly(arguments, facts=_FACTS)
    if signal_of(code):
        raise ProgramError(path, f"could not be examined ({fault_of('ffmpeg', code)}); run again")
    banner = "\n".join(talk)
    if not any((m := _STREAM.match(line)) and m["kind"] == "Audio" for line in talk):
        raise AudioError(path, why_silent(banner))
    tags, chapters = _parse_metadata(data.decode("utf-8", "replace"))
    found = _parse_banner(banner, tags, choose_stream(path))
    late = _START.search(banner)
    marks = read_id3_chapters(path) or _from_the_sound(chapters, float(late[1]) if late else 0.0, found.duration)
    longest = max([found.duration, *(mark.start + GUESS_S for mark in marks)]) if found.guessed else found.duration
    return replace(found, chapters=fit_chapters(marks, duration=longest))


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


def why_silent(banner: str) -> str:
    """In words, why ffmpeg found no sound."""
    if "Input #0" in banner:
        return "has no audio stream, only streams of other kinds"
    if "moov atom not found" in banner:
        return "is truncated before its index (moov atom) and cannot be played; download it again"
    return "is not an audio file that ffmpeg can read"


def _parse_banner(banner: str, tags: dict[str, str], stream_index: int = 0) -> Probe:
    lines = banner.splitlines()
    streams = [match for line in lines if (match := _STREAM.match(line))]
    sounds = [stream for stream in streams if stream["kind"] == "Audio"]
    audio = sounds[min(stream_index, len(sounds) - 1)]
    fields = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\]", "", audio["rest"]).split(",")
    fields = [part.strip() for part in fields]
    duration = next((match for line in lines if (match := _DURATION.match(line))), None)
    seconds = 0.0
    if duration and duration["h"]:
        seconds = int(duration["h"]) * 3600 + int(duration["m"]) * 60 + float(duration["s"])
    container = _CONTAINER.search(banner)
    late = _START.search(banner)
    if late and container and container["names"].startswith(_FROM_ZERO):
        seconds = max(0.0, seconds - float(late[1]))
    own_rate = next((int(part.split()[0]) for part in fields if part.endswith("kb/s")), 0)
    whole_rate = _BIT_RATE.search(banner)
    rate = next((int(part.split()[0]) for part in fields if part.endswith(" Hz")), 0)
    return Probe(
        duration=seconds,
        sample_rate=rate,
        channels=next((n for part in fields if (n := _count_channels(part))), 1),
        codec=fields[0].split()[0] if fields[0] else "",
        bit_rate=1000 * (own_rate or (int(whole_rate[1]) if whole_rate else 0)),
        container=container["names"] if container else "",
        tags=tags,
        has_cover=any(s["kind"] == "Video" and "(attached pic)" in s["rest"] for s in streams),
        guessed="Estimating duration from bitrate" in banner,
        streams=len(sounds),
        language="" if audio["language"] in (None, "und") else audio["language"],
    )


def _count_channels(part: str) -> int:
    if part in _CHANNELS:
        return _CHANNELS[part]
    counted = re.fullmatch(r"(\d+) channels?", part)
    return int(counted[1]) if counted else 0


def _parse_metadata(text: str) -> tuple[dict[str, str], tuple[Mark, ...]]:
    """Tags and chapters of ffmpeg's format (``;FFMETADATA1``), where a backslash hides = ; # \\ and newline."""
    tags: dict[str, str] = {}
    chapters: list[Mark] = []
    section: dict[str, str] = tags
    chapter: dict[str, str] = {}
    for line in _LINE.findall(text + "\n[END]\n"):
        if line.startswith(";FFMETADATA"):
            section = tags
        elif line in ("[CHAPTER]", "[STREAM]", "[END]"):
            if chapter:
                chapters += _chapter(chapter)
            chapter = {}
            section = chapter if line == "[CHAPTER]" else {}
        elif field := _FIELD.fullmatch(line):
            section.setdefault(_unescape(field[1]).lower(), _unescape(field[2]).strip())
    kept = {key: value[:MOST_TAG_CHARS] for key, value in tags.items() if value and not _is_technical(key)}
    return kept, tuple(dict.fromkeys(chapters))


def _is_technical(key: str) -> bool:
    return key in _TECHNICAL or key.startswith(("replaygain_", "id3v2_priv"))


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text).replace("\0", "")


def _chapter(fields: Mapping[str, str]) -> list[Mark]:
    try:
        numerator, _, denominator = fields.get("timebase", "1/1000").partition("/")
        unit = int(numerator) / int(denominator)
        start, end = int(fields["start"]) * unit, int(fields["end"]) * unit
    except (KeyError, ValueError, ZeroDivisionError, OverflowError):
        return []
    return [Mark(start, fields.get("title", ""), end if end > start else None)] if start >= 0 else []
