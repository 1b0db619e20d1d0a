"""What the two Whisper engines have in common: a network that encodes, decodes and aligns batches of windows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from models.weights.catalogue import read_catalogue
from models.weights.installed import fingerprint, locate
from pipeline.errors import WeightsError

if TYPE_CHECKING:
    import torch

FRAMES = 3000
"""Mel frames of a window of 30 s."""

FRAME_S = 0.01
MOST_TOKENS = 224
"""Half of Whisper's context: nobody speaks 224 tokens in 30 s, a loop does."""

TOKEN_S = 0.02
"""Seconds of one position of the encoder's output."""

Encoded = Any
"""The encoder's output for a batch, in the engine's own form."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text tokens of one window, the mean log probability of a token, and the probability of no speech."""

    tokens: tuple[int, ...]
    mean_log_probability: float
    no_speech: float


@dataclass(frozen=True, slots=True)
class Aligned:
    """When each text token begins, seconds in the window, and how probable it was.

    ``starts`` has one more entry than there are tokens: where the last one ends. ``probabilities`` has one per token.
    """

    starts: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How to decode: ``beams`` = 1 is greedy; ``no_repeat`` forbids a run of that many tokens to come twice (0: no)."""

    beams: int = 1
    no_repeat: int = 0


class WhisperNetwork(Protocol):
    """One engine. A batch is a float32 array of log-mel spectrograms, shape (windows, n_mels, 3000).

    On a CPU several threads call it at once, each with a batch of its own, for which it uses one core.
    """

    device: torch.device
    n_mels: int
    n_vocab: int

    def encode(self, mels: np.ndarray) -> Encoded: ...

    def languages(self, encoded: Encoded) -> list[Mapping[str, float]]: ...

    def decode(self, encoded: Encoded, prompt: Sequence[int], options: DecodingOptions) -> list[Decoded]: ...

    def align(
        self, encoded: Encoded, prompt: Sequence[int], tokens: Sequence[Sequence[int]], frames: Sequence[int]
    ) -> list[Aligned]: ...


def whisper_sizes() -> tuple[str, ...]:
    """The sizes that can be asked for by name."""
    return tuple(name.removeprefix("whisper-") for name in read_catalogue() if name.startswith("whisper-"))


def fingerprint_whisper(model: str) -> str:
    """What stands for a Whisper model in a key: the hash of its weights. Raises WeightsError as ``find_whisper``."""
    name = size_named(model)
    if name:
        return f"{name} {fingerprint(f'whisper-{name}')}"
    path = find_whisper(model)
    with (path / "model.bin" if path.is_dir() else path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_named(model: str) -> str:
    """The Whisper size that a name stands for; empty where it is none."""
    name = {"large": "large-v3", "large-v3-turbo": "turbo"}.get(model, model).removeprefix("whisper-")
    return name if name in whisper_sizes() else ""


def find_whisper(model: str) -> Path:
    """The folder or file of a Whisper size, or of a path to a CTranslate2 folder or a ``.pt`` file.

    WeightsError: an unknown name (with the names there are), or weights that have to be pulled first.
    """
    if name := size_named(model):
        return locate(f"whisper-{name}")
    path = Path(model).expanduser()
    if path.exists():
        return path
    raise WeightsError(model, f"neither a Whisper size ({', '.join(whisper_sizes())}) nor a path on this machine")
