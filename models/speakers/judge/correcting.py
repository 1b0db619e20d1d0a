"""Fits the judge of names: what is added to MPNet's layers, and a linear model over the states of hidden names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from models.corrections import CorrectedMatrices, name_corrections, pack
from models.fine_tuning import batches_at_random, fine_tune
from models.mpnet import Layer, Published, Weights, cpu_precision, relative_places
from models.parallel import undivided
from models.speakers.judge.reader import (
    KEPT,
    LAYERS,
    LONGEST,
    MARKS,
    QUESTIONS,
    WEIGHTS,
    WIDTH,
    Marked,
    TrainedNameJudge,
    states_of_names,
)
from models.weights.installed import locate

RANK = 8
PASSES, BATCH = 2, 32
LEFT_IN = 0.35
"""Share of the names of nobody who speaks that each pass learns from: they are four in five of all."""
HEAD_RATE, CORRECTION_RATE, DECAY = 3e-3, 1e-3, 0.02
WARM_STEPS = 30
DROPOUT = 0.2
SCALED_BY = 512
"""Names whose states as published tell by what the linear model's inputs are scaled."""
SEED = 0


def fit_name_judge(
    read: Sequence[Marked], answers: np.ndarray, weights: np.ndarray, published: Weights | None = None
) -> TrainedNameJudge:
    """The judge of names; the same numbers each time on one machine.

    ``answers``: shape (n, QUESTIONS), 1, 0 or -1 (not asked); ``weights``: of each name, shape (n,); ``published``:
    the weights of LAYERS layers, by default those that are installed.
    """
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    asked = (answers == 1).any(axis=1) | (answers[:, 0] < 0)
    with undivided(), sdpa_kernel(SDPBackend.MATH):  # a sixth faster backwards than the CPU's own
        learner = Learner(Published(locate(WEIGHTS), LAYERS) if published is None else published)
        learner.scale_by([read[n] for n in rng.choice(len(read), min(SCALED_BY, len(read)), replace=False)])
        batches: list[list[int]] = []
        for _ in range(PASSES):
            others = rng.permutation(np.flatnonzero(~asked))
            kept = [*np.flatnonzero(asked).tolist(), *others[: int(LEFT_IN * len(others))].tolist()]
            batches += batches_at_random(kept, lambda n: len(read[n].marks), rng, size=BATCH)

        def loss(batch: Sequence[int]) -> Tensor:
            return learner.loss([read[n] for n in batch], answers[list(batch)], weights[list(batch)])

        fine_tune(learner.groups, batches, loss, decay=DECAY, warm_steps=WARM_STEPS)
        return learner.judge()


class Learner:
    """The layers above KEPT, which are corrected, the marks of voices, and the linear model over the states, scaled."""

    def __init__(self, weights: Weights) -> None:
        self.matrices = CorrectedMatrices(RANK, beside=True)
        dtype = cpu_precision()
        self.layers = [Layer(weights, number, dtype, self.matrices.make) for number in range(KEPT, LAYERS)]
        self.places = relative_places(weights, LONGEST).to(dtype)
        self.marks = nn.Parameter(torch.zeros(MARKS, WIDTH))
        self.linear = nn.Linear(WIDTH, QUESTIONS)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.mean, self.scale = torch.zeros(WIDTH), torch.ones(WIDTH)

    @property
    def groups(self) -> tuple[dict[str, object], ...]:
        """What is learnt, and how fast."""
        return (
            {"params": [*self.linear.parameters(), self.marks], "rate": HEAD_RATE},
            {"params": list(self.matrices.parameters()), "rate": CORRECTION_RATE},
        )

    def scale_by(self, read: Sequence[Marked]) -> None:
        """Scales what the linear model reads by these names."""
        with torch.inference_mode():
            states = torch.cat([self._states(read[n : n + BATCH]) for n in range(0, len(read), BATCH)])
        self.mean, self.scale = states.mean(0).clone(), states.std(0).clone() + 1e-6

    def _states(self, read: Sequence[Marked]) -> Tensor:
        return states_of_names(self.layers, self.marks, self.places, read)

    def loss(self, read: Sequence[Marked], answers: np.ndarray, weights: np.ndarray) -> Tensor:
        """Cross-entropy of whose the names are, over the questions that are asked."""
        odds = self.linear(functional.dropout((self._states(read) - self.mean) / self.scale, DROPOUT))
        wanted = torch.from_numpy(answers.clip(0)).float()
        asked = torch.from_numpy((answers >= 0) * weights[:, None]).float()
        entropy = functional.binary_cross_entropy_with_logits(odds, wanted, reduction="none")
        return (entropy * asked).sum() / len(read)

    def judge(self) -> TrainedNameJudge:
        """What has been learnt, as it is stored."""
        weights = (self.linear.weight.detach() / self.scale).numpy()
        constants = self.linear.bias.detach().numpy() - weights @ self.mean.numpy()
        marks = self.marks.detach().numpy().astype(np.float16).astype(np.float32)
        return TrainedNameJudge(weights, constants, marks, pack(name_corrections(self.matrices.corrections)))
