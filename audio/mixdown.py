"""Many channels to one, without losing a voice that stands in opposite phase on two of them.

A plain mean cancels what two channels carry with opposite signs (a cable wired wrong, a "karaoke" effect): the listener
hears it, the network would not. So each channel's sign is set to agree with the loudest one, block by block, and only
where the two are clearly opposed. Weights glide from block to block, so no switch is heard.
"""

from __future__ import annotations

import numpy as np

BLOCK = 4_000  # samples; a quarter second at 16 kHz
OPPOSED = -0.5  # correlation from which two channels count as one sound in opposite phase
OVERDRIVEN = 1.0


class Mixdown:
    """Keeps the last weights between calls, so that a stream may come in pieces of any size."""

    def __init__(self, channels: int) -> None:
        self._weights = np.full(channels, 1 / channels, dtype=np.float32)
        self._started = False

    def mix(self, frames: np.ndarray) -> np.ndarray:
        """Mono of ``frames`` (n, channels) float32: finite, shape (n,), -1..1."""
        if not np.isfinite(frames).all():
            frames = np.where(np.isfinite(frames), frames, np.float32(0))
        if frames.shape[1] == 1:
            return np.asarray(np.clip(frames[:, 0], -OVERDRIVEN, OVERDRIVEN))
        parts = [self._mix_block(frames[at : at + BLOCK]) for at in range(0, len(frames), BLOCK)]
        return np.clip(np.concatenate(parts), -OVERDRIVEN, OVERDRIVEN) if parts else np.empty(0, np.float32)

    def _mix_block(self, block: np.ndarray) -> np.ndarray:
        target = self._agreeing(np.clip(block, -OVERDRIVEN, OVERDRIVEN).astype(np.float64))
        before = target if not self._started else self._weights
        self._started = True
        self._weights = target
        if np.array_equal(before, target):
            return np.asarray(block @ target, dtype=np.float32)
        glide = np.linspace(0, 1, len(block), dtype=np.float32)[:, None]
        return np.asarray((block * (before * (1 - glide) + target * glide)).sum(axis=1), dtype=np.float32)

    def _agreeing(self, block: np.ndarray) -> np.ndarray:
        """One weight a channel, equal in size, negative where the channel opposes the loudest one."""
        energies = (block**2).sum(axis=0)
        loudest = int(np.argmax(energies))
        if not energies[loudest] > 0:
            return self._weights
        scale = np.sqrt(energies * energies[loudest])
        products = block.T @ block[:, loudest]
        correlations = np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)
        signs = np.where(correlations < OPPOSED, -1.0, 1.0)
        if (signs != np.sign(self._weights)).all():
            signs = -signs  # the same choice as before with the other channel in the lead
        return np.asarray(signs / len(signs), dtype=np.float32)
