"""Sound to numbers that stay the same when it is heard again, at another loudness or from another encoder.

The scheme of Haitsma and Kalker (2002): 33 bands, and for each frame 32 bits that say whether the energy between two
neighbouring bands rose or fell since the frame before. Frames lie a sixteenth of a second apart and overlap by three
quarters, so that it does not matter where between two frames a recording begins.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

from pipeline.timeline import Seconds, Span, Waveform

HOP_S = 0.064
FRAME_HOPS = 4
BANDS = 33
LOW_HZ, HIGH_HZ = 300.0, 3000.0  # what every encoder keeps
SILENT_DB = -60.0  # of full scale: bits of nothing mean nothing
CHUNK = 256  # frames at a time: bounds the memory of a long episode
SAME_BITS = 0.33  # wrong bits in a second of the same sound: two encodings of one differ in 0.05 to 0.2, others in 0.5
SMOOTH = 17  # frames, about a second
LEAST_S = 3.0
LEAST_VOTES = 2


@dataclass(frozen=True, slots=True)
class Prints:
    """A number a frame, one every ``HOP_S``; 0 where there is silence. As text: base64 of little-endian uint32."""

    text: str

    @classmethod
    def of(cls, values: np.ndarray) -> Prints:
        return cls(base64.b64encode(values.astype("<u4").tobytes()).decode())

    @property
    def values(self) -> np.ndarray:
        return np.frombuffer(base64.b64decode(self.text), "<u4")


@dataclass(frozen=True, slots=True)
class Heard(Span):
    """A stretch of a recording that is ``at`` seconds into a known sound."""

    at: Seconds


def fingerprint(wave: Waveform, *, late_s: Seconds = 0.0) -> Prints:
    """The prints of a sound, its first frame beginning ``late_s`` after its start."""
    rate = wave.sample_rate
    samples = wave.samples[round(late_s * rate) :]
    hop = round(HOP_S * rate)
    size = hop * FRAME_HOPS
    count = (len(samples) - size) // hop + 1
    if count < 2:
        return Prints.of(np.zeros(0))
    window = np.hanning(size).astype(np.float32)
    edges = np.round(np.geomspace(LOW_HZ, HIGH_HZ, BANDS + 1) / rate * size).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    parts = [_bands(frames[n : n + CHUNK] * window, edges) for n in range(0, count, CHUNK)]
    energy = np.concatenate(parts)[:count]
    step = np.diff(np.log(energy + 1e-12), axis=1)
    bits = np.zeros((count, BANDS - 1), bool)
    bits[1:] = np.diff(step, axis=0) > 0
    weights = np.uint32(1) << np.arange(BANDS - 1, dtype=np.uint32)
    values = np.where(bits, weights, np.uint32(0)).sum(axis=1, dtype=np.uint32)
    loud = energy.sum(axis=1) > 10 ** (SILENT_DB / 10) * size * size / 16
    return Prints.of(np.where(loud, np.maximum(values, 1), 0))


def _bands(frames: np.ndarray, edges: np.ndarray) -> np.ndarray:
    power = np.square(np.abs(np.fft.rfft(frames, axis=1))).astype(np.float64)
    total = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    found: np.ndarray = total[:, edges[1:]] - total[:, edges[:-1]]
    return found


def find_sound(known: Prints, prints: Prints) -> Heard | None:
    """Where a known sound is heard among the prints of a recording: its longest stretch, or None."""
    spot, recording = known.values, prints.values
    best: Heard | None = None
    for offset in _offsets(spot, recording):
        found = _same(spot, recording, offset)
        if found and (best is None or found.duration > best.duration):
            best = found
    return best


def _offsets(spot: np.ndarray, recording: np.ndarray) -> list[int]:
    """Where the recording might hold the spot: shifts on which several frames agree to the bit."""
    order = np.argsort(recording, kind="stable")
    ranked = recording[order]
    votes: dict[int, int] = {}
    for place in np.flatnonzero(spot):
        first, last = np.searchsorted(ranked, [spot[place], spot[place]], side="left")
        last = np.searchsorted(ranked, spot[place], side="right")
        for other in order[first:last]:
            shift = int(other) - int(place)
            votes[shift] = votes.get(shift, 0) + 1
    likely = sorted(votes, key=lambda shift: (-votes[shift], shift))
    return [shift for shift in likely[:10] if votes[shift] >= LEAST_VOTES]


def _same(spot: np.ndarray, recording: np.ndarray, offset: int) -> Heard | None:
    """The longest stretch that is the same at this shift; silence in either is no objection."""
    first, last = max(0, -offset), min(len(spot), len(recording) - offset)
    if last - first < 2:
        return None
    ours, theirs = spot[first:last], recording[first + offset : last + offset]
    wrong = np.bitwise_count(ours ^ theirs) / (BANDS - 1)
    sounding = (ours > 0) & (theirs > 0)
    kernel = np.ones(min(SMOOTH, len(ours)))
    weight = np.convolve(sounding, kernel, "same")
    share = np.convolve(np.where(sounding, wrong, 0.0), kernel, "same") / np.maximum(1, weight)
    same = (share < SAME_BITS) & (weight > 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    if not runs:
        return None
    a, b = max(runs, key=lambda run: run[1] - run[0])
    if (b - a) * HOP_S < LEAST_S:
        return None
    start = float(first + offset + a) * HOP_S
    return Heard(start, start + float(b - a + FRAME_HOPS - 1) * HOP_S, float(first + a) * HOP_S)
