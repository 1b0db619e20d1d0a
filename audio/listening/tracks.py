"""Separate recordings of one conversation: what each file holds, and all of them mixed on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audio.ffmpeg import (
    FORMATS,
    check_readable,
    check_written,
    ffmpeg_program,
    file_url,
    follow,
    running,
)
from audio.listening.facts import Facts, read_facts
from pipeline.digits import whole_number
from pipeline.timeline import Seconds

MOST_RATE = 48_000
HEARD_RATE = 16_000
MARK = "cleancast_tracks"
"""The tag of a mix that says which tracks it was made from."""
LIMIT = 0.97  # of full scale: voices that speak at once add up
_LIMITS = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)
_PLAIN = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-c:a", "flac", "-sample_fmt", "s16")
_ON_A_CLOCK = ("matroska", "webm")
"""Containers whose sound may begin later than they do."""


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """One audio stream of a file, from 0; ``title`` is the stream's own.

    ``begins``: by the file's clock (Matroska) or, ``dated``, by the recorder's (the time reference of a broadcast WAV).
    """

    path: Path
    stream: int
    title: str
    rate: int
    mono: bool
    begins: Seconds = 0.0
    dated: bool = False


def list_tracks(path: str | Path) -> tuple[SoundTrack, ...]:
    """The audio streams of a file. Raises AudioError where it cannot be read."""
    source = check_readable(path)
    facts = read_facts(source)
    return tuple(_describe(source, stream, facts) for stream in range(len(facts.sounds)))


def _describe(path: Path, stream: int, facts: Facts) -> SoundTrack:
    sound = facts.sounds[stream]
    tags = {**facts.tags, **sound.tags}
    samples, rate = whole_number(tags.get("time_reference", "")), sound.rate or MOST_RATE
    late = facts.late if facts.container.startswith(_ON_A_CLOCK) else 0.0
    begins = samples / rate if samples else late
    mono, title = sound.channels == 1, tags.get("title", "")
    return SoundTrack(path, stream, title, rate, mono, begins, dated=samples is not None)


def mix_tracks(
    tracks: Sequence[SoundTrack], starts: Sequence[Seconds], target: Path, alone: Sequence[Path], *, comment: str
) -> None:
    """Write the mix of all tracks to ``target`` (.flac) and each on the mix's clock, as networks hear it, to ``alone``.

    ``starts``: when each begins, in seconds of the mix. ``comment`` is kept in the mix's tag of that name, so that
    mixes that sound alike are told apart. Raises StoreError, or ProgramError where ffmpeg fails.
    """
    rate = min(MOST_RATE, max(track.rate for track in tracks))
    layout = "mono" if all(track.mono for track in tracks) else "stereo"
    inputs, parts, outputs = [], [], []
    for number, (track, start_s, path) in enumerate(zip(tracks, starts, alone, strict=True)):
        inputs += [*_LIMITS, "-i", file_url(track.path)]
        timed = f"aresample=async=1:first_pts=0,adelay=delays={round(start_s * 1000)}:all=1,asplit=2"
        parts.append(f"[{number}:a:{track.stream}]{timed}[m{number}][t{number}]")
        parts.append(f"[m{number}]aformat=sample_rates={rate}:channel_layouts={layout}[n{number}]")
        parts.append(f"[t{number}]aformat=sample_rates={HEARD_RATE}:channel_layouts=mono[o{number}]")
        outputs += ["-map", f"[o{number}]", *_PLAIN, file_url(path)]
    every = "".join(f"[n{number}]" for number in range(len(tracks)))
    parts.append(f"{every}amix=inputs={len(tracks)}:normalize=0:duration=longest,alimiter=limit={LIMIT}:level=0[mix]")
    command = [ffmpeg_program(), "-nostdin", "-hide_banner", "-loglevel", "error", "-nostats", "-y"]
    command += ["-progress", "pipe:1", *inputs, "-filter_complex", ";".join(parts)]
    command += ["-map", "[mix]", *_PLAIN, "-metadata", f"{MARK}={comment}", file_url(target), *outputs]
    with running(command) as run:
        follow(run, 0.0, lambda _share: None)
    check_written(run, target)
