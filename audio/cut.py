"""The sound without what is cut: one pass through ffmpeg, sample by sample where the cut list says.

At a seam the sound before it fades out and the sound after it fades in, each over half of FADE_MS and all of it
inside what is kept: no sample of an ad is heard, nothing clicks, and the clean clock is exact, as nothing overlaps.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import ffmpeg

from audio.chapters import LYRICS, add_cover, name_texts, write_chapters
from audio.ffmpeg import INPUT_LIMITS, check_length, check_written, ffmpeg_program, file_url, follow, part_of, running
from audio.listening.streams import choose_stream
from audio.loudness import normalised
from audio.probe import Probe, probe
from pipeline.errors import AudioError, ProgramError, StoreError
from pipeline.ports import Progress, silent
from pipeline.result import Chapter
from pipeline.timeline import CutList

FADE_MS = 24.0  # short enough not to be heard as a pause, long enough for the lowest voice (80 Hz is 12.5 ms a period)
MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
AAC_RATES = (*MP3_RATES, 64_000, 88_200, 96_000)
LOSSY = frozenset({"mp3", "aac", "opus", "vorbis", "wmav2", "mp2", "ac3", "eac3"})
FLOATS = ("pcm_f", "wavpack")  # begin the names of codecs whose samples may be infinite, or no numbers at all
FINITE = "if(isnan(val(ch))+isinf(val(ch)),0,clip(val(ch),-1,1))"  # as decode has it; no encoder takes anything else
LOSSLESS_KBPS = 96  # a channel, where the source's own rate says nothing
LEAST_KBPS, MOST_KBPS = 32, 320


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the clean file is written."""

    codec: str
    sample_rate: int
    channels: int
    bit_rate: int


def cut_audio(
    source: str | Path,
    cuts: CutList,
    target: str | Path,
    *,
    chapters: Sequence[Chapter] = (),
    tags: Mapping[str, str] | None = None,
    loudness: float | None = None,
    cover: Path | None = None,
    progress: Progress = silent,
) -> None:
    """Write ``source`` without ``cuts.removed`` to ``target`` (.mp3 or .m4a), whole, or nothing at all.

    Bit rate, channels, sample rate, tags and cover are the source's as far as the format has them; ``tags`` add to
    them, ``cover`` (JPEG, PNG) where it has none. ``chapters``: on the clean clock. ``loudness``: LUFS (EBU R128).
    """
    source, target = Path(source), Path(target)
    found = probe(source)
    if not cuts.kept:
        raise AudioError(source, "everything in it would be cut; nothing was written")
    encoding = _encoding(found, target)
    part = part_of(target, target.suffix)
    feed = decoder(source, found)
    sound = _kept_sound(cuts, found)
    shown = progress
    try:
        if loudness is not None:
            sound = normalised(sound, loudness, feed=feed, source=source, cuts=cuts, progress=progress)
            shown = partial(_second_half, progress)
        found = replace(found, tags={**found.tags, **(tags or {})})
        try:
            _run(_arguments(source, sound, part, found, encoding), feed, target, cuts.clean_duration, shown)
        except ProgramError:
            if not found.has_cover:
                raise
            # A picture that is damaged, or of a kind the format does not know, is no reason to publish nothing.
            found = replace(found, has_cover=False)
            _run(_arguments(source, sound, part, found, encoding), feed, target, cuts.clean_duration, silent)
        _complete(part, found.tags, chapters, None if found.has_cover else cover, duration=cuts.clean_duration)
        check_length(part, target, cuts.clean_duration)
        os.replace(part, target)  # noqa: PTH105  (Path.replace says the same; this is the word people look for)
    except OSError as error:
        raise StoreError(target, f"cannot be written ({error.strerror or error})") from error
    finally:
        part.unlink(missing_ok=True)
    progress(1.0)


def _complete(
    part: Path, tags: Mapping[str, str], chapters: Sequence[Chapter], cover: Path | None, *, duration: float
) -> None:
    """Put into a written file what ffmpeg does not. OSError: it cannot be written."""
    from mutagen import MutagenError

    try:
        _add_tags(part, tags, chapters, cover, duration=duration)
    except MutagenError as error:
        cause = error.__cause__
        raise cause if isinstance(cause, OSError) else OSError(str(error)) from None


def _add_tags(
    part: Path, tags: Mapping[str, str], chapters: Sequence[Chapter], cover: Path | None, *, duration: float
) -> None:
    if part.suffix.lower() == ".mp3" and any(name == "comment" or name.startswith(LYRICS) for name in tags):
        name_texts(part)
    if chapters:
        write_chapters(part, chapters, duration=duration)
    if cover:
        add_cover(part, cover)


