"""The trained ad model: numbers learnt by `training.py`, read back and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.ads.clauses.clause_model import ClauseModel
from models.ads.features import read_features
from pipeline.ads.finding.segments import KINDS, LOGIT_CAP, PAID, UNPAID, SegmentSettings, WordScores, log_sum
from pipeline.timeline import Word

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from models.ads.network import Head
    from models.ads.reader import Projection, Reader

ARTIFACT = Path(__file__).parent / "ad_network.npz"
WEIGHTS = "mpnet"
CLAUSES, HEAD, PROJECTION = "clauses.", "head.", "projection."
"""What the names of the clause model's, the network's and the projection's arrays begin with in the artifact."""
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
    """Words to scores by two readers: the network on MPNet's layers from the weights folder, and the clause model."""

    def __init__(
        self, learnt: Mapping[str, np.ndarray], settings: SegmentSettings, calibration: Calibration, folder: Path | None
    ) -> None:
        self.learnt = dict(learnt)
        self.settings = settings
        self.calibration = calibration
        self._folder = folder

    def score(self, words: Sequence[Word]) -> WordScores:
        """What the network says of each word. WeightsError: MPNet's weights are not here."""
        from models.ads.crops import read_episode
        from models.parallel import undivided

        if not words:
            return scores_of(np.zeros((0, len(KINDS) + 2)))
        features = read_features(words, self._tokenizer)
        with undivided():
            read = scores_of(read_episode(self._network, self._reader.read(features, self._projection), features.side))
        return combine(read, self._clauses.score(words))

    def chance(self, score: float, words: int) -> float:
        """The calibrated probability that a segment of this score and length is an ad."""
        return self.calibration.chance(score, words)

    @cached_property
    def folder(self) -> Path:
        if self._folder is not None:
            return self._folder
        from models.weights.installed import locate

        return locate(WEIGHTS)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return read_tokenizer(self.folder)

    @cached_property
    def _clauses(self) -> ClauseModel:
        stored = {n.removeprefix(CLAUSES): array for n, array in self.learnt.items() if n.startswith(CLAUSES)}
        return ClauseModel.of(stored)

    @cached_property
    def _projection(self) -> Projection:
        from models.ads.reader import Projection

        return Projection(self.learnt[f"{PROJECTION}middle"], self.learnt[f"{PROJECTION}axes"])

    @cached_property
    def _reader(self) -> Reader:
        from models.ads.reader import READ_LAYERS, Reader
        from models.mpnet import Mpnet

        return Reader(Mpnet.load(self.folder, READ_LAYERS[-1]))

    @cached_property
    def _network(self) -> Head:
        import torch

        from models.ads.network import Head

        head = Head()
        stored = {n.removeprefix(HEAD): array for n, array in self.learnt.items() if n.startswith(HEAD)}
        head.load_state_dict({name: torch.from_numpy(array) for name, array in unpack(stored).items()})
        return head.eval()

    @classmethod
    def load(cls, path: Path = ARTIFACT, *, folder: Path | None = None) -> TrainedAdModel:
        """The model in the repository; ``folder`` holds MPNet's weights, by default where they are kept."""
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


def combine(read: WordScores, clauses: np.ndarray) -> WordScores:
    """The mean of both readers' log-odds of paid ads and of their edges; of which kind, the network alone says.

    ``clauses``: log-odds of (inside, starts, ends), shape (n, 3).
    """
    odds = (np.clip(read.paid, -LOGIT_CAP, LOGIT_CAP) + np.clip(clauses[:, 0], -LOGIT_CAP, LOGIT_CAP)) / 2
    kinds = read.kinds.copy()
    for group, log_share in ((PAID, -np.logaddexp(0.0, -odds)), (UNPAID, -np.logaddexp(0.0, odds))):
        kinds[:, group] += (log_share - log_sum(read.kinds[:, group]))[:, None]
    return WordScores(kinds, (read.starts + clauses[:, 1]) / 2, (read.ends + clauses[:, 2]) / 2)


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
