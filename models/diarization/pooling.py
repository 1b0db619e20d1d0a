"""The shared trunk's output, kept small: sums over quarter seconds, from which any stretch's voice can be pooled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from models.diarization.networks.campplus import FRAME_S, SAMPLE_RATE, WIDTH, CamPlus, filterbank
from models.diarization.networks.trunk import Trunk
from models.diarization.tracks import LocalTracks
from models.parallel import side_by_side

CHUNK_S = 15.0
"""Seconds of sound the trunk sees at once; it also takes each band's mean over them."""
ATOM_S = 0.25
"""Length of the pieces that are summed: the finest that a change of voice is placed by embeddings."""
LEAST_FRAMES = 2.0
"""Trunk frames a voice is pooled from at least: a deviation needs two."""
BLOCK = 4096
"""Atoms pooled at once, which bounds memory on long recordings."""


@dataclass(frozen=True)
class VoiceSums:
    """Per atom, in order of time, a stretch of at most 0.25 s in one run with one voice alone.

    ``weight`` (n,): trunk frames in it; ``first``, ``second`` (n, 512): sums of features and of their squares;
    ``at`` (n,): its middle in seconds; ``run`` (n,): the run it lies in; ``frame`` (frames of the tracks,): the atom
    that a segmentation frame belongs to, -1 for none.
    """

    weight: np.ndarray
    first: np.ndarray
    second: np.ndarray
    at: np.ndarray
    run: np.ndarray
    frame: np.ndarray

    @property
    def seconds(self) -> np.ndarray:
        return self.weight * FRAME_S

    def without_features(self) -> VoiceSums:
        """These atoms when all that is wanted has been pooled from them: the features of three hours are 180 MB."""
        none = np.zeros((0, self.first.shape[1]), np.float32)
        return replace(self, first=none, second=none)

    def pool(self, network: CamPlus, groups: Sequence[np.ndarray]) -> np.ndarray:
        """The voice, of unit length, of each group of atoms: (groups, 192)."""
        voices = [np.zeros((0, WIDTH), np.float32)]
        for start in range(0, len(groups), BLOCK):
            some = groups[start : start + BLOCK]
            edges = np.cumsum([0, *map(len, some)])[:-1]
            atoms = np.concatenate(some)
            sums = (np.add.reduceat(each[atoms], edges, axis=0) for each in (self.weight, self.first, self.second))
            voices.append(pool_voices(network, *sums))
        return np.concatenate(voices)

    def pool_around(self, network: CamPlus, *, half_s: float) -> tuple[np.ndarray, np.ndarray]:
        """For each atom the voice of its run within ``half_s``, and the trunk frames that it was pooled from."""
        reach = round(half_s / ATOM_S)
        voices, weights = np.zeros((len(self.at), WIDTH), np.float32), np.zeros(len(self.at), np.float32)
        for start in range(0, len(self.at), BLOCK):
            inner = slice(start, min(start + BLOCK, len(self.at)))
            sums = [np.zeros_like(each[inner]) for each in (self.weight, self.first, self.second)]
            here = np.arange(inner.start, inner.stop)
            for offset in range(-reach, reach + 1):
                other = np.clip(here + offset, 0, len(self.at) - 1)
                near = (self.run[other] == self.run[here]) & (np.abs(self.at[other] - self.at[here]) < half_s + 0.15)
                near &= other == here + offset
                for total, each in zip(sums, (self.weight, self.first, self.second), strict=True):
                    total += each[other] * (near if each.ndim == 1 else near[:, None])
            voices[inner], weights[inner] = pool_voices(network, *sums), sums[0]
        return voices, weights


