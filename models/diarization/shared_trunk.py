"""pyannote's diarization pipeline with the embedding network run once per second of audio.

Stock pyannote runs the embedding network for every (window, speaker) pair: three speakers in windows that overlap
several-fold, so tens of times over the same sound. The costly half of the network does not depend on who is meant,
so here it runs once over the recording, and everything later pools the frames it needs. What that saves pays for
looking at voices every quarter second, which finds the changes of speaker that the segmentation network misses.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from models.diarization.campplus import SAMPLE_RATE, WIDTH, CamPlus, filterbank
from models.diarization.clustering import LEAST_VOICE_S, Pieces, find_voices
from models.diarization.pauses import frame_levels, part_at_silence
from models.diarization.pooling import VoiceSums, sum_voices
from models.diarization.resegmentation import active_voices, follow_voices, voices_at_once
from models.diarization.segmentation import import_pyannote
from models.diarization.tracks import LocalTracks, read_tracks, stretches_of
from models.parallel import side_by_side
from pipeline.timeline import Waveform

import_pyannote()

from pyannote.audio import Model  # noqa: E402
from pyannote.audio.core.plda import PLDA  # noqa: E402
from pyannote.audio.pipelines import SpeakerDiarization  # noqa: E402
from pyannote.audio.pipelines.speaker_diarization import DiarizeOutput  # noqa: E402
from pyannote.core import Annotation, Segment  # noqa: E402

STEP = 0.25
"""Window step as a share of the 10 s window: 2.5 s costs half of 1.25 s and loses nothing (DER 2.9, 3.1 %)."""
BATCH = 16
"""Windows a network is given at once; larger gains nothing on two cores."""
STOCK: dict[str, dict[str, Any]] = {
    "segmentation": {"min_duration_off": 0.0},
    "clustering": {"method": "centroid", "threshold": 0.6},
}
"""Settings of the stock pipeline on these networks, for comparison: cosine threshold of CAM++ instead of WeSpeaker."""
PIECE_S = 2.0
"""Length of the pieces that are clustered: shorter ones are less alike, longer ones hold two voices."""
AROUND_S = 0.5
"""A quarter second is judged with this much of its run on each side."""
SHORTEST_PAUSE_S = 0.2
"""Pauses up to this are bridged when the same voice goes on. 0.5 s would give 1.2 points less missed speech on
read-aloud episodes, whose reference keeps pauses in a turn, and 3 points more false speech on human recordings."""


MOST_AT_ONCE = 3
"""Speakers that the segmentation network tells apart within a window."""


class CamPlusModel(Model):
    """CAM++ in the form that pyannote expects of an embedding network: sound and a mask in, one voice out."""

    dimension = WIDTH

    def __init__(self, network: CamPlus) -> None:
        super().__init__(sample_rate=SAMPLE_RATE, num_channels=1)
        self.network = network

    def forward(  # type: ignore[override]  # pyannote's own embedding networks take weights, its base class does not
        self, waveforms: torch.Tensor, weights: torch.Tensor | None = None
    ) -> torch.Tensor:
        """(batch, 1, samples), weights (batch, frames) or None -> (batch, 192)."""
        features = self.network.trunk(torch.stack([filterbank(wave[0]) for wave in waveforms]))
        if weights is None:
            weights = features.new_ones(len(features), 1)
        return self.network.pool(features, functional.interpolate(weights[:, None], features.shape[-1])[:, 0])


def assemble(segmentation: Any, network: CamPlus, *, step: float = STEP, shared: bool = True) -> SpeakerDiarization:
    """pyannote's pipeline on these two networks, stock or with the shared trunk; ``step`` in shares of a window."""
    pipeline = (SharedTrunkDiarization if shared else SpeakerDiarization)(
        segmentation=segmentation,
        segmentation_step=step,
        embedding=CamPlusModel(network),
        embedding_exclude_overlap=True,
        plda=PLDA.__new__(PLDA),  # agglomerative clustering never asks it; the default would go and fetch one
        clustering="AgglomerativeClustering",
        segmentation_batch_size=BATCH,
        embedding_batch_size=BATCH,
    )
    least = round(12 * 0.1 / step)  # pyannote's 12 windows at its step of 0.1, the same stretch of time at any step
    return pipeline.instantiate({**STOCK, "clustering": {**STOCK["clustering"], "min_cluster_size": max(2, least)}})


