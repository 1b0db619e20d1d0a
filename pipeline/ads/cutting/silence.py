"""Where nothing is heard: the places at which a recording can be cut without cutting a sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.timeline import Seconds, Span, Waveform

HOP_S = 0.01
FRAME_HOPS = 2  # a frame is 20 ms: two periods of the lowest voice
SHORTEST_S = 0.08  # a stop consonant is silent for up to that long
LOCAL_S = 20.0  # how far around a moment the loudness of the show is taken from
LOUD_SHARE = 0.9  # of the frames around: the level of the voices, not of what is between them
QUIET_DB = 30.0  # below the voices around it: under that a word's tail is not heard beside the words
CHUNK = 6_000  # hops at a time, a minute: a copy of hours of sound would be many times the sound itself
DIGITAL_DB = -75.0  # of full scale: nothing at all


@dataclass(frozen=True, slots=True)
class Pauses:
    """Stretches without sound, in order of time."""

    spans: tuple[Span, ...]

    def between(self, start: Seconds, end: Seconds) -> tuple[Span, ...]:
        """The parts of pauses inside a stretch of time."""
        inside = (Span(max(p.start, start), min(p.end, end)) for p in self.spans if p.start < end and p.end > start)
        return tuple(span for span in inside if span.duration >= SHORTEST_S / 2)


def find_pauses(wave: Waveform) -> Pauses:
    """The stretches of at least ``SHORTEST_S`` that are far quieter than the voices around them.

    >>> sound = np.concatenate([np.ones(16000), np.zeros(8000), np.ones(16000)]).astype(np.float32)
    >>> [(round(p.start, 2), round(p.end, 2)) for p in find_pauses(Waveform(sound, 16000)).spans]
    [(1.0, 1.5)]
    """
    level = frame_levels(wave)
    if not len(level):
        return Pauses(())
    quiet = level < np.maximum(loudness_around(level) - QUIET_DB, DIGITAL_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    runs = zip(edges[::2], edges[1::2], strict=True)
    # A quiet frame says that both its hops are quiet: the run ends where its last frame does.
    spans = (Span(round(float(a) * HOP_S, 3), round(float(b + FRAME_HOPS - 1) * HOP_S, 3)) for a, b in runs)
    return Pauses(tuple(span for span in spans if span.duration >= SHORTEST_S))


def frame_levels(wave: Waveform) -> np.ndarray:
    """The level of each frame in dB of full scale, float64, one every ``HOP_S``."""
    power = hop_powers(wave)
    if len(power) < FRAME_HOPS:
        return np.zeros(0)
    return decibels(np.convolve(power, np.ones(FRAME_HOPS) / FRAME_HOPS, mode="valid"))


def hop_powers(wave: Waveform) -> np.ndarray:
    """The mean square of each whole ``HOP_S``, float64."""
    hop = round(HOP_S * wave.sample_rate)
    count = len(wave.samples) // hop
    hops = wave.samples[: count * hop].reshape(count, hop)
    parts = (hops[n : n + CHUNK].astype(np.float64) for n in range(0, count, CHUNK))
    return np.concatenate([np.zeros(0), *(np.square(part).mean(axis=1) for part in parts)])


def decibels(power: np.ndarray) -> np.ndarray:
    """Mean squares in dB of full scale; nothing at all is -120."""
    levels: np.ndarray = 10 * np.log10(power + 1e-12)
    return levels


def loudness_around(level: np.ndarray) -> np.ndarray:
    """The level of the voices around each frame, taken every second."""
    step, reach = round(1 / HOP_S), round(LOCAL_S / HOP_S)
    centres = np.arange(0, len(level), step)
    found = [np.quantile(level[max(0, c - reach) : c + reach], LOUD_SHARE) for c in centres]
    around: np.ndarray = np.repeat(found, step)[: len(level)]
    return around
