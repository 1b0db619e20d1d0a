"""Who speaks when, from the levels of separate recordings of one conversation.

A voice speaks where its own track is louder than its noise and than what the other voices leave in it (bleed, as in a
room with several microphones). How much that is, is read off the differences of level between two tracks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.timeline import Diarization, Seconds, Span, Turn, merge_spans

FRAME_S = 0.02
SMOOTH_FRAMES = 5
"""A tenth of a second: the level of a voice swings within a syllable."""
SILENCE_DB = -90.0
QUIETEST_DB = -65.0
"""Below this nobody is heard; recordings by a telephone at arm's length peak at about -40."""
NOISE_SHARE, ABOVE_NOISE_DB = 0.1, 8.0
"""The quietest tenth of a track is its noise."""
LOUD_SHARE, BELOW_LOUD_DB = 0.98, 35.0
"""The range of a voice from its loudest fiftieth to the end of a quiet syllable."""
RARE_SHARE = 0.005
"""Of the moments at which anybody speaks, a voice that has fewer is not told from bleed: 18 s of an hour."""
TWO_VOICES_DB = 24.0
"""Between the tracks of two voices the difference of level swings by the loss of bleed both ways; that of one voice
keeps within its spread."""
LEAST_ABOVE_DB, ABOVE_SHARE = 6.0, 0.25
"""A voice of its own is louder than bleed by this much, or by this share of the swing."""
CLOSE_S, SHORTEST_S, PAD_S = 0.4, 0.15, 0.12
"""Pauses between words are no ends; a click is no speech; a word begins and ends more quietly than it is."""


def levels_of(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """The level of each frame of ``FRAME_S``, smoothed: float64 dB of full scale, shape (frames,)."""
    size = round(FRAME_S * sample_rate)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    if len(power) >= SMOOTH_FRAMES:
        power = np.convolve(power, np.full(SMOOTH_FRAMES, 1 / SMOOTH_FRAMES), mode="same")
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (SILENCE_DB / 10))))


def find_activity(tracks: Sequence[np.ndarray]) -> np.ndarray:
    """Where the voice of each track speaks: bool, shape (tracks, frames); what a track lacks at its end is silence."""
    frames = max((len(track) for track in tracks), default=0)
    levels = np.full((len(tracks), frames), SILENCE_DB)
    for row, track in zip(levels, tracks, strict=True):
        row[: len(track)] = track
    least = np.array([_threshold(row) for row in levels])[:, None]
    heard = levels > least
    own = heard.copy()
    told = np.maximum(
        levels, least - ABOVE_NOISE_DB
    )  # below its noise a track tells nothing, also where it is not there
    for voice, other in ((v, o) for v in range(len(tracks)) for o in range(len(tracks)) if v != o):
        louder = told[voice] - told[other]
        own[voice] &= louder > _most_bleed(louder[heard[voice] | heard[other]])
    return own


def _most_bleed(louder: np.ndarray) -> float:
    """By how much (dB) a track exceeds another at most, or falls short of it, while only the other's voice speaks.

    ``louder``: by how much it does wherever anybody speaks. Two voices leave two heaps of such differences, and the
    lower one is the bleed; a single heap is of one voice, whose own track is the louder one.
    """
    if not len(louder):
        return 0.0
    low, high = np.quantile(louder, (RARE_SHARE, 1 - RARE_SHARE))
    if high - low < TWO_VOICES_DB:
        return 0.0
    bleed = float(np.median(louder[louder <= (low + high) / 2]))
    return bleed + max(LEAST_ABOVE_DB, ABOVE_SHARE * float(high - low))


def _threshold(levels: np.ndarray) -> float:
    """The level from which somebody is heard in a track."""
    if not len(levels):
        return QUIETEST_DB
    noise, loud = np.quantile(levels, (NOISE_SHARE, LOUD_SHARE))
    return float(max(QUIETEST_DB, noise + ABOVE_NOISE_DB, loud - BELOW_LOUD_DB))


def find_turns(tracks: Sequence[np.ndarray], labels: Sequence[str], *, duration_s: Seconds) -> Diarization:
    """Who speaks when, from the levels of each voice's own track (see ``levels_of``).

    Where several speak at once, ``exclusive`` gives the moment to the one who had the floor.
    """
    turns: list[Turn] = []
    for label, active in zip(labels, find_activity(tracks), strict=True):
        turns += (Turn(span.start, span.end, label) for span in _spans(active, duration_s))
    turns.sort(key=lambda turn: (turn.start, turn.end, turn.speaker))
    exclusive: list[Turn] = []
    for turn in turns:
        start = max(turn.start, exclusive[-1].end) if exclusive else turn.start
        if start < turn.end:
            exclusive.append(Turn(start, turn.end, turn.speaker))
    return Diarization(tuple(turns), tuple(exclusive), merge_spans(turns))


def _spans(active: np.ndarray, duration_s: Seconds) -> tuple[Span, ...]:
    """Stretches of True frames, over short pauses, without clicks, with room at both ends."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], active, [False])).astype(np.int8)))
    runs = (Span(float(a) * FRAME_S, float(b) * FRAME_S) for a, b in edges.reshape(-1, 2))
    spoken = merge_spans((run for run in runs if run.duration >= FRAME_S * 2), gap_s=CLOSE_S)
    wide = (
        Span(round(max(0.0, s.start - PAD_S), 3), round(min(duration_s, s.end + PAD_S), 3))
        for s in spoken
        if s.duration >= SHORTEST_S and s.start < duration_s
    )
    return merge_spans(wide)
