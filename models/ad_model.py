"""The trained ad model: numbers learnt by `train_ads.py`, read back and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from pipeline.stages.ad_decode import DecodeSettings
from pipeline.stages.ad_features import unit_features
from pipeline.stages.ad_lexicon import Lexicon
from pipeline.stages.ad_trees import Forest
from pipeline.stages.ad_units import Unit
from pipeline.timeline import Word

ARTIFACT = Path(__file__).parent / "ads" / "ad_model.npz"
FORESTS = ("inside", "starts", "ended")
TREE_CHUNK = 1024  # units walked down the trees at once: bounds the memory of a long episode


@dataclass(frozen=True, slots=True)
class TrainedAdModel:
    """Words to log-odds: the lexicon hears the words, one forest a question judges them in their place.

    ``calibration``: slope of the log-odds of a stretch's score, of the logarithm of its seconds, and a constant.
    """

    lexicon: Lexicon
    forests: tuple[Forest, Forest, Forest]
    settings: DecodeSettings
    calibration: tuple[float, float, float] = (1.0, 0.0, 0.0)

    def score(self, units: Sequence[Unit], words: Sequence[Word]) -> np.ndarray:
        """Log-odds of (inside an ad, an ad starts here, an ad has just ended), float64, shape (n, 3)."""
        if not units:
            return np.zeros((0, len(FORESTS)))
        features = unit_features(units, words, self.lexicon)
        chunks = [features[n : n + TREE_CHUNK] for n in range(0, len(features), TREE_CHUNK)]
        return np.concatenate([np.stack([f.score(chunk) for f in self.forests], axis=1) for chunk in chunks])

    def chance(self, score: float, duration_s: float) -> float:
        """The calibrated probability that a stretch of this score and length is an ad."""
        slope, by_length, constant = self.calibration
        bounded = min(max(score, 1e-4), 1 - 1e-4)
        log_odds = slope * np.log(bounded / (1 - bounded)) + by_length * np.log(max(1.0, duration_s)) + constant
        return float(1 / (1 + np.exp(-log_odds)))

    @classmethod
    def load(cls, path: Path = ARTIFACT) -> TrainedAdModel:
        with np.load(path, allow_pickle=False) as data:
            lexicon = Lexicon(
                *(data[f"lexicon.{name}"].astype(np.float32) for name in ("rarity", "clause", "passage")),
                *(float(bias) for bias in data["lexicon.biases"]),
            )
            forests = tuple(_read_forest(data, name) for name in FORESTS)
            settings = DecodeSettings(*(float(value) for value in data["settings"]))
            slope, by_length, constant = (float(value) for value in data["calibration"])
            return cls(lexicon, (forests[0], forests[1], forests[2]), settings, (slope, by_length, constant))

    def save(self, path: Path) -> None:
        lexicon = self.lexicon
        arrays = {
            "lexicon.rarity": lexicon.rarity.astype(np.float16),
            "lexicon.clause": lexicon.clause.astype(np.float16),
            "lexicon.passage": lexicon.passage.astype(np.float16),
            "lexicon.biases": np.array([lexicon.clause_bias, lexicon.passage_bias]),
            "settings": np.array(list(asdict(self.settings).values()), np.float64),
            "calibration": np.array(self.calibration),
        }
        for name, forest in zip(FORESTS, self.forests, strict=True):
            arrays |= {f"{name}.{f.name}": np.asarray(getattr(forest, f.name)) for f in fields(Forest)}
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _read_forest(data: Mapping[str, np.ndarray], name: str) -> Forest:
    arrays = {f.name: data[f"{name}.{f.name}"] for f in fields(Forest)}
    return Forest(**{**arrays, "base": float(arrays["base"]), "deepest": int(arrays["deepest"])})  # type: ignore[arg-type]
