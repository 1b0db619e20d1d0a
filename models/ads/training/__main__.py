"""Train the ad model and report how it does on shows it has not seen: `python -m models.ads.training DATA`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from models.ads.model import ARTIFACT, PROJECTION, TrainedAdModel
from models.ads.training.corpus import Document, read_corpus
from models.ads.training.report import describe
from models.ads.training.tasks import SHIPPED, Task, Trained, prepare, read_projection, train
from models.ads.training.validation import FOLDS, HeldOut, Scores, assign_folds

CURVE = (0.25, 0.5, 0.75)
CURVE_FOLD = 0
PROCESSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with ads-read, ads, ads-text")
    parser.add_argument("--out", type=Path, default=ARTIFACT, help="where to write the model")
    parser.add_argument("--work", type=Path, default=Path("out/train-ads"), help="what is finished is kept here (3 GB)")
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
    projection = read_projection(args.work)
    learnt = shipped.learnt | {f"{PROJECTION}middle": projection.middle, f"{PROJECTION}axes": projection.axes}
    model = TrainedAdModel(learnt, held.choose(), held.calibrate(), None)
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
