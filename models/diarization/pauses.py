"""Where a voice pauses though the segmentation network does not find it: silence that lasts parts a turn.

The network bridges some of the pauses between two sentences of one voice. Pauses that it finds stay as it places them;
one that it bridges whole is found by the sound. How long a silence must be to part a turn is a convention: NIST's
Rich Transcription evaluations take 0.3 s.
"""

from __future__ import annotations

import numpy as np

from models.diarization.tracks import LocalTracks, stretches_of
from pipeline.ads.cutting.silence import HOP_S, decibels, hop_powers
from pipeline.timeline import Waveform

PAUSE_S = 0.4
"""Silence of this length parts a turn. The seed rendering's reference leaves pauses out from 0.3 s on, those of the
read-aloud episodes keep every pause: DER 4.6 and 2.9 % without this rule, 3.7 and 3.5 % with it."""
BELOW_DB = 36.0
"""Silence is this far below the level of the voice: deeper than the quiet sounds within words. At 35 dB a distant
speaker of a meeting is lost; to 40 dB nothing changes by more than 0.3 points of DER."""
LEVEL_PERCENTILE = 70.0
"""The level of a voice is that of its louder sounds, its vowels."""


def frame_levels(wave: Waveform, tracks: LocalTracks) -> np.ndarray:
    """Decibels of full scale around the middle of each frame, shape (frames,)."""
    power = hop_powers(wave)
    return decibels(power[np.clip((tracks.times / HOP_S).astype(int), 0, len(power) - 1)])


def part_at_silence(active: np.ndarray, levels: np.ndarray, frame_s: float) -> np.ndarray:
    """Who speaks in each frame, (frames, voices) of bool, without the pauses that were bridged whole.

    >>> active, levels = np.ones((100, 1), bool), np.full(100, -20.0)
    >>> levels[40:70] = -70.0
    >>> part_at_silence(active, levels, 0.017).sum()
    np.int64(70)
    """
    parted = active.copy()
    for voice in np.flatnonzero(active.any(0)):
        mine = active[:, voice]
        silent = levels < np.percentile(levels[mine], LEVEL_PERCENTILE) - BELOW_DB
        for first, last in stretches_of(silent):
            if (last - first) * frame_s >= PAUSE_S and mine[first:last].all():
                parted[first:last, voice] = False
    return parted
