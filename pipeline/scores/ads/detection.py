"""Ads found against ads marked: spans, seconds and words.

A found span is right when it meets a marked one at IoU >= 0.5, one to one: the measure of the public MinusPod
benchmark, whose rule that ads less than 15 s apart are one ad is applied to both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.result import AdSpan
from pipeline.timeline import CutList, Seconds, Span, Word, merge_spans

MATCH_IOU = 0.5
"""Overlap divided by union from which a found span counts as the marked one."""
JOIN_GAP_S = 15.0
"""Ads less than this apart are one ad: the rule by which the benchmark's spans were marked."""


@dataclass(frozen=True, slots=True)
class SpanCounts:
    """Found spans that are right and wrong, marked spans that were missed; ``edge_errors_s`` of the right ones."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    edge_errors_s: tuple[Seconds, ...] = ()

    @property
    def precision(self) -> float | None:
        return _ratio(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        return _ratio(self.right, self.right + self.missed)

    def f(self, beta: float) -> float | None:
        """The F measure; ``beta`` below 1 weighs precision more. None where nothing was marked and nothing found."""
        weight = beta * beta
        return _ratio((1 + weight) * self.right, (1 + weight) * self.right + weight * self.missed + self.wrong)

    def __add__(self, other: SpanCounts) -> SpanCounts:
        return SpanCounts(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missed + other.missed,
            self.edge_errors_s + other.edge_errors_s,
        )


@dataclass(frozen=True, slots=True)
class AdTime:
    """Seconds of a recording by what they are and what was done with them."""

    duration_s: Seconds = 0.0
    marked_s: Seconds = 0.0
    found_s: Seconds = 0.0
    found_right_s: Seconds = 0.0
    ad_kept_s: Seconds = 0.0
    content_lost_s: Seconds = 0.0

    def figure(self) -> dict[str, float]:
        precision, recall = _ratio(self.found_right_s, self.found_s), _ratio(self.found_right_s, self.marked_s)
        return _known(precision=precision, recall=recall)

    def __add__(self, other: AdTime) -> AdTime:
        return AdTime(
            self.duration_s + other.duration_s,
            self.marked_s + other.marked_s,
            self.found_s + other.found_s,
            self.found_right_s + other.found_right_s,
            self.ad_kept_s + other.ad_kept_s,
            self.content_lost_s + other.content_lost_s,
        )


@dataclass(frozen=True, slots=True)
class AdWords:
    """Words heard in ads and in the show, and how many of each were cut."""

    ad: int = 0
    ad_removed: int = 0
    content: int = 0
    content_removed: int = 0

    @property
    def removed_share(self) -> float | None:
        return _ratio(self.ad_removed, self.ad)

    def figure(self) -> dict[str, float]:
        removed = self.ad_removed + self.content_removed
        return _known(precision=_ratio(self.ad_removed, removed), recall=self.removed_share)

    def __add__(self, other: AdWords) -> AdWords:
        return AdWords(
            self.ad + other.ad,
            self.ad_removed + other.ad_removed,
            self.content + other.content,
            self.content_removed + other.content_removed,
        )


@dataclass(frozen=True, slots=True)
class AdScores:
    """``words`` is None where the transcript has no words."""

    spans: SpanCounts
    time: AdTime
    words: AdWords | None = None

    def __add__(self, other: AdScores) -> AdScores:
        words = self.words if other.words is None else other.words if self.words is None else self.words + other.words
        return AdScores(self.spans + other.spans, self.time + other.time, words)

    def figure(self) -> dict[str, object]:
        """The figures for report.json; those that nothing defines (precision of nothing found) are left out."""
        spans, time, words = self.spans, self.time, self.words
        hours = time.duration_s / 3600
        edges = spans.edge_errors_s
        figures: dict[str, object] = {
            "precision": spans.precision,
            "recall": spans.recall,
            "f1": spans.f(1.0),
            "f05": spans.f(0.5),
            "right": spans.right,
            "wrong": spans.wrong,
            "missed": spans.missed,
            "edge_error_s": sum(edges) / len(edges) if edges else None,
            "words_removed_share": words.removed_share if words else None,
            "content_words_lost": words.content_removed if words else None,
            "content_seconds_lost": time.content_lost_s,
            "ad_words": words.ad if words else None,
            "ad_words_kept": words.ad - words.ad_removed if words else None,
            "ad_seconds": time.marked_s,
            "ad_seconds_kept": time.ad_kept_s,
            "ad_seconds_kept_per_hour": _ratio(time.ad_kept_s, hours),
            "content_seconds_lost_per_hour": _ratio(time.content_lost_s, hours),
            "seconds": time.figure(),
            "words": words.figure() if words else None,
        }
        if not time.marked_s:
            figures["clean_control"] = spans.wrong == 0
        return {name: value for name, value in figures.items() if value is not None and value != {}}


def score_ads(
    marked: Sequence[Span],
    ads: Iterable[AdSpan],
    cuts: CutList,
    *,
    words: Sequence[Word] = (),
    in_ad: Sequence[bool] | None = None,
) -> AdScores:
    """Ads that would be cut (verdict "cut") against the marked ones; lost words and seconds by what was cut.

    ``in_ad`` says of each of ``words`` (all that were heard) whether it lies in an ad; else its middle decides.
    """
    truth = merge_spans(marked)
    found = merge_spans(ad for ad in ads if ad.verdict == "cut")
    cut_right = _shared(truth, cuts.removed)
    time = AdTime(
        duration_s=cuts.duration,
        marked_s=_length(truth),
        found_s=_length(found),
        found_right_s=_shared(truth, found),
        ad_kept_s=max(0.0, _length(truth) - cut_right),
        content_lost_s=max(0.0, _length(cuts.removed) - cut_right),
    )
    spans = match_spans(_join(truth), _join(found))
    told = [any(span.contains(word.middle) for span in truth) for word in words] if in_ad is None else in_ad
    gone = [cuts.removes(word.middle) for word in words]
    return AdScores(spans, time, _count_words(told, gone) if words else None)


def match_spans(marked: Sequence[Span], found: Sequence[Span]) -> SpanCounts:
    """One-to-one matches at IoU >= 0.5, the best overlaps first.

    >>> match_spans([Span(0, 10), Span(50, 60)], [Span(1, 10), Span(80, 90)])
    SpanCounts(right=1, wrong=1, missed=1, edge_errors_s=(1, 0))
    """
    candidates = sorted(
        ((iou(a, b), i, j) for i, a in enumerate(marked) for j, b in enumerate(found) if iou(a, b) >= MATCH_IOU),
        key=lambda candidate: (-candidate[0], candidate[1:]),
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in candidates:
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    edges = [
        abs(gap) for i, j in sorted(pairs) for gap in (found[j].start - marked[i].start, found[j].end - marked[i].end)
    ]
    return SpanCounts(len(pairs), len(found) - len(pairs), len(marked) - len(pairs), tuple(edges))


def iou(one: Span, other: Span) -> float:
    """Seconds that both hold divided by seconds that either holds."""
    shared = one.overlap(other)
    union = one.duration + other.duration - shared
    return shared / union if union > 0 else 0.0


def _join(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans less than the joining gap apart as one (exactly that far apart, they stay two)."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start - joined[-1].end < JOIN_GAP_S:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _count_words(in_ad: Sequence[bool], gone: Sequence[bool]) -> AdWords:
    pairs = list(zip(in_ad, gone, strict=True))
    return AdWords(
        ad=sum(inside for inside, _ in pairs),
        ad_removed=sum(inside and removed for inside, removed in pairs),
        content=sum(not inside for inside, _ in pairs),
        content_removed=sum(removed and not inside for inside, removed in pairs),
    )


def _shared(one: Sequence[Span], other: Sequence[Span]) -> Seconds:
    return sum(a.overlap(b) for a in one for b in other)


def _length(spans: Sequence[Span]) -> Seconds:
    return sum(span.duration for span in spans)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _known(**figures: float | None) -> dict[str, float]:
    return {name: value for name, value in figures.items() if value is not None}
