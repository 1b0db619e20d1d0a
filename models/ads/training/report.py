"""The figures of a held-out run, in Markdown: the tables of docs/ads.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from models.ads.training.corpus import OWN, PAID, Document
from models.ads.training.scoring import EpisodeScore, score_episode
from models.ads.training.validation import HeldOut, HeldOutModel, cut_ads, share_of, spoken_scores
from pipeline.ads.finding.announced import LEAST_ODDS, announced_ads, announcements, call_odds
from pipeline.ads.finding.find import CUT_CHANCE, find_ads
from pipeline.ads.finding.overlooked import overlooked_ads
from pipeline.ads.finding.segments import WordScores, divide, find_segments, is_spoken, nothing_read
from pipeline.result import AdSpan
from pipeline.timeline import Span

SET_ASIDE = Path(__file__).parent.parent / "set_aside.txt"
BANDS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
COLUMNS = ("F0.5", "F1", "precision", "recall", "word P", "word R", "word F1", "show lost, s/h", "spans where no ad is")
COLUMN_KINDS = ("sponsor", "spot", "promo", "self", "credits", "none")
Finder = Callable[[Document], Sequence[Span]]


def describe(held: HeldOut, bench: Sequence[tuple[Document, WordScores]]) -> str:
    """Every table: held-out shows, the benchmark, edges, kinds, chances, what rules are worth."""
    models = held.models()
    read = [d for d in held.documents if d.source == "read"]
    texts = [d for d in held.documents if d.source == "sentences"]
    chosen, aside = (held.choose(), held.calibrate()), shows_set_aside()
    outside = {d.id: HeldOutModel(spoken_scores(d, scores)[1], *chosen) for d, scores in bench}
    shows = len({d.show for d in read})
    found = {d.id: cut_ads(d, models[d.id]) for d in held.documents}
    lines = [
        f"| shows | {' | '.join(COLUMNS)} |",
        "|---" * (len(COLUMNS) + 1) + "|",
        _row(f"ads-read, {len(read)} episodes of {shows} shows", read, lambda d: found[d.id]),
        _row("of these, the surely labelled", [d for d in read if d.weight == 1], lambda d: found[d.id]),
        _row("of these, shows set aside", [d for d in read if d.show in aside], lambda d: found[d.id]),
        _row("of these, all other shows", [d for d in read if d.show not in aside], lambda d: found[d.id]),
        _row(f"podcast-sentences, {len(texts)} texts", texts, lambda d: found[d.id]),
        _row(f"benchmark, {len(bench)} episodes", [d for d, _ in bench], lambda d: cut_ads(d, outside[d.id])),
        "",
        *_edges([score_episode(d, found[d.id]) for d in read]),
        "",
        *_rules(read, models),
        "",
        *_kinds(read, models),
        "",
        *_calibration(held.chances()),
    ]
    return "\n".join(lines)


def shows_set_aside() -> frozenset[str]:
    """The shows whose errors nobody reads."""
    return frozenset(line for line in SET_ASIDE.read_text("utf-8").splitlines() if line and not line.startswith("#"))


def figures(scores: Sequence[EpisodeScore]) -> tuple[str, ...]:
    """The columns: F0.5 and F1 as means over the episodes with ads, all else from sums."""
    with_ads = [s for s in scores if s.has_ads]
    f05, f1 = (statistics.fmean([s.spans.f(beta) or 0.0 for s in with_ads]) if with_ads else 0.0 for beta in (0.5, 1.0))
    total = sum((s.spans for s in scores), start=type(scores[0].spans)())
    right, wrong = sum(s.words_right for s in scores), sum(s.words_wrong for s in scores)
    missed = sum(s.words_missed for s in scores)
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    word_f1 = 2 * right / max(1, 2 * right + wrong + missed)
    hours = sum(s.duration_s for s in scores) / 3600
    clean = [s for s in scores if not s.has_ads]
    numbers = (f05, f1, total.precision or 0.0, total.recall or 0.0, precision, recall, word_f1)
    return (
        *(f"{number:.3f}" for number in numbers),
        f"{sum(s.lost_s for s in scores) / max(hours, 1e-9):.1f}",
        f"{sum(s.found for s in clean)} in {len(clean)}" if clean else "-",
    )


def _row(name: str, documents: Sequence[Document], found: Finder) -> str:
    if not documents:
        return f"| {name} |" + " - |" * len(COLUMNS)
    return f"| {name} | {' | '.join(figures([score_episode(d, found(d)) for d in documents]))} |"


def _edges(scores: Sequence[EpisodeScore]) -> Iterator[str]:
    errors = np.array([error for s in scores for error in s.edges_s])
    if not len(errors):
        return
    median, late = np.quantile(errors, (0.5, 0.9))
    yield (
        f"Edges of {len(errors) // 2} matched ads, off by: median {median:.2f} s, nine of ten within {late:.1f} s; "
        f"{np.mean(errors < 0.5):.0%} within half a second."
    )


def _rules(documents: Sequence[Document], models: Mapping[str, HeldOutModel]) -> Iterator[str]:
    """What each rule after the model is worth: the same shows without it."""

    def bare(d: Document) -> list[Span]:
        model = models[d.id]
        words = [word for word in d.words if is_spoken(word)]
        sure = [
            run for run in divide(model.scores, model.settings) if model.chance(run[2], run[1] - run[0]) >= CUT_CHANCE
        ]
        return [Span(words[first].start, words[last - 1].end) for first, last, _ in sure]

    def unannounced(d: Document) -> list[AdSpan]:
        model = models[d.id]
        words = [word for word in d.words if is_spoken(word)]
        segments = find_segments(words, model.scores, model.settings)
        announced = announced_ads(segments, words, model.scores)
        return [ad for ad in cut_ads(d, model) if not any(ad.overlap(segment) > 0 for segment in announced)]

    def unreasoned(d: Document) -> list[AdSpan]:
        ads = find_ads(d.words, model=models[d.id]).ads
        return [ad for ad in ads if ad.score >= CUT_CHANCE and ad.kind not in OWN]

    yield f"| rules | {' | '.join(COLUMNS)} |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    yield _row("as shipped", documents, lambda d: cut_ads(d, models[d.id]))
    yield _row("without ads that announce themselves", documents, unannounced)
    yield _row("without the second reading of calls", documents, lambda d: _read_once(d, models[d.id]))
    yield _row("cut without a sponsor and an offer or call", documents, unreasoned)
    yield _row("and edges where the model has them, not at sentences", documents, bare)
    yield from _edges([score_episode(d, bare(d)) for d in documents])
    yield ""
    yield _announced(documents, models)
    yield _overlooked(documents, models)


def _read_once(document: Document, model: HeldOutModel) -> tuple[AdSpan, ...]:
    """What is cut without the second reading."""
    scores = replace(model.scores, second=nothing_read(len(model.scores)))
    return cut_ads(document, replace(model, scores=scores))


def _announced(documents: Sequence[Document], models: Mapping[str, HeldOutModel]) -> str:
    """How many announcements are paid, where the readers take them for a call and where they do not."""
    paid: dict[bool, list[bool]] = {True: [], False: []}
    for d in documents:
        words, odds = [word for word in d.words if is_spoken(word)], call_odds(models[d.id].scores)
        for first, last in announcements(words):
            called = bool(odds[first:last].mean() > LEAST_ODDS)
            paid[called].append(any(span.contains(words[first].middle) for span in d.spans))
    return (
        f"Of {len(paid[True])} announcements that the readers take for a call, {sum(paid[True])} lie in paid ads; "
        f"of {len(paid[False])} others, {sum(paid[False])}."
    )


def _overlooked(documents: Sequence[Document], models: Mapping[str, HeldOutModel]) -> str:
    """What the ads are that the second reading adds."""
    added = []
    for d in documents:
        words = [word for word in d.words if is_spoken(word)]
        added += [(d, ad) for ad in overlooked_ads(words, models[d.id].scores, without=_read_once(d, models[d.id]))]
    paid, own = (sum(share_of(d, ad, kinds) > 0.5 for d, ad in added) for kinds in (PAID, OWN))
    return f"Of {len(added)} calls that the second reading takes for ads, {paid} are paid, {own} the show's own."


def _kinds(documents: Sequence[Document], models: Mapping[str, HeldOutModel]) -> Iterator[str]:
    """Seconds of each labelled kind by what it was taken for."""
    table = {kind: dict.fromkeys(COLUMN_KINDS, 0.0) for kind in (*COLUMN_KINDS[:5], "mock")}
    for document in documents:
        ads = find_ads(document.words, model=models[document.id]).ads
        for mark in document.marks:
            span = Span(document.words[mark.first].start, document.words[mark.last - 1].end)
            left = span.duration
            for ad in ads:
                shared = ad.overlap(span)
                table[mark.kind][ad.kind] += shared
                left -= shared
            table[mark.kind]["none"] += max(0.0, left)
    yield f"| labelled | {' | '.join(COLUMN_KINDS)} |"
    yield "|---" * (len(COLUMN_KINDS) + 1) + "|"
    for kind, row in table.items():
        total = max(sum(row.values()), 1e-9)
        shares = " | ".join(f"{row[column] / total:.2f}" for column in COLUMN_KINDS)
        yield f"| {kind}, {total / 60:.0f} min | {shares} |"


def _calibration(chances: Sequence[tuple[float, bool]]) -> Iterator[str]:
    brier = statistics.fmean([(chance - right) ** 2 for chance, right in chances]) if chances else 0.0
    yield f"Stated chances of {len(chances)} segments, calibrated without their shows: Brier score {brier:.3f}."
    yield ""
    yield "| chance stated | segments | mean stated | were ads |"
    yield "|---|---|---|---|"
    for low, high in pairwise(BANDS):
        inside = [(c, right) for c, right in chances if low <= c < high or (high == 1.0 and c == 1.0)]
        if inside:
            stated, were = (statistics.fmean([float(pair[n]) for pair in inside]) for n in (0, 1))
            yield f"| {low:.1f}-{high:.1f} | {len(inside)} | {stated:.2f} | {were:.2f} |"
