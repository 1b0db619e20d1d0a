"""Which words stand inside the reference's ad regions, on both sides of an alignment.

One side decides and the other follows through the alignment, so that a word at an edge is out of bounds on both sides
or on neither: a clock that is a tenth of a second off at an ad's edge must not turn a correct word into two errors.

1. The reference marks its own ad words (a seed's marks, or words with times and ads with times): a found word follows
   the reference word it is aligned with. A found word aligned with nothing (an insertion) is out when both of its
   aligned neighbours are, and in when both are in; between an ad word and a word of the show its time decides, where
   the ads' times are known; else it stays in and counts as an error.
2. Only the ads' times are known: found words whose middle lies in an ad are out (as NIST's tools do with
   IGNORE_TIME_SEGMENT_IN_SCORING). If at least half of an ad's found words are in the reference too, the reference
   holds that ad, and the reference words aligned inside it are out with it; else the reference is one without that ad
   (edited transcripts are), nothing of it is out, and chance matches of "the" and "and" are undone. Such an ad's edges
   move by up to a second to where the two texts part: matching words are still the show, inserted ones already the ad.

The words left on the two sides are then normalised and aligned afresh, so that the figure is what any tool computes
from the two remaining texts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.scores.case import Case
from pipeline.scores.words.alignment import Alignment
from pipeline.timeline import Span, Word, merge_spans

EDGE_S = 1.0
"""How far off a marked edge of an ad may be, by choice: people mark them by the second."""
HELD_SHARE = 0.5
"""An ad is in the reference when this share of its found words matches there. On the 24 ads of six real episodes, with
10 % word errors put in: at least 0.90 when the reference held the ad, at most 0.02 when it did not."""


@dataclass(frozen=True, slots=True)
class Mask:
    """For each reference word and each found word, whether it lies in the reference's ads."""

    reference: tuple[bool, ...]
    found: tuple[bool, ...]


def mask_ads(case: Case, words: Sequence[Word], alignment: Alignment) -> Mask | None:
    """The mask of ``alignment`` (of all words of both sides); None when nothing says where the ads are."""
    if not case.ads_known:
        return None
    spans = None if case.ads is None else merge_spans(case.ads)
    marks = reference_marks(case)
    if marks is not None:
        return Mask(marks, _follow(marks, alignment, words, spans))
    assert spans is not None  # ads_known, and the words carry no marks
    return _by_time(case, words, alignment, spans)


def reference_marks(case: Case) -> tuple[bool, ...] | None:
    """Whether each reference word is of an ad, by its own mark or its own time; None if neither says."""
    if not case.words:
        return ()
    if all(word.in_ad is not None for word in case.words):
        return tuple(bool(word.in_ad) for word in case.words)
    if case.ads is not None and all(word.span is not None for word in case.words):
        return tuple(any(ad.contains(word.span.middle) for ad in case.ads) for word in case.words if word.span)
    return None


def spans_of_mask(words: Sequence[Word], mask: Mask) -> tuple[Span, ...]:
    """The ads' times as the transcript has them: each run of masked found words, first start to last end."""
    spans: list[Span] = []
    before = False
    for word, out in zip(words, mask.found, strict=True):
        if out:
            spans = (
                [*spans[:-1], Span(spans[-1].start, max(spans[-1].end, word.end))]
                if before
                else [*spans, Span(word.start, word.end)]
            )
        before = out
    return tuple(spans)


def _follow(
    marks: Sequence[bool], alignment: Alignment, words: Sequence[Word], spans: Sequence[Span] | None
) -> tuple[bool, ...]:
    """The found words' side: aligned words follow the reference, the others their neighbours or their time."""
    states: list[bool | None] = [None] * len(words)
    for pair in alignment.pairs:
        if pair.reference is not None and pair.found is not None:
            token = alignment.found[pair.found]
            out = marks[alignment.reference[pair.reference].first]
            for index in range(token.first, token.last + 1):
                states[index] = out
    before = _carried(states)
    after = _carried(states[::-1])[::-1]
    masked = []
    for word, state, left, right in zip(words, states, before, after, strict=True):
        if state is None:
            near = {side for side in (left, right) if side is not None}
            in_time = spans is not None and any(span.contains(word.middle) for span in spans)
            state = near.pop() if len(near) == 1 else in_time
        masked.append(state)
    return tuple(masked)


def _carried(states: Sequence[bool | None]) -> list[bool | None]:
    carried: list[bool | None] = []
    last: bool | None = None
    for state in states:
        last = last if state is None else state
        carried.append(last)
    return carried


def _by_time(case: Case, words: Sequence[Word], alignment: Alignment, spans: Sequence[Span]) -> Mask:
    """Both sides when only times are known: found words by their middle, the reference by what it holds of each ad."""
    reference = [False] * len(case.words)
    found = [any(span.contains(word.middle) for span in spans) for word in words]
    kinds = _kinds(alignment, len(words))
    for span in spans:
        inside = {i for i, token in enumerate(alignment.found) if span.contains(words[token.first].middle)}
        aligned = [p for p in alignment.pairs if p.found in inside and p.reference is not None]
        hits = sum(pair.kind == "hit" for pair in aligned)
        if aligned and hits >= HELD_SHARE * len(inside):
            first = alignment.reference[min(p.reference for p in aligned if p.reference is not None)].first
            last = alignment.reference[max(p.reference for p in aligned if p.reference is not None)].last
            reference[first : last + 1] = [True] * (last + 1 - first)
        else:
            _settle_edges(found, words, kinds, span)
    return Mask(tuple(reference), tuple(found))


def _settle_edges(found: list[bool], words: Sequence[Word], kinds: Sequence[str], span: Span) -> None:
    """Move the edges of an ad that the reference lacks to where the texts part, if that is within ``EDGE_S``.

    From each marked edge inwards, words that match the reference go on being the show; outwards, inserted words already
    are the ad.
    """
    begin = bisect_left(words, span.start, key=lambda word: word.middle)
    end = bisect_left(words, span.end, key=lambda word: word.middle)
    for edge, inwards, outwards in (
        (span.start, range(begin, end), range(begin - 1, -1, -1)),
        (span.end, range(end - 1, begin - 1, -1), range(end, len(words))),
    ):
        for steps, kind, out in ((inwards, "hit", False), (outwards, "insertion", True)):
            for index in steps:
                if kinds[index] not in (kind, "") or abs(words[index].middle - edge) > EDGE_S:
                    break
                found[index] = out


def _kinds(alignment: Alignment, count: int) -> list[str]:
    """How each found word is aligned, as its worst token is; "" for a word that normalises to nothing."""
    kinds = [""] * count
    for pair in alignment.pairs:
        if pair.found is not None:
            token = alignment.found[pair.found]
            for index in range(token.first, token.last + 1):
                kinds[index] = pair.kind if kinds[index] in ("", "hit") else kinds[index]
    return kinds
