"""Train the ad model and report how it does on shows it has not seen: `python -m models.ads.training DATA`."""

from __future__ import annotations

import argparse
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
from models.ads.model import ARTIFACT, CLAUSES, TrainedAdModel, combine, pack, read_tokenizer, scores_of, unpack
from models.ads.training.corpus import Document, read_corpus
from models.ads.training.crops import read_episode
from models.ads.training.fitting import Example, fit_network, make_example
from models.ads.training.report import describe
from models.ads.training.validation import FOLDS, HeldOut, Scores, assign_folds, hold_out_examples
from models.weights.installed import locate
from pipeline.ads.finding.segments import WordScores

SHIPPED = -1
"""The fold of the network that is shipped: it learns from every show but the benchmark's."""
CURVE = (0.25, 0.5, 0.75)
CURVE_FOLD = 0
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Task:
    """One network to train: without the shows of ``fold``, with a ``share`` of the other labelled shows."""

    data: Path
    weights: Path
    fold: int
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Trained:
    """What a task gives: the packed numbers, and the scores of the episodes that it was not shown."""

    learnt: dict[str, np.ndarray]
    scores: dict[str, WordScores]


def train(task: Task) -> Trained:
    """One network and one clause model, in one thread so that the same numbers come out each time."""
    from safetensors.torch import load_file

    torch.set_num_threads(1)
    documents = read_corpus(task.data)
    examples = read_examples(documents, task.weights)
    folds = assign_folds(documents)
    shown = share_of_shows(hold_out_examples(examples, folds, task.fold), task.share)
    name = f"fold {task.fold}" if task.fold != SHIPPED else "every show"
    network = fit_network(
        shown, load_file(task.weights / "model.safetensors"), say=lambda line: print(f"{name}: {line}", flush=True)
    )
    learnt = pack(network.learnt())
    stored = {key: torch.from_numpy(array) for key, array in unpack(learnt).items()}
    network.load_state_dict(stored, strict=False)
    judged = [e for e in examples if folds.get(e.document.show) == task.fold or e.document.source == "bench"]
    clauses = fit_clauses([e.document for e in shown if e.labels.weight.all()], folds)
    scores = {
        e.document.id: combine(scores_of(read_episode(network, e.features)), clauses.score(e.document.words))
        for e in judged
    }
    return Trained(learnt | {f"{CLAUSES}{name}": array for name, array in clauses.arrays().items()}, scores)


def fit_clauses(documents: Sequence[Document], folds: Mapping[str, int]) -> ClauseModel:
    """The clause model of the labelled episodes and texts, as it is stored; captions have too few marks for it."""
    examples = [ClauseExample(d, folds[d.show]) for d in documents if d.source in ("read", "sentences")]
    fitted = ClauseModel(fit_lexicon(examples), fit_forests(cross_features(examples), examples))
    return ClauseModel.of(fitted.arrays())


def read_examples(documents: Sequence[Document], weights: Path) -> list[Example]:
    tokenizer = read_tokenizer(weights)

    def features(document: Document) -> Features:
        timed = document.timed and document.source in ("read", "bench")
        return read_features(document.words, tokenizer, timed=timed)

    return [make_example(document, features(document), tokenizer) for document in documents]


def share_of_shows(examples: Sequence[Example], share: float) -> list[Example]:
    """The examples of a share of the labelled shows, chosen at random once; the texts and captions stay."""
    shows = sorted({e.document.show for e in examples if e.document.source == "read"})
    kept = set(np.random.default_rng(7).permutation(shows)[: round(len(shows) * share)].tolist())
    return [e for e in examples if e.document.source != "read" or e.document.show in kept]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with ads-read, ads, ads-text")
    parser.add_argument("--out", type=Path, default=ARTIFACT, help="where to write the model")
    args = parser.parse_args()
    weights = locate("minilm")
    tasks = [Task(args.data, weights, fold) for fold in (SHIPPED, *range(FOLDS))]
    tasks += [Task(args.data, weights, CURVE_FOLD, share) for share in CURVE]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        shipped, *rest = pool.map(train, tasks)
    documents = read_corpus(args.data)
    folds = assign_folds(documents)
    held = HeldOut(*_held(documents, folds, rest[:FOLDS]), folds)
    model = TrainedAdModel(shipped.learnt, held.choose(), held.calibrate(), weights)
    model.save(args.out)
    curve = [HeldOut(*_held(documents, folds, [part]), folds) for part in (*rest[FOLDS:], rest[CURVE_FOLD])]
    bench = tuple(d for d in documents if d.source == "bench")
    outside = {d.id: shipped.scores[d.id] for d in bench}
    print(describe(held, bench, outside, dict(zip((*CURVE, 1.0), curve, strict=True))))
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