class SharedTrunkDiarization(SpeakerDiarization):
    """``SpeakerDiarization`` with one pass of CAM++ over the audio, and clustering and assignment on top of it."""

    def apply(
        self,
        file: Any,
        num_speakers: int | None = None,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
        hook: Callable[..., None] | None = None,
        **_: Any,
    ) -> DiarizeOutput:
        """As in ``SpeakerDiarization``; labels of the annotations sort as the rows of the embeddings.

        A voice that never speaks alone has a label after theirs, and no embedding.
        """
        hook = self.setup_hook(file, hook=hook)
        tracks = self._tracks(file, hook)
        sums = sum_voices(
            file["waveform"][0], tracks, self._network,
            report=lambda done, of: hook("embeddings", None, completed=done, total=of),
        )  # fmt: skip
        if not len(sums.at):
            empty = np.zeros((0, WIDTH), np.float32)
            return DiarizeOutput(Annotation(uri=file["uri"]), Annotation(uri=file["uri"]), empty)
        least, most = num_speakers or min_speakers or 1, num_speakers or max_speakers
        centres = find_voices(self._pieces(sums), least=least, most=most)
        heard, frames = sums.pool_around(self._network, half_s=AROUND_S)
        spoken = float(sums.seconds.sum())
        voice, centres = follow_voices(
            heard, frames, sums.seconds, sums.run, sums.at, centres,
            least=least, least_s=0.5 * min(LEAST_VOICE_S, 0.04 * spoken),
        )  # fmt: skip
        alone = np.where(sums.frame >= 0, voice[sums.frame], -1)
        voices = max(len(centres), min(voices_at_once(tracks), most or MOST_AT_ONCE))
        levels = frame_levels(Waveform(file["waveform"][0].numpy(), file["sample_rate"]), tracks)
        active = part_at_silence(active_voices(tracks, alone, voices), levels, tracks.frame_s)
        exclusive = np.eye(voices, dtype=bool)[alone] & (alone >= 0)[:, None] & active
        only = np.where(exclusive.any(1, keepdims=True), exclusive, active & (np.cumsum(active, 1) == 1))
        return DiarizeOutput(_annotation(active, tracks, file["uri"]), _annotation(only, tracks, file["uri"]), centres)

    @property
    def _network(self) -> CamPlus:
        return self._embedding.model_.network

    def _tracks(self, file: Any, hook: Callable[..., None]) -> LocalTracks:
        inference, sound = self._segmentation, file["waveform"]
        window_s, step_s = inference.duration, inference.step
        batches = window_batches(sound, round(window_s * SAMPLE_RATE), round(step_s * SAMPLE_RATE))
        heard = []
        for windows in side_by_side(inference.infer, batches, device=inference.device):
            heard.append(windows)
            hook("segmentation", None, completed=len(heard), total=len(batches))
        field = inference.model.receptive_field
        return read_tracks(
            np.concatenate(heard),
            window_s=window_s,
            step_s=step_s,
            frame_s=field.step,
            lead_s=field.duration / 2,
            duration=sound.shape[1] / file["sample_rate"],
        )

    def _pieces(self, sums: VoiceSums) -> Pieces:
        groups = cut_pieces(sums.run, sums.seconds, piece_s=PIECE_S)
        early, late = [g[: max(1, len(g) // 2)] for g in groups], [g[len(g) // 2 :] for g in groups]
        halves = (sums.pool(self._network, early) * sums.pool(self._network, late)).sum(1)
        return Pieces(
            voices=sums.pool(self._network, groups),
            seconds=np.array([sums.seconds[group].sum() for group in groups], float),
            run=np.array([sums.run[group[0]] for group in groups]),
            halves=halves,
        )


def window_batches(sound: torch.Tensor, size: int, step: int) -> list[torch.Tensor]:
    """Windows of ``size`` samples every ``step`` over (1, samples), ``BATCH`` at a time; a last one ends in silence.

    >>> [tuple(batch.shape) for batch in window_batches(torch.zeros(1, 25), size=10, step=5)]
    [(4, 1, 10)]
    >>> [tuple(batch.shape) for batch in window_batches(torch.zeros(1, 26), size=10, step=5)]
    [(4, 1, 10), (1, 1, 10)]
    """
    samples = sound.shape[1]
    whole = (samples - size) // step + 1 if samples >= size else 0
    windows = sound.unfold(1, size, step).transpose(0, 1) if whole else sound.new_zeros(0, 1, size)
    batches = [windows[first : first + BATCH] for first in range(0, whole, BATCH)]
    rest = sound[:, whole * step :]
    if not whole or (samples - size) % step:
        batches.append(functional.pad(rest, (0, size - rest.shape[1]))[None])
    return batches


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


def _annotation(active: np.ndarray, tracks: LocalTracks, uri: str) -> Annotation:
    """Turns of (frames, voices) of bool, pauses bridged where nobody else speaks."""
    annotation = Annotation(uri=uri)
    anybody = np.r_[0, np.cumsum(active.any(1))]
    for voice in range(active.shape[1]):
        turns: list[list[int]] = []
        for start, end in stretches_of(active[:, voice]):
            pause = start - turns[-1][1] if turns else 0
            if turns and pause * tracks.frame_s <= SHORTEST_PAUSE_S and anybody[start] == anybody[turns[-1][1]]:
                turns[-1][1] = end
            else:
                turns.append([start, end])
        for number, (start, end) in enumerate(turns):
            where = Segment(*(tracks.lead_s - tracks.frame_s / 2 + frame * tracks.frame_s for frame in (start, end)))
            annotation[where, (voice, number)] = f"{voice:03d}"  # labels are sorted as text
    return annotation
