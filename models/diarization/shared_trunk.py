"""Who speaks when, with the embedding network run once per second of audio.

pyannote.audio's own pipeline runs the embedding network for every (window, speaker) pair: three speakers in windows
that overlap several-fold, so tens of times over the same sound. The costly half of the network does not depend on who
is meant, so here it runs once over the recording, and everything later pools the frames it needs. What that saves pays
for looking at voices every quarter second, which finds the changes of speaker that the segmentation network misses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional

from models.diarization.clustering import LEAST_VOICE_S, Pieces, find_voices
from models.diarization.networks.campplus import SAMPLE_RATE, CamPlus
from models.diarization.networks.segmentation import FIELD_S, FRAME_S, STEP, WINDOW, SegmentationNetwork
from models.diarization.networks.trunk import Trunk
from models.diarization.pauses import frame_levels, part_at_silence
from models.diarization.pooling import VoiceSums, sum_voices
from models.diarization.resegmentation import active_voices, follow_voices, voices_at_once
from models.diarization.tracks import LocalTracks, read_tracks, stretches_of
from models.parallel import side_by_side, undivided
from pipeline.timeline import Turn, Waveform

BATCH = 16
"""Windows a network is given at once; larger gains nothing on two cores."""
PIECE_S = 2.0
"""Length of the pieces that are clustered: shorter ones are less alike, longer ones hold two voices."""
AROUND_S = 0.5
"""A quarter second is judged with this much of its run on each side."""
SHORTEST_PAUSE_S = 0.2
"""Pauses up to this are bridged when the same voice goes on. 0.5 s would give 1.2 points less missed speech on
read-aloud episodes, whose reference keeps pauses in a turn, and 3 points more false speech on human recordings."""
MOST_AT_ONCE = 3
"""Speakers that the segmentation network tells apart within a window."""


Report = Callable[[str, int, int], None]
"""Told which step is under way, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Heard:
    """Turns by voice, with and without those that speak beside another, and the voices as unit vectors.

    A voice that never speaks alone has turns, and no vector.
    """

    turns: tuple[Turn, ...]
    exclusive: tuple[Turn, ...]
    voices: dict[str, np.ndarray]


