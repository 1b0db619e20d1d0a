"""pyannote's diarization pipeline with the embedding network run once per second of audio.

Stock pyannote runs the embedding network for every (window, speaker) pair: three speakers in windows that overlap
several-fold, so tens of times over the same sound. The costly half of the network does not depend on the speaker
mask, so here it runs once over the recording, and each pair only pools the frames its mask selects.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from models.campplus import FRAME_S, SAMPLE_RATE, WIDTH, CamPlus, filterbank
from models.pyannote_segmentation import import_pyannote

import_pyannote()

from pyannote.audio import Model  # noqa: E402
from pyannote.audio.core.plda import PLDA  # noqa: E402
from pyannote.audio.pipelines import SpeakerDiarization  # noqa: E402
from pyannote.core import SlidingWindowFeature  # noqa: E402

CHUNK_S = 15.0
"""Seconds of sound the trunk sees at once: its context layers mix all of it, so neither a word nor an hour."""
CLUSTERING = {"method": "centroid", "threshold": 0.6, "min_cluster_size": 5}
MIN_PAUSE_S = 0.5
BATCH = 16
"""Windows a network is given at once; larger gains nothing on two cores."""
LEAST_WEIGHT = 1.0
"""Trunk frames a mask must amount to; below, there is no voice to speak of."""


class CamPlusModel(Model):  # type: ignore[misc]
    """CAM++ as pyannote wants an embedding network: sound and a mask in, one voice out."""

    dimension = WIDTH

    def __init__(self, network: CamPlus) -> None:
        super().__init__(sample_rate=SAMPLE_RATE, num_channels=1)
        self.network = network

    def forward(self, waveforms: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, 1, samples), weights (batch, frames) or None -> (batch, 192)."""
        features = self.network.trunk(torch.stack([filterbank(wave[0]) for wave in waveforms]))
        if weights is None:
            weights = features.new_ones(len(features), 1)
        return self.network.pool(features, functional.interpolate(weights[:, None], features.shape[-1])[:, 0])


def assemble(segmentation: Any, network: CamPlus, *, step: float, shared: bool = True) -> SpeakerDiarization:
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
    pipeline.instantiate({"segmentation": {"min_duration_off": MIN_PAUSE_S}, "clustering": CLUSTERING})
    return pipeline


class SharedTrunkDiarization(SpeakerDiarization):  # type: ignore[misc]
    """``SpeakerDiarization`` whose embeddings come from one pass of CAM++ over the audio."""

    def get_embeddings(
        self,
        file: Any,
        binary_segmentations: SlidingWindowFeature,
        exclude_overlap: bool = False,
        hook: Callable[..., None] | None = None,
    ) -> np.ndarray:
        """One voice per (window, slot), shape (windows, slots, 192); NaN where a slot is silent."""
        samples = file["waveform"][0]
        windows = binary_segmentations.data
        alone = windows * (windows.sum(-1, keepdims=True) < 2)
        sums = _MaskSums(windows=alone, window=binary_segmentations.sliding_window)
        chunk = round(CHUNK_S * SAMPLE_RATE)
        starts = range(0, max(1, len(samples) - chunk // 2), chunk)
        for number, start in enumerate(starts):
            last = len(samples) if start == starts[-1] else start + chunk
            with torch.inference_mode():
                features = self._embedding.model_.network.trunk(filterbank(samples[start:last])[None])[0].T
            sums.add(features, start / SAMPLE_RATE)
            if hook:
                hook("embeddings", None, completed=number + 1, total=len(starts))
        return sums.pool(self._embedding.model_.network)


class _MaskSums:
    """Weighted sums of trunk frames and their squares per (window, slot): memory grows with windows, not frames."""

    def __init__(self, windows: np.ndarray, window: Any) -> None:
        self.masks, self.window = windows, window
        count, self.frames, slots = windows.shape
        self.weight = torch.zeros(count, slots)
        self.first = torch.zeros(count, slots, 512)
        self.second = torch.zeros(count, slots, 512)

    def add(self, features: torch.Tensor, start_s: float) -> None:
        """Add trunk frames (n, 512) that begin at ``start_s`` to every window they fall into."""
        times = start_s + (np.arange(len(features)) + 0.5) * FRAME_S
        step, duration = self.window.step, self.window.duration
        lowest = max(0, int(np.floor((times[0] - duration) / step)))
        highest = min(len(self.masks) - 1, int(np.floor(times[-1] / step)))
        for index in range(lowest, highest + 1):
            position = (times - index * step) / duration * self.frames
            inside = (position >= 0) & (position < self.frames)
            if not inside.any():
                continue
            mask = torch.from_numpy(np.float32(self.masks[index][position[inside].astype(int)]).T)
            chosen = features[torch.from_numpy(inside)]
            self.weight[index] += mask.sum(-1)
            self.first[index] += mask @ chosen
            self.second[index] += mask @ chosen.square()

    def pool(self, network: CamPlus) -> np.ndarray:
        enough = self.weight >= LEAST_WEIGHT
        with torch.inference_mode():
            voices = network.pool_sums(self.weight[enough], self.first[enough], self.second[enough]).numpy()
        result = np.full((*self.weight.shape, WIDTH), np.nan)
        result[enough.numpy()] = voices
        return result
