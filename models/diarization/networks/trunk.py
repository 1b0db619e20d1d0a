"""CAM++'s costly half, laid out for speed: the network of ``campplus.py``, norms folded into the products beside them.

In ``campplus.py`` as published most time goes into moving values about: normalising them, copying them between
layers, one-tap convolutions that torch has no fast kernel for. Here the front end's channels lie last, every layer
after it is a matrix product over (frames, channels), and a dense block writes into one buffer. In bfloat16, on a CPU
that multiplies in it, a second of sound costs 4 ms of a core instead of 16; in float32 9 ms, with the same values.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.diarization.networks.campplus import CONTEXT_FRAMES, CamPlus

HOP_FRAMES = CONTEXT_FRAMES // 4
"""Frames that share a mask; it is drawn from the ``CONTEXT_FRAMES`` around their beginning."""


class Trunk:
    """Frame-level features of one clip at a time, as ``CamPlus.trunk`` with ``near``."""

    def __init__(self, network: CamPlus, dtype: torch.dtype = torch.float32) -> None:
        layers = network.xvector
        self.dtype, self.device = dtype, layers.dense.linear.weight.device
        self.head = _Head(network.head, dtype)
        first = fuse_conv_bn_eval(layers.tdnn.linear, layers.tdnn.nonlinear.batchnorm)
        # (out, channels x bands, taps) to (out, taps x bands x channels): as the front end leaves its values
        weight = first.weight.unflatten(1, (-1, self.head.bands)).permute(0, 3, 2, 1).flatten(1)
        shift = _scale_and_shift(layers.tdnn.nonlinear.batchnorm)[1]  # the layer has no bias of its own
        self.first = (weight.contiguous().to(dtype), shift.to(dtype))
        self.blocks = [
            (_Block(getattr(layers, f"block{i}"), dtype), _Affine(getattr(layers, f"transit{i}").nonlinear, dtype),
             _matrix(getattr(layers, f"transit{i}").linear, dtype))
            for i in (1, 2, 3)
        ]  # fmt: skip
        self.last = _Affine(layers.out_nonlinear, dtype)

    @torch.inference_mode()
    def __call__(self, bands: Tensor) -> Tensor:
        """Filterbank (frames, 80) to features (ceil(frames / 2), 512) in float32."""
        x = self.head(bands.to(self.device, self.dtype))
        frames, width = x.shape
        padded = functional.pad(x, (0, 0, 2, 2))
        windows = padded.as_strided(((frames + 1) // 2, 5 * width), (2 * width, 1))  # five taps, every second frame
        x = _rectified(functional.linear(windows, *self.first))
        for block, norm, matrix in self.blocks:
            x = functional.linear(norm(block(x)), matrix)
        return self.last(x).float()


class _Head:
    """The front end's residual convolutions, each with its norm, on (1, channels, bands, frames) with channels last."""

    def __init__(self, head: Any, dtype: torch.dtype) -> None:
        def fused(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
            whole: Any = fuse_conv_bn_eval(conv, norm).to(dtype)
            channels_last: nn.Conv2d = whole.to(memory_format=torch.channels_last)
            return channels_last

        self.first, self.last = fused(head.conv1, head.bn1), fused(head.conv2, head.bn2)
        self.residuals = [
            (fused(layer.conv1, layer.bn1), fused(layer.conv2, layer.bn2),
             fused(*layer.shortcut) if len(layer.shortcut) else nn.Identity())
            for layer in (*head.layer1, *head.layer2)
        ]  # fmt: skip
        self.bands = head.width // self.last.out_channels

    def __call__(self, bands: Tensor) -> Tensor:
        """(frames, 80) to (frames, bands x channels)."""
        x = bands.T[None, None].contiguous(memory_format=torch.channels_last)
        x = _rectified(self.first(x))
        for conv1, conv2, shortcut in self.residuals:
            x = _rectified(conv2(_rectified(conv1(x))).add_(shortcut(x)))
        return _rectified(self.last(x))[0].permute(2, 1, 0).flatten(1)


class _Affine:
    """A batch normalisation and its rectifier."""

    def __init__(self, norm: Any, dtype: torch.dtype) -> None:
        scale, shift = _scale_and_shift(norm.batchnorm)
        self.scale, self.shift = scale.to(dtype), shift.to(dtype)

    def __call__(self, x: Tensor) -> Tensor:
        return _rectified(torch.addcmul(self.shift, x, self.scale))


class _Block:
    """A dense block: every layer reads what all before it wrote, and adds its columns to the same buffer."""

    def __init__(self, block: Any, dtype: torch.dtype) -> None:
        self.layers = [_Layer(layer, dtype) for layer in block.children()]

    def __call__(self, x: Tensor) -> Tensor:
        width = x.shape[1]
        growth = self.layers[0].growth
        buffer = x.new_empty(len(x), width + growth * len(self.layers))
        buffer[:, :width] = x
        for layer in self.layers:
            buffer[:, width : width + growth] = layer(buffer[:, :width])
            width += growth
        return buffer


class _Layer:
    """A bottleneck, three taps over time, and the mask of their surroundings."""

    def __init__(self, layer: Any, dtype: torch.dtype) -> None:
        self.norm = _Affine(layer.nonlinear1, dtype)
        scale, shift = _scale_and_shift(layer.nonlinear2.batchnorm)
        self.bottleneck = (layer.linear1.weight[:, :, 0] * scale[:, None]).to(dtype), shift.to(dtype)
        local = layer.cam_layer.linear_local
        self.apart, self.growth = local.dilation[0], local.out_channels
        self.taps = local.weight.permute(0, 2, 1).flatten(1).to(dtype)
        self.narrow, self.wide = (
            ((conv.weight[:, :, 0]).to(dtype), conv.bias.to(dtype))
            for conv in (layer.cam_layer.linear1, layer.cam_layer.linear2)
        )

    def __call__(self, x: Tensor) -> Tensor:
        y = _rectified(functional.linear(self.norm(x), *self.bottleneck))
        padded = functional.pad(y, (0, 0, self.apart, self.apart))
        taps = torch.cat([padded[tap * self.apart : tap * self.apart + len(y)] for tap in range(3)], dim=1)
        members, share = _contexts(len(y), y.dtype, y.device)
        context = ((members @ y).float() * share).to(y.dtype)
        mask = functional.linear(_rectified(functional.linear(context, *self.narrow)), *self.wide).sigmoid_()
        return functional.linear(taps, self.taps) * mask.repeat_interleave(HOP_FRAMES, dim=0)[: len(y)]


@lru_cache(maxsize=16)
def _contexts(frames: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Which frames belong to each context, (contexts, frames) of 0 and 1, and twice the weight of one of them."""
    begins = torch.arange(0, frames + 1, HOP_FRAMES)[:, None]
    frame = torch.arange(frames)
    inside = (frame >= begins - CONTEXT_FRAMES // 2) & (frame < begins + CONTEXT_FRAMES // 2)
    return inside.to(device, dtype), (2 / inside.sum(1, keepdim=True)).to(device)


def _rectified(x: Tensor) -> Tensor:
    """The rectifier, in place. In bfloat16 the numbers below zero are the 16-bit integers below zero, for which torch's
    kernel takes a fifth of the time: 14 instead of 67 us for 750 frames of 512 values, a quarter of the trunk."""
    if x.dtype == torch.bfloat16:
        x.view(torch.int16).clamp_min_(0)
        return x
    return x.relu_()


def _matrix(conv: Any, dtype: torch.dtype) -> Tensor:
    matrix: Tensor = conv.weight[:, :, 0].to(dtype)
    return matrix


def _scale_and_shift(norm: Any) -> tuple[Tensor, Tensor]:
    scale = (norm.running_var + norm.eps).rsqrt()
    if norm.affine:
        scale = scale * norm.weight
    shift = -norm.running_mean * scale
    return scale, shift + norm.bias if norm.affine else shift
