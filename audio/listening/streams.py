"""Files with several audio streams: which one is heard, and one of them on its own.

Recorders write a track for each source, films one for each language or for the music alone; players take the first.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np

from audio.ffmpeg import FORMATS, check_readable, ffmpeg_program, file_url, run_quietly
from audio.listening.facts import read_facts
from pipeline.errors import AudioError

RATE = 8_000
EXCERPTS, EXCERPT_S = 4, 12.0
"""What of each stream is heard, spread over the file: 48 s of the cheapest decoding there is."""
FRAME = RATE // 40
SILENT_DB = -60.0
CLEARLY = 0.1
"""By how much more a later stream must sound of speech than an earlier one, which players would take."""

_LIMITS = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)


def choose_stream(path: str | Path) -> int:
    """Which audio stream of a file is heard, from 0: of several, the one that sounds most of speech."""
    found = Path(path)
    stat = found.stat()
    return _choose(os.fspath(found), stat.st_size, stat.st_mtime_ns)


def count_streams(path: str | Path) -> int:
    """How many audio streams a file has."""
    return len(read_facts(path).sounds)


def extract_stream(path: str | Path, number: int, folder: Path) -> Path:
    """A file that holds one audio stream of another, counted from 1, as it is; made once.

    Raises AudioError where there is no such stream, or it cannot be copied.
    """
    source = check_readable(path)
    streams = count_streams(source)
    if not 1 <= number <= streams:
        raise AudioError(
            source, f"has {streams} audio stream{'s' if streams != 1 else ''}; there is no stream {number}"
        )
    stat = source.stat()
    target = folder / f"{source.stem}.{stat.st_size}-{stat.st_mtime_ns}" / f"{source.stem}.stream{number}.mka"
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part.mka")
    command = [
        ffmpeg_program(),
        "-nostdin",
        "-hide_banner",
        "-loglevel",
        "error",
        "-y",
        *_LIMITS,
        "-i",
        file_url(source),
    ]
    command += ["-map", f"0:a:{number - 1}", "-map_metadata", "0", "-map_chapters", "0", "-c", "copy", file_url(part)]
    code, _, talk = run_quietly(command)
    if code:
        part.unlink(missing_ok=True)
        raise AudioError(source, f"stream {number} cannot be copied ({talk[-1] if talk else code})")
    part.replace(target)
    return target


@lru_cache(maxsize=64)
def _choose(path: str, _size: int, _changed: int) -> int:
    facts = read_facts(path)
    streams = len(facts.sounds)
    if streams < 2:
        return 0
    seconds = facts.duration or EXCERPT_S
    best, most = 0, -1.0
    for index in range(streams):
        score = _speechlike(_excerpts(path, index, seconds))
        if score > most + (CLEARLY if index else 0.0):
            best, most = index, score
    return best


def _excerpts(path: str, index: int, seconds: float) -> np.ndarray:
    """Moments of a stream, mono: float32, shape (n,)."""
    heard = []
    step = max(0.0, seconds - EXCERPT_S) / max(1, EXCERPTS - 1)
    for start in dict.fromkeys(step * number for number in range(EXCERPTS)):
        where = ["-ss", f"{start:.2f}", "-t", f"{EXCERPT_S}"]
        command = [ffmpeg_program(), "-nostdin", "-v", "quiet", *where, *_LIMITS, "-i", file_url(path)]
        command += ["-map", f"0:a:{index}", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "pipe:"]
        _, data, _ = run_quietly(command)
        heard.append(np.frombuffer(data[: len(data) // 4 * 4], dtype="<f4"))
    return np.concatenate(heard) if heard else np.empty(0, np.float32)


def _speechlike(samples: np.ndarray) -> float:
    """How much a sound is like speech, 0..1: the share of frames far below the level of the second around them.

    Speech pauses between syllables and words, music hardly does (Scheirer and Slaney 1997); silence is no speech.
    """
    frames = samples[: len(samples) // (FRAME * 40) * FRAME * 40].reshape(-1, 40, FRAME)
    level = np.sqrt(np.square(frames, dtype=np.float64).mean(axis=2))
    around = level.mean(axis=1, keepdims=True)
    loud = around[:, 0] > 10 ** (SILENT_DB / 20)
    if not loud.any():
        return 0.0
    return float((level[loud] < 0.5 * around[loud]).mean() * loud.mean())
