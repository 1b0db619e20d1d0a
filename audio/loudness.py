"""One loudness for all episodes: EBU R128, measured first and then set, with ffmpeg's own ``loudnorm``."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audio.ffmpeg import ffmpeg_program, follow, is_short, running
from pipeline.errors import AudioError, ProgramError
from pipeline.ports import Progress, silent
from pipeline.timeline import CutList

TRUE_PEAK_DB = -1.5  # headroom for the lossy encoder, as EBU Tech 3344 and the podcast platforms ask
LOUDNESS_RANGE = 20.0  # above that of any speech, so that one gain is set and the dynamics stay as they were
SILENCE_LUFS = -70.0  # the measurement's own gate: nothing to set below it
LUFS_RANGE = (-70.0, -5.0)  # what loudnorm accepts


def normalised(
    sound: Any, lufs: float, *, feed: Sequence[str], source: Path, cuts: CutList, progress: Progress = silent
) -> Any:
    """The filter graph ``sound`` (fed by ``feed``) with loudness ``lufs``; measuring takes a pass of its own."""
    if not LUFS_RANGE[0] <= lufs <= LUFS_RANGE[1]:
        raise AudioError(
            source, f"loudness {lufs:g} LUFS is outside {LUFS_RANGE[0]:g} to {LUFS_RANGE[1]:g}; -16 is usual"
        )
    aims = {"I": lufs, "TP": TRUE_PEAK_DB, "LRA": LOUDNESS_RANGE}
    measured = _measure(sound, aims, feed, source, cuts.clean_duration, progress)
    if measured is None:
        return sound
    return sound.filter_("loudnorm", **aims, linear="true", **measured)


def _measure(
    sound: Any, aims: dict[str, float], feed: Sequence[str], source: Path, duration: float, progress: Progress
) -> dict[str, float] | None:
    stream = sound.filter_("loudnorm", **aims, print_format="json").output("-", format="null")
    stream = stream.global_args("-nostdin", "-hide_banner", "-nostats", "-progress", "pipe:1")
    with running(stream.compile(cmd=ffmpeg_program()), feed=feed) as run:
        heard_s = follow(run, duration, lambda share: progress(share / 2))
    fault = run.fault or (f"only {heard_s:.0f} of {duration:.0f} s were heard" if is_short(heard_s, duration) else "")
    if fault:
        raise ProgramError(source, f"its loudness could not be measured ({fault}); run again")
    return parse_measurement(run.talk)


def parse_measurement(talk: list[str]) -> dict[str, float] | None:
    """loudnorm's JSON at the end of ffmpeg's talk as its options for the second pass; None for silence."""
    opening = max((i for i, line in enumerate(talk) if line.strip() == "{"), default=None)
    if opening is None:
        return None
    closing = next((i for i in range(opening, len(talk)) if talk[i].strip() == "}"), opening)
    try:
        raw = json.loads("".join(talk[opening : closing + 1]))
        found = {name: float(raw[f"input_{name.lower()}"]) for name in ("I", "TP", "LRA")}
        found |= {"thresh": float(raw["input_thresh"])}
        offset = float(raw["target_offset"])
    except (ValueError, KeyError):
        return None
    if not all(math.isfinite(value) for value in (*found.values(), offset)) or found["I"] <= SILENCE_LUFS:
        return None
    return {f"measured_{name}": value for name, value in found.items()} | {"offset": offset}
