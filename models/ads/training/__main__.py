"""Train the ad model without the shows of one fold and judge it on them: `python -m models.ads.training DATA`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.ads.model import ARTIFACT, SECOND, WEIGHTS, Calibration, TrainedAdModel, pack_network, read_second
from models.ads.reader import LAYERS
from models.ads.training.corpus import Document, read_corpus
from models.ads.training.examples import Example, read_examples, shown_examples
from models.ads.training.fitting import fit_network, prepare_device
from models.ads.training.report import describe
from models.ads.training.second import fit_second
from models.ads.training.validation import FOLDS, HeldOut, assign_folds
from models.mpnet import Published
from models.weights.installed import locate
from pipeline.ads.finding.segments import SegmentSettings, WordScores

SEED = 0
SHIPPED_FOLD = 0
"""The shows that the shipped model is judged on; it has not learnt from them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with ads-read, ads, ads-text")
    parser.add_argument("--out", type=Path, default=ARTIFACT, help="where to write the model")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), default=SHIPPED_FOLD, help="the shows to judge by")
    parser.add_argument("--share", type=float, default=1.0, help="learn from this share of the other shows")
    parser.add_argument("--judge", type=Path, help="train nothing: judge this model by the shows it has not seen")
    parser.add_argument("--network", type=Path, help="train no network but this model's second reading")
    args = parser.parse_args()
    documents = read_corpus(args.data)
    folds = assign_folds(documents)
    if args.judge:
        model = TrainedAdModel.load(args.judge)
        held, bench = _scores(model, documents, folds)
        print(describe(held, bench))
        return
    kept = TrainedAdModel.load(args.network) if args.network else None
    fold = kept.fold if kept else args.fold
    shown = shown_examples(read_examples(documents), folds, fold, args.share)
    network = {n: a for n, a in kept.learnt.items() if not n.startswith(SECOND)} if kept else train(shown)
    calls = TrainedAdModel(network, SegmentSettings(), Calibration(), fold).calls
    second = fit_second(shown, calls, read_second(locate(WEIGHTS))).named()
    learnt = network | {f"{SECOND}{name}": array for name, array in second.items()}
    model = TrainedAdModel(learnt, SegmentSettings(), Calibration(), fold)
    held, bench = _scores(model, documents, folds)
    model = TrainedAdModel(learnt, held.choose(), held.calibrate(), fold)
    model.save(args.out)
    print(describe(held, bench))
    print(f"\nWritten to {args.out}: {model.settings}, {model.calibration}")


def train(shown: Sequence[Example]) -> dict[str, np.ndarray]:
    """The numbers of a network that has seen these examples; the same each time on one kind of device."""
    device, dtype = prepare_device()
    weights = {name: tensor.to(device) for name, tensor in Published(locate(WEIGHTS), LAYERS).items()}
    learner = fit_network(shown, weights, dtype, seed=SEED, say=lambda line: print(line, flush=True))
    return pack_network(learner.head.state_dict(), learner.corrections)


def _scores(
    model: TrainedAdModel, documents: tuple[Document, ...], folds: dict[str, int]
) -> tuple[HeldOut, list[tuple[Document, WordScores]]]:
    """What the model says of the shows of its fold, and of the benchmark."""
    judged = tuple(d for d in documents if folds.get(d.show) == model.fold)
    scores = {d.id: model.score(d.words) for d in judged}
    bench = [(d, model.score(d.words)) for d in documents if d.source == "bench"]
    return HeldOut(judged, scores, assign_folds(judged)), bench


if __name__ == "__main__":
    main()
