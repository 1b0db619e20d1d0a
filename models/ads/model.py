"""The trained ad model: numbers learnt by `training.py`, read back and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.ads.features import read_features
from pipeline.ads.segments import KINDS, SegmentSettings, WordScores
from pipeline.timeline import Word

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from models.ads.network import AdNetwork

ARTIFACT = Path(__file__).parent / "ad_network.npz"
LEVELS = 127
"""Matrices are stored as whole numbers up to this, each row with a scale of its own."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a segment's score to its chance: a slope for the log-odds, one for the logarithm of words, a constant."""

    slope: float = 1.0
    by_length: float = 0.0
    constant: float = 0.0

    def chance(self, score: float, words: int) -> float:
        """The probability that a segment of this score and length is mostly a paid ad (Platt 1999)."""
        facts = segment_facts(score, words)
        return float(1 / (1 + np.exp(-(self.slope * facts[0] + self.by_length * facts[1] + self.constant))))


def segment_facts(score: float, words: int) -> tuple[float, float]:
    """What the calibration reads of a segment: the log-odds of its score and the logarithm of its words."""
    bounded = min(max(score, 1e-4), 1 - 1e-4)
    return float(np.log(bounded / (1 - bounded))), float(np.log(max(1, words)))


class TrainedAdModel:
    """Words to scores: the layers of MiniLM from the weights folder, and what was learnt on top of them."""

    def __init__(
        self, learnt: Mapping[str, np.ndarray], settings: SegmentSettings, calibration: Calibration, folder: Path | None
    ) -> None:
        self.learnt = dict(learnt)
        self.settings = settings
        self.calibration = calibration
        self._folder = folder

    def score(self, words: Sequence[Word]) -> WordScores:
        """What the network says of each word. ModelMissing: MiniLM's weights are not here."""
        from models.ads.crops import read_episode

        if not words:
            return scores_of(np.zeros((0, len(KINDS) + 2)))
        return scores_of(read_episode(self._network, read_features(words, self._tokenizer)))

    def chance(self, score: float, words: int) -> float:
        """The calibrated probability that a segment of this score and length is an ad."""
        return self.calibration.chance(score, words)

    @cached_property
    def folder(self) -> Path:
        if self._folder is not None:
            return self._folder
        from models.weights.installed import locate

        return locate("minilm")

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return read_tokenizer(self.folder)

    @cached_property
    def _network(self) -> AdNetwork:
        import torch

        network = published_network(self.folder)
        missing, unknown = network.load_state_dict(
            {name: torch.from_numpy(array) for name, array in unpack(self.learnt).items()}, strict=False
        )
        if unknown or any(name.startswith(("tuned.", "head.")) for name in missing):
            raise ValueError(f"the ad model does not fit its network: {[*unknown, *missing][:3]}")
        return network.eval()

    @classmethod
    def load(cls, path: Path = ARTIFACT, *, folder: Path | None = None) -> TrainedAdModel:
        """The model in the repository; ``folder`` holds MiniLM's weights, by default where they are kept."""
        with np.load(path, allow_pickle=False) as data:
            learnt = {name: data[name] for name in data.files if name not in ("settings", "calibration")}
            settings = SegmentSettings(*(float(value) for value in data["settings"]))
            return cls(learnt, settings, Calibration(*(float(value) for value in data["calibration"])), folder)

    def save(self, path: Path) -> None:
        own = {"settings": np.array(astuple(self.settings)), "calibration": np.array(astuple(self.calibration))}
        np.savez_compressed(path, **own, **self.learnt)  # type: ignore[arg-type]


def scores_of(logits: np.ndarray) -> WordScores:
    """The network's logits, shape (words, 8), as probabilities of kinds and log-odds of edges."""
    kinds = logits[:, : len(KINDS)].astype(np.float64)
    kinds = kinds - np.logaddexp.reduce(kinds, axis=1)[:, None] if len(kinds) else kinds
    return WordScores(kinds, logits[:, len(KINDS)], logits[:, len(KINDS) + 1])


def published_network(folder: Path) -> AdNetwork:
    """The network with MiniLM's published weights and an untrained head."""
    from safetensors.torch import load_file

    from models.ads.network import AdNetwork

    return AdNetwork(load_file(folder / "model.safetensors"))


def read_tokenizer(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def pack(learnt: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Tensors as stored: matrices in eight bits with a scale for each row, the rest in half precision."""
    packed: dict[str, np.ndarray] = {}
    for name, tensor in learnt.items():
        array = tensor.detach().numpy().astype(np.float32)
        if array.ndim < 2:
            packed[name] = array.astype(np.float16)
            continue
        rows = array.reshape(len(array), -1)
        scale = (np.abs(rows).max(1) / LEVELS).clip(1e-8).astype(np.float32)
        packed[name] = np.round(array / scale.reshape(-1, *[1] * (array.ndim - 1))).astype(np.int8)
        packed[f"{name}:scale"] = scale
    return packed


def unpack(packed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `pack` stored, in single precision.

    >>> import torch
    >>> bool(np.abs(unpack(pack({"w": torch.tensor([[1.0, -0.5]])}))["w"] - [[1.0, -0.5]]).max() < 0.005)
    True
    """
    arrays: dict[str, np.ndarray] = {}
    for name, array in packed.items():
        if name.endswith(":scale"):
            continue
        whole = array.astype(np.float32)
        if f"{name}:scale" in packed:
            whole *= packed[f"{name}:scale"].reshape(-1, *[1] * (array.ndim - 1))
        arrays[name] = whole
    return arrays