def _second_half(progress: Progress, share: float) -> None:
    """Writing, where measuring the loudness was the first half of the work."""
    progress((1 + share) / 2)


def decoder(source: Path, found: Probe) -> list[str]:
    """An ffmpeg that writes all samples of ``source`` at one rate and number of channels, whatever happens inside it.

    Episodes are stitched together from files of different rates; a filter graph starts anew at each such seam, and with
    it every count of samples. Decoding apart from cutting also makes time what the networks heard: samples, not stamps.
    """
    sound = ffmpeg.input(file_url(source), **INPUT_LIMITS)[f"a:{choose_stream(source)}"]
    if found.codec.startswith(FLOATS):
        sound = sound.filter_("aeval", FINITE, c="same")
    stream = sound.output("pipe:", format="f32le", acodec="pcm_f32le", ar=found.sample_rate, ac=min(found.channels, 2))
    stream = stream.global_args("-nostdin", "-hide_banner", "-loglevel", "quiet", "-max_error_rate", "1")
    return list(stream.compile(cmd=ffmpeg_program()))


def _kept_sound(cuts: CutList, found: Probe) -> Any:
    """The graph over the decoder's samples: cut apart, faded, joined."""
    sample_rate = found.sample_rate
    counted = ffmpeg.input(
        "pipe:", format="f32le", ar=sample_rate, ac=min(found.channels, 2), protocol_whitelist="pipe"
    )
    spans = cuts.kept
    copies = counted.filter_multi_output("asplit", len(spans)) if len(spans) > 1 else None
    fade = max(1, round(FADE_MS / 2000 * sample_rate))
    parts = []
    for index, span in enumerate(spans):
        first, last = round(span.start * sample_rate), round(span.end * sample_rate)
        ends = cuts.duration - span.end < 1 / sample_rate
        part = (copies[index] if copies is not None else counted).filter_(
            "atrim", start_sample=first, **({} if ends else {"end_sample": last})
        )
        part = part.filter_("asetpts", "N/SR/TB")
        size = min(fade, (last - first) // 2)
        if first > 0 and size:
            part = part.filter_("afade", type="in", start_sample=0, nb_samples=size, curve="hsin")
        if not ends and size:
            part = part.filter_("afade", type="out", start_sample=last - first - size, nb_samples=size, curve="hsin")
        parts.append(part)
    return ffmpeg.concat(*parts, v=0, a=1) if len(parts) > 1 else parts[0]


def _encoding(found: Probe, target: Path) -> Encoding:
    """The source's own figures, moved to the nearest that the target's format has."""
    formats = {".mp3": ("libmp3lame", MP3_RATES), ".m4a": ("aac", AAC_RATES)}
    if target.suffix.lower() not in formats:
        raise AudioError(target, "clean audio is written as .mp3 or .m4a; use one of these extensions")
    codec, rates = formats[target.suffix.lower()]
    channels = min(found.channels, 2)
    rate = next((r for r in rates if r >= found.sample_rate), rates[-1])
    kbps = found.bit_rate // 1000 if found.codec in LOSSY and found.bit_rate else LOSSLESS_KBPS * channels
    if found.codec in ("opus", "vorbis"):
        kbps = kbps * 3 // 2  # mp3 and aac need about half as much again for the same ear
    return Encoding(codec, rate, channels, max(LEAST_KBPS, min(MOST_KBPS, kbps)) * 1000)


def _arguments(source: Path, sound: Any, part: Path, found: Probe, encoding: Encoding) -> list[str]:
    original = ffmpeg.input(file_url(source), **INPUT_LIMITS)  # for what is not sound
    streams = [sound]
    options: dict[str, Any] = {
        "c:a": encoding.codec,
        "b:a": encoding.bit_rate,
        "ar": encoding.sample_rate,
        "ac": encoding.channels,
        "map_metadata": "-1",
        "map_chapters": -1,
    }
    if found.has_cover:
        streams.append(original["v:0"])
        options |= {"c:v": "copy", "disposition:v": "attached_pic"}
    if encoding.codec == "libmp3lame":
        options["id3v2_version"] = 3  # the version every player reads
    for number, (key, value) in enumerate(found.tags.items()):
        options[f"metadata:g:{number}"] = f"{key}={value}"
    stream = ffmpeg.output(*streams, file_url(part), **options)
    stream = stream.global_args("-nostdin", "-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1")
    return list(stream.overwrite_output().compile(cmd=ffmpeg_program()))


def _run(arguments: Sequence[str], feed: Sequence[str], target: Path, duration: float, progress: Progress) -> None:
    with running(arguments, feed=feed) as run:
        follow(run, duration, progress)
    check_written(run, target)
