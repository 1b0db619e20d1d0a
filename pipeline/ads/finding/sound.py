"""How an ad sounds beside its show: another loudness, music under the voice. Compared with the show's own stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.ads.cutting.silence import DIGITAL_DB, HOP_S, frame_levels
from pipeline.result import Evidence
from pipeline.timeline import Seconds, Span, Waveform

WINDOW_S = 12.0  # of the show: about as long as an ad, so that both vary alike
LEAST_WINDOWS = 8  # fewer are no picture of the show
RARE = 0.05  # of the show's windows on either side: an ad beyond them sounds like none of it
LEAST_STEP_DB, LEAST_BED_DB = 1.5, 6.0  # smaller ones nobody hears, however even the show is
LOUD, LOW = 0.9, 0.1  # of a stretch's frames: the level of the voice, and of what is under it


@dataclass(frozen=True, slots=True)
class Sound:
    """``level``: of the voice, in dB of full scale; ``depth``: how far below it the quiet moments are, in dB."""

    level: float
    depth: float


def sound_reasons(wave: Waveform, spans: Sequence[Span]) -> tuple[tuple[Evidence, ...], ...]:
    """For each span, what of its sound no stretch of the show has; nothing where the show is too short to compare."""
    levels = frame_levels(wave)
    show = [sound_of(levels, window) for window in _windows(wave.duration, spans)]
    if len(show) < LEAST_WINDOWS:
        return tuple(() for _ in spans)
    return tuple(_compared(sound_of(levels, span), show, span.start) for span in spans)


def sound_of(levels: np.ndarray, span: Span) -> Sound:
    """The sound of a stretch from the levels of its frames."""
    inside = levels[round(span.start / HOP_S) : max(round(span.start / HOP_S) + 1, round(span.end / HOP_S))]
    inside = np.maximum(inside, DIGITAL_DB)
    if not len(inside):
        return Sound(DIGITAL_DB, 0.0)
    loud = float(np.quantile(inside, LOUD))
    return Sound(loud, loud - float(np.quantile(inside, LOW)))


def _windows(duration_s: Seconds, spans: Sequence[Span]) -> list[Span]:
    starts = np.arange(0.0, duration_s - WINDOW_S, WINDOW_S / 2)
    windows = (Span(float(start), float(start) + WINDOW_S) for start in starts)
    return [window for window in windows if not any(window.overlap(span) > 0 for span in spans)]


def _compared(sound: Sound, show: Sequence[Sound], at: Seconds) -> tuple[Evidence, ...]:
    reasons = []
    levels = np.array([other.level for other in show])
    step = sound.level - float(np.median(levels))
    low, high = np.quantile(levels, [RARE, 1 - RARE])
    if abs(step) >= LEAST_STEP_DB and not low <= sound.level <= high:
        word = "louder" if step > 0 else "quieter"
        reasons.append(Evidence("sound", f"{abs(step):.0f} dB {word} than the show", at))
    depths = np.array([other.depth for other in show])
    shallow = sound.depth <= float(np.median(depths)) - LEAST_BED_DB and sound.depth < float(np.quantile(depths, RARE))
    # A quieter voice over the same silence is shallower, too: under this one something must be heard.
    if shallow and sound.level - sound.depth >= float(np.median(levels - depths)) + LEAST_BED_DB / 2:
        reasons.append(Evidence("sound", "music or noise under the voice, which the show has not", at))
    return tuple(reasons)
