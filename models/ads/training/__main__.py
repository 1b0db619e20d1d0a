"""Train the ad model and report how it does on shows it has not seen: `python -m models.ads.training DATA`."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from models.ads.clauses.clause_model import ClauseModel
from models.ads.clauses.forests import ClauseExample, cross_features, fit_forests, fit_lexicon
from models.ads.features import Features, read_features
from models.ads.model import (
    ARTIFACT,
    CLAUSES,
    WEIGHTS,
    TrainedAdModel,
    combine,
    pack,
    published_network,
    read_tokenizer,
    scores_of,
    unpack,
)
from models.ads.training.corpus import Document, read_corpus
from models.ads.training.crops import read_episode
from models.ads.training.fitting import Example, fit_network
from models.ads.training.labels import labels_of
from models.ads.training.report import describe
from models.ads.training.states import open_states, write_states
from models.ads.training.validation import FOLDS, HeldOut, Scores, assign_folds, hold_out_examples
from models.weights.installed import locate
from pipeline.ads.finding.segments import WordScores

SHIPPED = -1
"""The fold of the network that is shipped: it learns from every show but the benchmark's."""
CURVE = (0.25, 0.5, 0.75)
CURVE_FOLD = 0
PROCESSES = 2
SEED = 0
STATES_FILE = "states.npy"


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
    torch.manual_seed(SEED)
    network = fit_network(
        shown,
        published_network(locate(WEIGHTS)),
        seed=SEED,
        say=lambda line: print(f"{task.name}: {line}", flush=True),
    )
    learnt = pack(network.learnt())
    restored = {key: torch.from_numpy(array) for key, array in unpack(learnt).items()}
    network.load_state_dict(restored, strict=False)
    judged = [e for e in examples if folds.get(e.document.show) == task.fold or e.document.source == "bench"]
    clauses = fit_clauses([e.document for e in shown if e.labels.weight.all()], folds)
    scores = {
        e.document.id: combine(scores_of(read_episode(network, e.features)), clauses.score(e.document.words))
        for e in judged
    }
    trained = Trained(learnt | {f"{CLAUSES}{name}": array for name, array in clauses.arrays().items()}, scores)
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
    """Write the states of the corpus to the work folder, unless they are there."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / STATES_FILE).exists():
        network = published_network(locate(WEIGHTS))
        part = work / f"{STATES_FILE}.part.npy"
        write_states(read_all(documents), network, part, say=lambda line: print(line, flush=True))
        part.rename(work / STATES_FILE)


def share_of_shows(examples: Sequence[Example], share: float) -> list[Example]:
    """The examples of a share of the labelled shows, chosen at random once; the texts and captions stay."""
    shows = sorted({e.document.show for e in examples if e.document.source == "read"})
    kept = set(np.random.default_rng(7).permutation(shows)[: round(len(shows) * share)].tolist())
    return [e for e in examples if e.document.source != "read" or e.document.show in kept]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with ads-read, ads, ads-text")
    parser.add_argument("--out", type=Path, default=ARTIFACT, help="where to write the model")
    parser.add_argument("--work", type=Path, default=Path("out/train-ads"), help="what is finished is kept here (7 GB)")
    parser.add_argument("--folds", type=int, nargs="*", default=range(FOLDS), help="judge by these folds only")
    parser.add_argument("--no-curve", action="store_true", help="leave the learning curve out")
    args = parser.parse_args()
    documents = read_corpus(args.data)
    prepare(documents, args.work)
    shares = () if args.no_curve or CURVE_FOLD not in args.folds else CURVE
    tasks = [Task(args.data, args.work, fold) for fold in (SHIPPED, *args.folds)]
    tasks += [Task(args.data, args.work, CURVE_FOLD, share) for share in shares]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        shipped, *rest = pool.map(train, tasks)
    judged, curved = rest[: len(args.folds)], rest[len(args.folds) :]
    folds = assign_folds(documents)
    held = HeldOut(*_held(documents, folds, judged), folds)
    model = TrainedAdModel(shipped.learnt, held.choose(), held.calibrate(), None)
    model.save(args.out)
    curve = {}
    if shares:
        parts = (*curved, judged[list(args.folds).index(CURVE_FOLD)])
        for share, part in zip((*shares, 1.0), parts, strict=True):
            curve[share] = HeldOut(*_held(documents, folds, [part]), folds)
    bench = tuple(d for d in documents if d.source == "bench")
    outside = {d.id: shipped.scores[d.id] for d in bench}
    print(describe(held, bench, outside, curve))
    print(f"\nWritten to {args.out}: {model.settings}, {model.calibration}")


def _held(
    documents: Sequence[Document], folds: Mapping[str, int], parts: Sequence[Trained]
) -> tuple[tuple[Document, ...], Scores]:
    """The documents that these networks were not shown, with their scores."""
    scores = {name: found for part in parts for name, found in part.scores.items()}
    judged = tuple(d for d in documents if d.show in folds and d.id in scores)
    return judged, {d.id: scores[d.id] for d in judged}


if __name__ == "__main__":
    main()
