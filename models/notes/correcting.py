"""Fits the judge of sentences: a linear model on MPNet's states, and what is added to the layers under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils.rnn import pad_sequence

from models.corrections import CorrectedMatrices, name_corrections, pack
from models.fine_tuning import batches_at_random, fine_tune
from models.mpnet import Layer, Published, Weights, cpu_precision, relative_places, run_layers
from models.notes.judge import KEPT, LAYERS, LONGEST_PIECES, WEIGHTS, WIDTH, MpnetReader, TrainedJudge, mean_state
from models.notes.labels import ReadSentence
from models.parallel import undivided
from models.weights.installed import locate

UNCORRECTED_C = 0.001
"""Inverse strength of the L2 penalty: half or twice as much change the AUC on shows left out by less than 0.005."""
RANK = 8
PASSES, BATCH = 2, 32
HEAD_RATE, CORRECTION_RATE, DECAY = 3e-3, 1e-3, 0.02
"""Chosen on one fold of five (386 sentences): with a correction's rate of 3e-4 its AUC is 0.82, not 0.83."""
WARM_STEPS = 30
DROPOUT = 0.3
SEED = 0


@dataclass(frozen=True)
class Marked:
    """A sentence that was read, and how MPNet reads it as published.

    ``pieces``: after KEPT layers, shape (pieces, WIDTH); ``mean``: the mean state after LAYERS layers, shape (WIDTH,).
    """

    label: ReadSentence
    pieces: Tensor
    mean: np.ndarray


def mark(labels: Sequence[ReadSentence]) -> tuple[Marked, ...]:
    """The sentences, read by the network. Raises WeightsError where its weights are not on this machine."""
    texts = [label.text for label in labels]
    means, pieces = MpnetReader().read(texts), MpnetReader(layers=KEPT).read_pieces(texts)
    return tuple(Marked(*parts) for parts in zip(labels, pieces, means, strict=True))


def fit_uncorrected(marked: Sequence[Marked]) -> TrainedJudge:
    """A logistic regression over the network as published, to compare with."""
    states = np.array([sentence.mean for sentence in marked], float)
    kept = [not sentence.label.struck for sentence in marked]
    means, scales = states.mean(0), states.std(0) + 1e-9
    model = LogisticRegression(C=UNCORRECTED_C, max_iter=3000).fit((states - means) / scales, kept)
    slopes = model.coef_[0] / scales
    return TrainedJudge(slopes, float(model.intercept_[0] - slopes @ means), {})


def fit_judge(marked: Sequence[Marked], weights: Weights | None = None) -> TrainedJudge:
    """The judge with its corrections; the same numbers each time on one machine.

    ``weights``: the published ones, of LAYERS layers, by default those that are installed.
    """
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    with undivided(), sdpa_kernel(SDPBackend.MATH):  # a sixth faster backwards than the CPU's own
        learner = Learner(Published(locate(WEIGHTS), LAYERS) if weights is None else weights, marked)
        groups = (
            {"params": [learner.slopes, learner.constant], "rate": HEAD_RATE},
            {"params": list(learner.matrices.parameters()), "rate": CORRECTION_RATE},
        )
        batches = [b for _ in range(PASSES) for b in batches_at_random(marked, _length, rng, size=BATCH)]
        fine_tune(groups, batches, learner.loss, decay=DECAY, warm_steps=WARM_STEPS)
        return learner.judge()


class Learner:
    """The layers above KEPT, which are corrected, and the linear model over their states, scaled."""

    def __init__(self, weights: Weights, marked: Sequence[Marked]) -> None:
        self.matrices = CorrectedMatrices(RANK, beside=True)
        dtype = cpu_precision()
        self.layers = [Layer(weights, number, dtype, self.matrices.make) for number in range(KEPT, LAYERS)]
        self.places = relative_places(weights, LONGEST_PIECES).to(dtype)
        means = np.array([sentence.mean for sentence in marked], float)
        self.mean, self.scale = (torch.from_numpy(part).float() for part in (means.mean(0), means.std(0) + 1e-9))
        self.slopes, self.constant = nn.Parameter(torch.zeros(WIDTH)), nn.Parameter(torch.zeros(()))

    def loss(self, batch: Sequence[Marked]) -> Tensor:
        """Cross-entropy of whether the sentences are kept."""
        present = pad_sequence([torch.ones(len(s.pieces), dtype=torch.bool) for s in batch], batch_first=True)
        pieces = pad_sequence([s.pieces for s in batch], batch_first=True)
        states = mean_state(run_layers(self.layers, pieces, self.places, present), present)
        scaled = functional.dropout((states - self.mean) / self.scale, DROPOUT)
        kept = torch.tensor([float(not s.label.struck) for s in batch])
        return functional.binary_cross_entropy_with_logits(scaled @ self.slopes + self.constant, kept)

    def judge(self) -> TrainedJudge:
        """What has been learnt, as it is stored."""
        weights = (self.slopes.detach() / self.scale).double()
        intercept = float(self.constant.detach().double() - weights @ self.mean.double())
        return TrainedJudge(weights.numpy(), intercept, pack(name_corrections(self.matrices.corrections)))


def _length(sentence: Marked) -> int:
    return len(sentence.pieces)