def pool_voices(network: CamPlus, weight: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    weight = np.maximum(weight, LEAST_FRAMES)
    with torch.inference_mode():
        sums = (torch.from_numpy(np.ascontiguousarray(x, np.float32)) for x in (weight, first, second))
        device = network.xvector.dense.linear.weight.device
        voices = network.pool_sums(*(x.to(device) for x in sums)).cpu().numpy()
    return voices / np.linalg.norm(voices, axis=1, keepdims=True)


def sum_voices(
    samples: torch.Tensor, tracks: LocalTracks, trunk: Trunk, *, report: Callable[[int, int], None]
) -> VoiceSums:
    """Run the trunk once over mono 16 kHz ``samples``; stretches in which nobody speaks alone are skipped."""
    atom_of, at, run, weight = _atoms(tracks, round(len(samples) / SAMPLE_RATE / FRAME_S))
    first, second = (np.zeros((len(at), 512), np.float32) for _ in range(2))
    per_chunk = round(CHUNK_S / FRAME_S)
    chunks = range(0, len(atom_of), per_chunk)
    spoken = [start for start in chunks if (atom_of[start : start + per_chunk] >= 0).any()]

    def listen(start: int) -> np.ndarray:
        return _features(samples, start, len(atom_of[start : start + per_chunk]), trunk)

    for start, features in zip(spoken, side_by_side(listen, spoken, device=trunk.device), strict=True):
        here = atom_of[start : start + len(features)]
        chosen = np.flatnonzero(here >= 0)
        atoms, begins = np.unique(here[chosen], return_index=True)
        if len(atoms):
            first[atoms] += np.add.reduceat(features[chosen], begins)
            second[atoms] += np.add.reduceat(features[chosen] ** 2, begins)
        report(start // per_chunk + 1, len(chunks))
    frame = np.full(tracks.frames, -1)
    if len(at):
        heard = np.minimum((tracks.times / FRAME_S).astype(int), len(atom_of) - 1)
        frame = np.where(tracks.run >= 0, _filled(atom_of)[heard], -1)
    return VoiceSums(weight, first, second, at, run, frame)


def _features(samples: torch.Tensor, start: int, frames: int, trunk: Trunk) -> np.ndarray:
    """Features of ``frames`` trunk frames from number ``start`` on: (frames, 512); fewer at the recording's end."""
    per_frame = round(FRAME_S * SAMPLE_RATE)
    overhang = round(0.015 * SAMPLE_RATE)  # what a 25 ms filterbank window reaches beyond its 10 ms
    sound = samples[start * per_frame : (start + frames) * per_frame + overhang]
    if len(sound) < 2 * per_frame:
        return np.zeros((0, 512), np.float32)
    return trunk(filterbank(sound)).cpu().numpy()[:frames]


def _atoms(tracks: LocalTracks, frames: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each trunk frame its atom (or -1); for each atom its middle, its run and its number of frames."""
    times = (np.arange(frames) + 0.5) * FRAME_S
    nearest = np.clip(np.rint((times - tracks.lead_s) / tracks.frame_s).astype(int), 0, tracks.frames - 1)
    run = tracks.run[nearest]
    alone = np.flatnonzero(run >= 0)
    key = run[alone] * (int(times[-1] / ATOM_S) + 2 if frames else 1) + (times[alone] / ATOM_S).astype(int)
    atom = np.cumsum(np.r_[False, key[1:] != key[:-1]]) if len(alone) else np.zeros(0, int)
    of = np.full(frames, -1)
    of[alone] = atom
    weight = np.bincount(atom).astype(np.float32) if len(alone) else np.zeros(0, np.float32)
    at = np.bincount(atom, times[alone]) / weight if len(alone) else np.zeros(0)
    begins = np.flatnonzero(np.r_[True, atom[1:] != atom[:-1]]) if len(alone) else np.zeros(0, int)
    return of, at, run[alone][begins], weight


def _filled(atom_of: np.ndarray) -> np.ndarray:
    """The atom of each trunk frame, or of the last frame before it that has one."""
    last = np.maximum.accumulate(np.where(atom_of >= 0, np.arange(len(atom_of)), -1))
    first = np.argmax(atom_of >= 0)
    return atom_of[np.where(last >= 0, last, first)]
