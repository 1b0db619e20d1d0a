"""The trained ad model: numbers learnt by `training.py`, read back and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.ads.features import Features, read_features
from models.encoder import read_tokenizer
from pipeline.ads.finding.segments import KINDS, SegmentSettings, WordScores, nothing_read
from pipeline.timeline import Word

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from torch import Tensor

    from models.ads.network import Head
    from models.ads.reader import Reader
    from models.ads.second import SecondNumbers, SecondReader
    from models.corrections import Correction
    from models.mpnet import Embedding

ARTIFACT = Path(__file__).parent / "ad_network.npz"
WEIGHTS = "mpnet"
HEAD, SECOND = "head.", "second."
"""What the names of the arrays of the head and the second reading begin with in the artifact."""


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
    """Words to scores by MPNet, corrected for ads, and a head.

    ``fold``: the labelled shows it has not learnt from (`training/validation.py`); ``folder`` holds MPNet's weights.
    """

    def __init__(
        self,
        learnt: Mapping[str, np.ndarray],
        settings: SegmentSettings,
        calibration: Calibration,
        fold: int,
        folder: Path | None = None,
    ) -> None:
        self.learnt = dict(learnt)
        self.settings = settings
        self.calibration = calibration
        self.fold = fold
        self._folder = folder

    def score(self, words: Sequence[Word]) -> WordScores:
        """What the network says of each word. WeightsError: MPNet's weights are not here."""
        from models.parallel import undivided

        if not words:
            return scores_of(np.zeros((0, len(KINDS) + 2)))
        features = read_features(words, self._tokenizer)
        with undivided():
            scores = self._read(features)
            return replace(scores, second=self._second.read(features, scores.call, self._numbers))

    def load_networks(self) -> None:
        """Load what the first episode would load. WeightsError: MPNet's weights are not here."""
        _ = self._tokenizer, self._network, self._second

    def calls(self, features: Features) -> np.ndarray:
        """The chance of each word to belong to an ad, a call or credits, by the network alone; shape (words,)."""
        return self._read(features).call

    def _read(self, features: Features) -> WordScores:
        from models.ads.crops import read_episode

        reader, head = self._network
        states = reader.read(features)
        scores = scores_of(read_episode(head, states, features.side))
        again = reader.read_borders(features, states, scores.call)
        return scores if again is states else scores_of(read_episode(head, again, features.side))

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
    def _network(self) -> tuple[Reader, Head]:
        from models.ads.reader import LAYERS
        from models.mpnet import Published, cpu_precision, published_embedding
        from models.parallel import return_memory, undivided

        with undivided():
            dtype = cpu_precision()
            embedding = published_embedding(self.folder, dtype)
            network = merge(self.learnt, Published(self.folder, LAYERS), dtype, embedding)
        return_memory()
        return network

    @cached_property
    def _second(self) -> SecondReader:
        return read_second(self.folder)

    @cached_property
    def _numbers(self) -> SecondNumbers:
        from models.ads.second import SecondNumbers

        return SecondNumbers(**{n.removeprefix(SECOND): a for n, a in self.learnt.items() if n.startswith(SECOND)})

    @classmethod
    def load(cls, path: Path = ARTIFACT, *, folder: Path | None = None) -> TrainedAdModel:
        """The model in the repository; ``folder`` holds MPNet's weights, by default where they are kept."""
        from models.corrections import CORRECTION

        with np.load(path, allow_pickle=False) as data:
            learnt = {name: data[name] for name in data.files if name.startswith((HEAD, CORRECTION, SECOND))}
            settings = SegmentSettings(*(float(value) for value in data["settings"]))
            calibration = Calibration(*(float(value) for value in data["calibration"]))
            return cls(learnt, settings, calibration, int(data["fold"]), folder)

    def save(self, path: Path) -> None:
        own = {
            "settings": np.array(astuple(self.settings)),
            "calibration": np.array(astuple(self.calibration)),
            "fold": np.array(self.fold),
        }
        np.savez_compressed(path, **own, **self.learnt)  # type: ignore[arg-type]


def scores_of(logits: np.ndarray) -> WordScores:
    """The network's logits, shape (words, 8), as probabilities of kinds and log-odds of edges; nothing read twice."""
    kinds = logits[:, : len(KINDS)].astype(np.float64)
    kinds = kinds - np.logaddexp.reduce(kinds, axis=1)[:, None] if len(kinds) else kinds
    return WordScores(kinds, logits[:, len(KINDS)], logits[:, len(KINDS) + 1], nothing_read(len(kinds)))


def read_second(folder: Path) -> SecondReader:
    """The reader of calls, on MPNet's weights."""
    from models.ads.second import LAYERS, SecondReader
    from models.mpnet import LONGEST, Mpnet

    return SecondReader(Mpnet.load(folder, LAYERS, LONGEST))


def pack_network(head: Mapping[str, Tensor], corrections: Mapping[str, Correction]) -> dict[str, np.ndarray]:
    """A head's tensors and the corrections of MPNet's matrices, by their published names, as stored."""
    from models.corrections import name_corrections, pack

    return pack({f"{HEAD}{name}": tensor.cpu() for name, tensor in head.items()} | name_corrections(corrections))


def merge(
    learnt: Mapping[str, np.ndarray],
    weights: Mapping[str, Tensor],
    dtype: torch.dtype,
    embedding: Embedding | None = None,
) -> tuple[Reader, Head]:
    """MPNet with what is stored added to its matrices, and the head, where the weights are.

    ``embedding``: as another network has it, to share it.
    """
    import torch

    from models.ads.network import Head
    from models.ads.reader import LAYERS, WINDOW, Reader
    from models.corrections import Corrected, unpack
    from models.mpnet import Mpnet

    device = next(iter(weights.values())).device
    tensors = {name: torch.from_numpy(array).to(device) for name, array in unpack(learnt).items()}
    head = Head().to(device)
    head.load_state_dict({n.removeprefix(HEAD): tensor for n, tensor in tensors.items() if n.startswith(HEAD)})
    return Reader(Mpnet(Corrected(weights, tensors), LAYERS, dtype, WINDOW, embedding=embedding)), head.eval()
