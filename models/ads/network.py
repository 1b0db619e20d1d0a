"""The trained ad model: numbers learnt by `train_ads.py`, read back and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import numpy as np

from models.ads.features import join_features, surroundings, word_scores
from models.ads.lexicon import HashedText, Lexicon
from models.ads.trees import Forest
from pipeline.ads.clauses import Unit
from pipeline.ads.copies import repeated_tokens
from pipeline.ads.segments import DecodeSettings
from pipeline.timeline import Word

ARTIFACT = Path(__file__).with_name("ad_model.npz")
FORESTS = ("inside", "starts", "ended")
TREE_CHUNK = 1024  # units walked down the trees at once: bounds the memory of a long episode


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a stretch's score to its chance: a slope for the log-odds, one for the logarithm of seconds, a constant."""

    slope: float = 1.0
    by_length: float = 0.0
    constant: float = 0.0

    def chance(self, score: float, duration_s: float) -> float:
        """The probability that a stretch of this score and length is mostly ad."""
        facts = stretch_facts(score, duration_s)
        return float(1 / (1 + np.exp(-(self.slope * facts[0] + self.by_length * facts[1] + self.constant))))


def stretch_facts(score: float, duration_s: float) -> tuple[float, float]:
    """What the calibration reads of a stretch: the log-odds of its score and the logarithm of its seconds."""
    bounded = min(max(score, 1e-4), 1 - 1e-4)
    return float(np.log(bounded / (1 - bounded))), float(np.log(max(1.0, duration_s)))


@dataclass(frozen=True, slots=True)
class Member:
    """One training of the two steps: the lexicon hears the words, one forest a question judges them in their place."""

    lexicon: Lexicon
    forests: tuple[Forest, Forest, Forest]

    def score(self, text: HashedText, around: np.ndarray) -> np.ndarray:
        """Log-odds of (inside an ad, an ad starts here, an ad has just ended), float64, shape (n, 3)."""
        features = join_features(word_scores(text, self.lexicon), around)
        chunks = [features[n : n + TREE_CHUNK] for n in range(0, len(features), TREE_CHUNK)]
        return np.concatenate([np.stack([f.score(chunk) for f in self.forests], axis=1) for chunk in chunks])


@dataclass(frozen=True, slots=True)
class TrainedAdModel:
    """Words to log-odds, by the mean of several trainings that have met different splices."""

    members: tuple[Member, ...]
    settings: DecodeSettings
    calibration: Calibration = Calibration()

    def score(self, units: Sequence[Unit], words: Sequence[Word]) -> np.ndarray:
        """Log-odds of (inside an ad, an ad starts here, an ad has just ended), float64, shape (n, 3)."""
        if not units:
            return np.zeros((0, len(FORESTS)))
        text, around = HashedText(units, repeated_tokens(units)), surroundings(units, words)
        return np.mean([member.score(text, around) for member in self.members], axis=0)

    def chance(self, score: float, duration_s: float) -> float:
        """The calibrated probability that a stretch of this score and length is an ad."""
        return self.calibration.chance(score, duration_s)

    @classmethod
    def load(cls, path: Path = ARTIFACT) -> TrainedAdModel:
        with np.load(path, allow_pickle=False) as data:
            members = tuple(_read_member(data, f"{n}.") for n in range(int(data["members"])))
            settings = DecodeSettings(*(float(value) for value in data["settings"]))
            return cls(members, settings, Calibration(*(float(value) for value in data["calibration"])))

    def save(self, path: Path) -> None:
        arrays: dict[str, np.ndarray] = {
            "members": np.array(len(self.members)),
            "settings": np.array(list(asdict(self.settings).values()), np.float64),
            "calibration": np.array(astuple(self.calibration)),
        }
        for n, member in enumerate(self.members):
            arrays |= {f"{n}.{name}": array for name, array in _member_arrays(member).items()}
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _member_arrays(member: Member) -> dict[str, np.ndarray]:
    lexicon = member.lexicon
    arrays = {
        "lexicon.rarity": lexicon.rarity.astype(np.float16),
        "lexicon.clause": lexicon.clause.astype(np.float16),
        "lexicon.passage": lexicon.passage.astype(np.float16),
        "lexicon.biases": np.array([lexicon.clause_bias, lexicon.passage_bias]),
    }
    for name, forest in zip(FORESTS, member.forests, strict=True):
        arrays |= {f"{name}.{f.name}": np.asarray(getattr(forest, f.name)) for f in fields(Forest)}
    return arrays


def _read_member(data: Mapping[str, np.ndarray], prefix: str) -> Member:
    rarity, clause, passage = (
        data[f"{prefix}lexicon.{name}"].astype(np.float32) for name in ("rarity", "clause", "passage")
    )
    biases = data[f"{prefix}lexicon.biases"]
    lexicon = Lexicon(rarity, clause, passage, float(biases[0]), float(biases[1]))
    inside, starts, ended = (_read_forest(data, prefix + name) for name in FORESTS)
    return Member(lexicon, (inside, starts, ended))


def _read_forest(data: Mapping[str, np.ndarray], name: str) -> Forest:
    arrays = {f.name: data[f"{name}.{f.name}"] for f in fields(Forest)}
    return Forest(**{**arrays, "base": float(arrays["base"]), "deepest": int(arrays["deepest"])})  # type: ignore[arg-type]
