"""Train the ad model and report how it does on shows it has not seen: `python -m models.ads.training DATA --report`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from models.ads.corpus import Document, read_episodes, read_sentences
from models.ads.network import ARTIFACT, TrainedAdModel
from models.ads.report import describe
from models.ads.splices import written_copy
from models.ads.validation import MEMBERS, Folds, HeldOut, fit_member, make_examples, score_held_out

SENTENCES = "podcast-sentences.jsonl.gz"


def read_documents(data: Path) -> tuple[Document, ...]:
    """Everything under ``data`` that the shipped model is trained on."""
    return (*read_episodes(data / "ads"), *read_sentences(data / "ads-text" / SENTENCES))


def hold_out(documents: tuple[Document, ...], members: int) -> tuple[HeldOut, tuple[HeldOut, ...]]:
    """The documents scored without their shows: by the mean of the members, and by each member alone."""
    folds, copy = Folds.of(documents), written_copy()
    runs = [score_held_out(make_examples(documents, copy, folds, member=n), folds) for n in range(members)]
    mean = {d.id: np.mean([run[d.id] for run in runs], axis=0) for d in documents}
    return HeldOut(documents, mean), tuple(HeldOut(documents, run) for run in runs)


def train(documents: tuple[Document, ...], held: HeldOut, members: int) -> TrainedAdModel:
    """The model of all documents, with settings and calibration from what was held out."""
    folds, copy = Folds.of(documents), written_copy()
    fitted = tuple(fit_member(make_examples(documents, copy, folds, member=n)) for n in range(members))
    return TrainedAdModel(fitted, held.choose(), held.calibrate())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help=f"a folder with ads/*.json and ads-text/{SENTENCES}")
    parser.add_argument("--out", type=Path, default=ARTIFACT, help="where to write the model")
    parser.add_argument("--report", action="store_true", help="only print the leave-one-show-out tables")
    parser.add_argument("--members", type=int, default=MEMBERS, help="trainings to take the mean of")
    args = parser.parse_args()
    documents = read_documents(args.data)
    held, alone = hold_out(documents, args.members)
    print(describe(held, alone), flush=True)
    if not args.report:
        model = train(documents, held, args.members)
        model.save(args.out)
        print(f"\nWritten to {args.out}: {model.settings}, {model.calibration}")


if __name__ == "__main__":
    main()
