"""Train the ad model and report how it does on shows it has not seen: `python -m models.train_ads DATA --report`."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.ad_corpus import Document, read_episodes, read_sentences
from models.ad_model import ARTIFACT
from models.ad_splices import written_copy
from models.ad_validation import (
    Folds,
    Trials,
    calibrate,
    fit_model,
    make_examples,
    row_of,
    score_held_out,
    unit_f1,
)
from pipeline.stages.ad_decode import decode
from pipeline.stages.ad_units import spoken_units
from pipeline.timeline import Span

SENTENCES = "podcast-sentences.jsonl.gz"


def read_documents(data: Path) -> list[Document]:
    """Everything under ``data`` that the shipped model is trained on."""
    return [*read_episodes(data / "ads"), *read_sentences(data / "ads-text" / SENTENCES)]


def held_out_ads(
    documents: Sequence[Document], scores: Mapping[str, np.ndarray], trials: Trials
) -> dict[str, list[Span]]:
    """The ads found in each document, with settings chosen without its show."""
    return {
        d.id: list(decode(spoken_units(d.words)[0], scores[d.id], trials.choose(without_show=d.show)))
        for d in documents
    }


def print_report(documents: Sequence[Document], found: Mapping[str, Sequence[Span]]) -> str:
    """The leave-one-show-out table, in Markdown."""
    episodes = [d for d in documents if d.source == "episodes"]
    rows = [row_of(d, found[d.id]) for d in episodes]
    lines = ["| episode | ads | found | P | R | F1 | F0.5 | edge, median s | show lost, s/h |", "|" + "---|" * 9]
    lines += [
        f"| {r.name} | {r.marked} | {r.found} | {_two(r.precision)} | {_two(r.recall)} | {_two(r.f1)} | {_two(r.f05)} "
        f"| {statistics.median(r.edges_s) if r.edges_s else float('nan'):.1f} | {r.lost_s * 3600 / r.duration_s:.0f} |"
        for r in rows
    ]
    with_ads = [r for r in rows if r.marked]
    edges = [edge for r in rows for edge in r.edges_s]
    lost = sum(r.lost_s for r in rows) * 3600 / sum(r.duration_s for r in rows)
    means = [_mean([getattr(r, name) for r in with_ads]) for name in ("precision", "recall", "f1", "f05")]
    lines.append(
        f"| **mean of those with ads** | {sum(r.marked for r in rows)} | {sum(r.found for r in rows)} | "
        + " | ".join(f"{mean:.3f}" for mean in means)
        + f" | {statistics.median(edges) if edges else float('nan'):.1f} | {lost:.0f} |"
    )
    lines.append("")
    lines.append(f"Spans on episodes without ads: {sum(r.found for r in rows if not r.marked)}.")
    texts = [d for d in documents if d.source == "sentences"]
    if texts:
        precision, recall, f1 = unit_f1(texts, found)
        lines.append(
            f"Words of {len(texts)} hand-labelled transcripts, each left out: "
            f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f}."
        )
    return "\n".join(lines)


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _mean(values: Sequence[float | None]) -> float:
    return statistics.fmean(value or 0.0 for value in values) if values else float("nan")


def main() -> None:
    import sklearn.ensemble  # noqa: F401  (before the limit, which binds the thread pools that are already loaded)
    from threadpoolctl import threadpool_limits

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help=f"a folder with ads/*.json and ads-text/{SENTENCES}")
    parser.add_argument("--out", type=Path, default=ARTIFACT, help="where to write the model")
    parser.add_argument("--report", action="store_true", help="only print the leave-one-show-out table")
    args = parser.parse_args()
    documents = read_documents(args.data)
    with threadpool_limits(1):  # the fits are many and small: threads wait for each other longer than they work
        examples = make_examples(documents, written_copy(), folds := Folds.of(documents))
        scores = score_held_out(examples, folds)
        trials = Trials.of(documents, scores)
        print(print_report(documents, held_out_ads(documents, scores, trials)))
        if not args.report:
            settings = trials.choose()
            calibration = calibrate(documents, scores, settings)
            model = replace(fit_model(examples), settings=settings, calibration=calibration)
            model.save(args.out)
            print(f"\nWritten to {args.out}: {settings}, calibration {calibration}")


if __name__ == "__main__":
    main()