class SharedTrunkDiarization:
    """Segmentation in overlapping windows, one pass of CAM++, and clustering and assignment on top of it."""

    def __init__(self, segmentation: SegmentationNetwork, network: CamPlus, dtype: torch.dtype) -> None:
        self.segmentation, self.network, self.trunk = segmentation, network, Trunk(network, dtype)

    @undivided()
    def __call__(self, wave: Waveform, *, least: int | None, most: int | None, report: Report) -> Heard:
        """Who speaks when in mono 16 kHz sound, with ``least`` to ``most`` voices (None: open)."""
        sound = torch.from_numpy(np.ascontiguousarray(wave.samples, dtype=np.float32))
        tracks = self._tracks(sound, report)
        sums = sum_voices(
            sound, tracks, self.trunk, report=lambda done, of: report("embeddings", done, of),
        )  # fmt: skip
        if not len(sums.at):
            return Heard((), (), {})
        pieces, (heard, frames) = self._pieces(sums), sums.pool_around(self.network, half_s=AROUND_S)
        sums = sums.without_features()
        centres = find_voices(pieces, least=least or 1, most=most)
        spoken = float(sums.seconds.sum())
        voice, centres = follow_voices(
            heard, frames, sums.seconds, sums.run, sums.at, centres,
            least=least or 1, least_s=0.5 * min(LEAST_VOICE_S, 0.04 * spoken),
        )  # fmt: skip
        alone = np.where(sums.frame >= 0, voice[sums.frame], -1)
        voices = max(len(centres), min(voices_at_once(tracks), most or MOST_AT_ONCE))
        levels = frame_levels(wave, tracks)
        active = part_at_silence(active_voices(tracks, alone, voices), levels, tracks.frame_s)
        exclusive = np.eye(voices, dtype=bool)[alone] & (alone >= 0)[:, None] & active
        only = np.where(exclusive.any(1, keepdims=True), exclusive, active & (np.cumsum(active, 1) == 1))
        names = {str(number): centre for number, centre in enumerate(centres)}
        return Heard(_turns(active, tracks), _turns(only, tracks), names)

    def _tracks(self, sound: torch.Tensor, report: Report) -> LocalTracks:
        stretches = window_stretches(sound, WINDOW, STEP)
        heard = []
        for windows in side_by_side(self.segmentation, stretches, device=self.segmentation.device):
            heard.append(windows.cpu().numpy())
            report("segmentation", len(heard), len(stretches))
        return read_tracks(
            np.concatenate(heard),
            window_s=WINDOW / SAMPLE_RATE,
            step_s=STEP / SAMPLE_RATE,
            frame_s=FRAME_S,
            lead_s=FIELD_S / 2,
            duration=len(sound) / SAMPLE_RATE,
        )

    def _pieces(self, sums: VoiceSums) -> Pieces:
        groups = cut_pieces(sums.run, sums.seconds, piece_s=PIECE_S)
        early, late = [g[: max(1, len(g) // 2)] for g in groups], [g[len(g) // 2 :] for g in groups]
        halves = (sums.pool(self.network, early) * sums.pool(self.network, late)).sum(1)
        return Pieces(
            voices=sums.pool(self.network, groups),
            seconds=np.array([sums.seconds[group].sum() for group in groups], float),
            run=np.array([sums.run[group[0]] for group in groups]),
            halves=halves,
        )


def window_stretches(sound: torch.Tensor, size: int, step: int) -> list[torch.Tensor]:
    """The sound (samples,) in stretches that each hold ``BATCH`` windows of ``size`` samples, one every ``step``.

    Windows that reach beyond the end are one, which ends in silence.

    >>> [len(stretch) for stretch in window_stretches(torch.zeros(25), size=10, step=5)]
    [25]
    >>> [len(stretch) for stretch in window_stretches(torch.zeros(26), size=10, step=5)]
    [25, 10]
    >>> [len(stretch) for stretch in window_stretches(torch.zeros(180), size=10, step=10)]
    [160, 20]
    """
    samples = len(sound)
    whole = (samples - size) // step + 1 if samples >= size else 0
    stretches = [
        sound[first * step : (min(first + BATCH, whole) - 1) * step + size] for first in range(0, whole, BATCH)
    ]
    rest = sound[whole * step :]
    if not whole or (samples - size) % step:
        stretches.append(functional.pad(rest, (0, size - len(rest))))
    return stretches


def cut_pieces(run: np.ndarray, seconds: np.ndarray, *, piece_s: float) -> list[np.ndarray]:
    """Indices of atoms in groups of about ``piece_s`` seconds, none across two runs, together all atoms in order."""
    edges = np.flatnonzero(np.r_[True, run[1:] != run[:-1], True])
    groups: list[np.ndarray] = []
    for first, last in pairwise(edges.tolist()):
        until = np.cumsum(seconds[first:last])
        number = max(1, round(float(until[-1]) / piece_s))
        place = np.minimum((until - 1e-6) / (until[-1] / number), number - 1).astype(int)
        groups += [first + np.flatnonzero(place == k) for k in range(number) if (place == k).any()]
    return groups


def _turns(active: np.ndarray, tracks: LocalTracks) -> tuple[Turn, ...]:
    """Turns of (frames, voices) of bool, pauses bridged where nobody else speaks; a voice is called by its number."""
    found = []
    anybody = np.r_[0, np.cumsum(active.any(1))]
    begins = tracks.lead_s - tracks.frame_s / 2
    for voice in range(active.shape[1]):
        turns: list[list[int]] = []
        for start, end in stretches_of(active[:, voice]):
            pause = start - turns[-1][1] if turns else 0
            if turns and pause * tracks.frame_s <= SHORTEST_PAUSE_S and anybody[start] == anybody[turns[-1][1]]:
                turns[-1][1] = end
            else:
                turns.append([start, end])
        found += [Turn(begins + a * tracks.frame_s, begins + b * tracks.frame_s, str(voice)) for a, b in turns]
    return tuple(found)
