"""The figures of a leave-one-show-out run, in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.ads.corpus import Document
from models.ads.validation import HeldOut, f_score, word_counts
from pipeline.scores.ads.detection import match_spans
from pipeline.timeline import Span, merge_spans

BANDS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One episode's figures."""

    name: str
    marked: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    f05: float | None
    edges_s: tuple[float, ...]
    lost_s: float
    kept_s: float
    duration_s: float


def row_of(document: Document, found: Sequence[Span]) -> Row:
    counts = match_spans(document.ads, found)
    truth = merge_spans(document.ads)
    right = sum(a.overlap(b) for a in truth for b in found)
    return Row(
        document.id, len(document.ads), len(found), counts.precision, counts.recall, counts.f(1.0), counts.f(0.5),
        counts.edge_errors_s, sum(s.duration for s in found) - right, sum(s.duration for s in truth) - right,
        document.duration,
    )  # fmt: skip


def describe(held: HeldOut, alone: Sequence[HeldOut]) -> str:
    """The table of the model, the spread of its members, and how far its chances can be believed."""
    found = {d.id: held.ads(d) for d in held.documents}
    lines = [*_table(_rows(held.documents, found)), "", *_texts(held.documents, found)]
    for name in ("f05", "f1"):
        means = [_mean_of(_rows(h.documents, {d.id: h.ads(d) for d in h.documents}), name) for h in alone]
        spread = statistics.stdev(means) if len(means) > 1 else 0.0
        label = "F0.5" if name == "f05" else "F1"
        lines.append(f"Each of the {len(alone)} trainings alone: {label} {statistics.fmean(means):.3f} ± {spread:.3f}.")
    return "\n".join([*lines, "", *_calibration(held.chances())])


def _rows(documents: Sequence[Document], found: Mapping[str, Sequence[Span]]) -> list[Row]:
    return [row_of(d, found[d.id]) for d in documents if d.source == "episodes"]


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| episode | ads | found | P | R | F1 | F0.5 | edge, median s | show lost, s/h |"
    yield "|" + "---|" * 9
    for r in rows:
        edge = f"{statistics.median(r.edges_s):.1f}" if r.edges_s else "-"
        figures = " | ".join("-" if v is None else f"{v:.2f}" for v in (r.precision, r.recall, r.f1, r.f05))
        yield f"| {r.name} | {r.marked} | {r.found} | {figures} | {edge} | {r.lost_s * 3600 / r.duration_s:.0f} |"
    means = " | ".join(f"{_mean_of(rows, name):.3f}" for name in ("precision", "recall", "f1", "f05"))
    edges = [edge for r in rows for edge in r.edges_s]
    lost = sum(r.lost_s for r in rows) * 3600 / max(1e-9, sum(r.duration_s for r in rows))
    yield (
        f"| **mean of those with ads** | {sum(r.marked for r in rows)} | {sum(r.found for r in rows)} | {means} | "
        f"{f'{statistics.median(edges):.1f}' if edges else '-'} | {lost:.0f} |"
    )
    yield ""
    yield f"Spans on episodes without ads: {sum(r.found for r in rows if not r.marked)}."


def _mean_of(rows: Sequence[Row], name: str) -> float:
    values = [getattr(r, name) or 0.0 for r in rows if r.marked]
    return statistics.fmean(values) if values else float("nan")


def _texts(documents: Sequence[Document], found: Mapping[str, Sequence[Span]]) -> Iterator[str]:
    texts = [d for d in documents if d.source == "sentences"]
    if texts:
        counts = [word_counts(d, found[d.id]) for d in texts]
        right, claimed, marked = (sum(c[k] for c in counts) for k in range(3))
        yield (
            f"Words of {len(texts)} hand-labelled transcripts, each left out: P {right / max(1, claimed):.3f} "
            f"R {right / max(1, marked):.3f} F1 {f_score(right, claimed, marked):.3f}."
        )


def _calibration(chances: Sequence[tuple[float, bool]]) -> Iterator[str]:
    if not chances:
        return
    brier = statistics.fmean((chance - right) ** 2 for chance, right in chances)
    yield f"Stated chances of {len(chances)} stretches, each calibrated without its show: Brier score {brier:.3f}."
    yield ""
    yield "| chance stated | stretches | mean stated | were ads |"
    yield "|---|---|---|---|"
    for low, high in pairwise(BANDS):
        band = [(c, right) for c, right in chances if low <= c < high or c == high == BANDS[-1]]
        if band:
            stated, were = (statistics.fmean(pair[k] for pair in band) for k in (0, 1))
            yield f"| {low:.1f}-{high:.1f} | {len(band)} | {stated:.2f} | {were:.2f} |"
