"""The trained ad model: numbers learnt by `train_ads.py`, read back and applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.ports import SentenceEncoder
from pipeline.stages.ad_lexicon import LEXICON_SIZE, VIEW_SIZE, VIEWS, lexical_features
from pipeline.stages.ad_units import Unit
from pipeline.timeline import Word

ARTIFACT = Path(__file__).parent / "ads" / "ad_model.npz"


@dataclass(frozen=True, slots=True)
class TrainedAdModel:
    """Linear weights over hashed words; ``rarity`` is the inverse document frequency of each feature."""

    weights: np.ndarray
    rarity: np.ndarray
    bias: float
    prior: float
    switch_cost: float

    @classmethod
    def load(cls, path: Path = ARTIFACT) -> TrainedAdModel:
        with np.load(path, allow_pickle=False) as data:
            return cls(
                data["weights"].astype(np.float32), data["rarity"].astype(np.float32),
                float(data["bias"]), float(data["prior"]), float(data["switch_cost"]),
            )  # fmt: skip

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path, weights=self.weights.astype(np.float16), rarity=self.rarity.astype(np.float16),
            bias=self.bias, prior=self.prior, switch_cost=self.switch_cost,
        )  # fmt: skip

    def score(self, units: Sequence[Unit], words: Sequence[Word], encoder: SentenceEncoder | None = None) -> np.ndarray:
        return np.array([self._lexical(row) for row in lexical_features(units)]) - self.prior

    def _lexical(self, row: np.ndarray) -> float:
        values = self.rarity[row]
        lengths = np.sqrt(np.bincount(row // VIEW_SIZE, values**2, minlength=VIEWS))
        return float((values * self.weights[row] / lengths[row // VIEW_SIZE]).sum() + self.bias)


def empty_model() -> TrainedAdModel:
    """A model that knows nothing, for tests."""
    return TrainedAdModel(np.zeros(LEXICON_SIZE, np.float32), np.ones(LEXICON_SIZE, np.float32), -4.0, 0.0, 4.0)
