"""What is trained: one network and one clause model without the shows of a fold, from states kept on disk."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from models.ads.clauses.clause_model import ClauseModel
from models.ads.clauses.forests import ClauseExample, cross_features, fit_forests, fit_lexicon
from models.ads.crops import read_episode
from models.ads.features import Features, read_features
from models.ads.model import CLAUSES, HEAD, WEIGHTS, combine, pack, read_tokenizer, scores_of, unpack
from models.ads.reader import READ_LAYERS, Projection, Reader, fit_projection
from models.ads.training.corpus import Document, read_corpus
from models.ads.training.fitting import Example, fit_network
from models.ads.training.labels import labels_of
from models.ads.training.states import open_states, write_states
from models.ads.training.validation import assign_folds, hold_out_examples
from models.mpnet import Mpnet
from models.weights.installed import locate
from pipeline.ads.finding.segments import WordScores

SHIPPED = -1
"""The fold of the network that is shipped: it learns from every show but the benchmark's."""
SEED = 0
STATES_FILE, PROJECTION_FILE = "states.npy", "projection.npz"
PROJECTED = 60
"""Captions that the projection is fitted on: they are of no show that is judged."""


@dataclass(frozen=True, slots=True)
class Task:
    """One network to train: without the shows of ``fold``, with a ``share`` of the other labelled shows.

    ``work``: the folder with the corpus's states; what was trained is kept there, and a run that was stopped goes on.
    """

    data: Path
    work: Path
    fold: int
    share: float = 1.0

    @property
    def name(self) -> str:
        shows = "every show" if self.fold == SHIPPED else f"fold {self.fold}"
        return shows if self.share == 1.0 else f"{shows}, {self.share:.0%} of the shows"


@dataclass(frozen=True, slots=True)
class Trained:
    """What a task gives: the packed numbers, and the scores of the episodes that it was not shown."""

    learnt: dict[str, np.ndarray]
    scores: dict[str, WordScores]


def train(task: Task) -> Trained:
    """One network and one clause model, in one thread so that the same numbers come out each time."""
    kept = task.work / f"trained{task.fold}-{task.share}.pickle"
    if kept.exists():
        with kept.open("rb") as stored:
            return Trained(*pickle.load(stored))
    torch.set_num_threads(1)
    documents = read_corpus(task.data)
    examples = read_examples(documents, task.work)
    folds = assign_folds(documents)
    shown = share_of_shows(hold_out_examples(examples, folds, task.fold), task.share)
    head = fit_network(shown, seed=SEED, say=lambda line: print(f"{task.name}: {line}", flush=True))
    learnt = pack(head.state_dict())
    head.load_state_dict({key: torch.from_numpy(array) for key, array in unpack(learnt).items()})
    judged = [e for e in examples if folds.get(e.document.show) == task.fold or e.document.source == "bench"]
    clauses = fit_clauses([e.document for e in shown if e.labels.weight.all()], folds)
    scores = {
        e.document.id: combine(
            scores_of(read_episode(head, np.asarray(e.states, np.float32), e.features.side)),
            clauses.score(e.document.words),
        )
        for e in judged
    }
    named = {f"{HEAD}{name}": array for name, array in learnt.items()}
    trained = Trained(named | {f"{CLAUSES}{name}": array for name, array in clauses.arrays().items()}, scores)
    with kept.open("wb") as out:
        pickle.dump((trained.learnt, trained.scores), out)
    return trained


def fit_clauses(documents: Sequence[Document], folds: Mapping[str, int]) -> ClauseModel:
    """The clause model of the labelled episodes and texts, as it is stored; captions have too few marks for it."""
    examples = [ClauseExample(d, folds[d.show]) for d in documents if d.source in ("read", "sentences")]
    fitted = ClauseModel(fit_lexicon(examples), fit_forests(cross_features(examples), examples))
    return ClauseModel.of(fitted.arrays())


def read_examples(documents: Sequence[Document], work: Path) -> list[Example]:
    """The documents as the network learns from them, with the states that ``prepare`` wrote."""
    corpus = read_all(documents)
    states = open_states(corpus, work / STATES_FILE)
    return [
        Example(document, features, labels_of(document), own)
        for document, features, own in zip(documents, corpus, states, strict=True)
    ]


def read_all(documents: Sequence[Document]) -> list[Features]:
    tokenizer = read_tokenizer(locate(WEIGHTS))
    return [read_features(d.words, tokenizer, timed=d.timed and d.source in ("read", "bench")) for d in documents]


def prepare(documents: Sequence[Document], work: Path) -> None:
    """Write the projection and the states of the corpus to the work folder, unless they are there."""
    work.mkdir(parents=True, exist_ok=True)
    if (work / STATES_FILE).exists():
        return
    torch.set_num_threads(1)
    reader, corpus = Reader(Mpnet.load(locate(WEIGHTS), READ_LAYERS[-1])), read_all(documents)
    captions = [f for f, d in zip(corpus, documents, strict=True) if d.source == "captions"]
    projection = fit_projection(captions[:PROJECTED], reader)
    np.savez(work / PROJECTION_FILE, middle=projection.middle, axes=projection.axes)
    part = work / f"{STATES_FILE}.part.npy"
    write_states(corpus, reader, projection, part, say=lambda line: print(line, flush=True))
    part.rename(work / STATES_FILE)


def read_projection(work: Path) -> Projection:
    with np.load(work / PROJECTION_FILE) as stored:
        return Projection(stored["middle"], stored["axes"])


def share_of_shows(examples: Sequence[Example], share: float) -> list[Example]:
    """The examples of a share of the labelled shows, chosen at random once; the texts and captions stay."""
    shows = sorted({e.document.show for e in examples if e.document.source == "read"})
    kept = set(np.random.default_rng(7).permutation(shows)[: round(len(shows) * share)].tolist())
    return [e for e in examples if e.document.source != "read" or e.document.show in kept]
