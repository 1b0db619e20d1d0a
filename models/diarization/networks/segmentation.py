"""pyannote's segmentation-3.0: up to three local voices, and when each of them speaks, in windows of 10 s.

The network (PyanNet: Bredin et al. 2020, arXiv 1911.01255; powerset output: Plaquet and Bredin 2023) with its forward
pass written out. Importing pyannote.audio for it takes 4 s of a core, more than the network needs for four minutes of
sound; a test holds the two against each other. Windows overlap, so the first layer, which is a third of the work, runs
once over the sound: only the normalisation before it belongs to a window, and a convolution is linear. On a CPU that
multiplies in bfloat16 the layers after it are computed in that.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import torch
from asteroid_filterbanks import Encoder, ParamSincFB
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE = 16_000
WINDOW = 10 * SAMPLE_RATE
STEP = WINDOW // 4
"""Samples from one window to the next: 2.5 s costs half of 1.25 s and loses nothing (DER 2.9, 3.1 %)."""
FRAME_S = 270 / SAMPLE_RATE
"""Seconds from one frame of the output to the next: a stride of 10, thinned three times by 3."""
FIELD_S = 991 / SAMPLE_RATE
"""Seconds of sound that one frame is drawn from."""
VOICES, AT_ONCE = 3, 2
STRIDE, TAPS = 10, 251
"""Of the first layer, in samples."""


class SegmentationNetwork(nn.Module):
    """Parameter names follow the published weights, so that they load strictly."""

    def __init__(self) -> None:
        super().__init__()
        self.sincnet = _SincNet()
        self.lstm = nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
        self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, len(POWERSET))

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.classifier.weight.device

    def compute_in(self, dtype: torch.dtype) -> SegmentationNetwork:
        """This network with the layers between the first and the last two, nine tenths of the work, in ``dtype``."""
        for module in (*self.sincnet.conv1d[1:], *self.sincnet.norm1d, self.lstm):
            module.to(dtype)
        return self

    @torch.inference_mode()
    def forward(self, sound: Tensor) -> Tensor:
        """Sound of at least a window, (samples,), to who speaks in each window in it: (windows, 589, 3) of 0 and 1."""
        features, _ = self.lstm(self.sincnet(sound.to(self.device)).transpose(1, 2))
        features = features.float()
        for layer in self.linear:
            features = functional.leaky_relu(layer(features))
        return POWERSET.to(self.device)[self.classifier(features).argmax(-1)]


class _SincNet(nn.Module):
    """Sound to 60 channels every 270 samples: band-pass filters, then two convolutions, each thinned by 3."""

    def __init__(self) -> None:
        super().__init__()
        self.wav_norm1d = nn.InstanceNorm1d(1, affine=True)
        bands = Encoder(ParamSincFB(80, TAPS, stride=STRIDE, sample_rate=SAMPLE_RATE, min_low_hz=50, min_band_hz=50))
        self.conv1d = nn.ModuleList([bands, nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norm1d = nn.ModuleList([nn.InstanceNorm1d(width, affine=True) for width in (80, 60, 60)])

    def forward(self, sound: Tensor) -> Tensor:
        """(samples,) to (windows, 60, 589)."""
        bands: Any = self.conv1d[0]
        filters = bands.get_filters()
        x = functional.leaky_relu_(self.norm1d[0](self._windows(sound, filters)))
        for conv, norm in zip(self.conv1d[1:], self.norm1d[1:], strict=True):
            x = functional.leaky_relu(norm(functional.max_pool1d(conv(x), 3)))
        return x

    def _windows(self, sound: Tensor, filters: Tensor) -> Tensor:
        """The size of what the filters give for each normalised window, thinned by 3: (windows, 80, frames).

        Of three neighbours scaled and shifted alike, the largest in size is the highest or the lowest: these are found
        once over the sound.
        """
        norm, constant = self.wav_norm1d, filters.sum(-1)  # what a filter makes of a constant
        dtype = self.conv1d[1].weight.dtype
        assert isinstance(dtype, torch.dtype)
        whole = functional.conv1d(sound[None, None], filters, stride=STRIDE)[0].to(dtype)
        first, second, third = whole[:, :-2], whole[:, 1:-1], whole[:, 2:]
        highest, lowest = first.maximum(second).maximum(third), first.minimum(second).minimum(third)
        frames = (WINDOW - TAPS) // STRIDE + 1
        starts = range(0, len(sound) - WINDOW + 1, STEP)
        heard = whole.new_empty(len(starts), len(whole), frames // 3)
        for start, variance, mean, window in zip(starts, *_spreads(sound), heard, strict=True):
            scale = norm.weight * (variance + norm.eps).rsqrt()
            shift = (constant * (norm.bias - scale * mean)).to(dtype)
            here = slice(start // STRIDE, start // STRIDE + frames - 2, 3)
            high, low = (torch.addcmul(shift, found[:, here], scale.to(dtype)) for found in (highest, lowest))
            torch.maximum(high.abs_(), low.abs_(), out=window)
        return heard


def _spreads(sound: Tensor) -> tuple[Tensor, Tensor]:
    """The variance and the mean of each window, from those of the steps in it, which are found once."""
    variances, means = torch.var_mean(sound[: len(sound) // STEP * STEP].view(-1, STEP), dim=1, correction=0)
    within, around = (parts.unfold(0, WINDOW // STEP, 1) for parts in (variances, means))
    between, mean = torch.var_mean(around, dim=1, correction=0)
    return within.mean(1) + between, mean


def _powerset() -> Tensor:
    """The voices that each class of the output stands for: none, each one, each two at once."""
    sets = [voices for size in range(AT_ONCE + 1) for voices in combinations(range(VOICES), size)]
    return torch.tensor([[float(voice in voices) for voice in range(VOICES)] for voices in sets])


POWERSET = _powerset()


class _Unread:
    """Stands for what the file of weights holds besides weights: how it was trained."""

    def __init__(self, *_given: Any) -> None: ...


def load_segmentation(folder: Path) -> SegmentationNetwork:
    """The network with the published weights, ready to use; no code in the file is run."""
    notes = [(_Unread, f"pyannote.audio.core.task.{name}") for name in ("Problem", "Resolution", "Specifications")]
    with torch.serialization.safe_globals([*notes, torch.torch_version.TorchVersion]):
        stored = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    network = SegmentationNetwork()
    network.load_state_dict(stored["state_dict"], strict=True)
    return network.eval().requires_grad_(False)
