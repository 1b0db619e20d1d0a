"""Ads to the cut list: which moments leave the recording, placed so that no word is clipped."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from pipeline.ads.cutting.placement import Quiet
from pipeline.result import AdSpan
from pipeline.timeline import CutList, Span, Word, merge_spans

BREATH_S = 0.15  # of a pause left on either side of a cut, so that the joined sentences do not run into each other
REACH_S = 2.0  # how far a cut follows wordless sound past the ad's own words: a sting, not the show's theme
SLIVER_S = 1.0  # a wordless rest between two cuts shorter than this is nobody's content


def plan_cuts(
    ads: Sequence[AdSpan], words: Sequence[Word], *, duration_s: float, quiet: Quiet | None = None
) -> CutList:
    """What to remove: the ads that were judged to be cut, their edges in the pauses around their words.

    ``quiet``: what is known of the sound; without it, the gaps between words are taken for pauses.

    A word belongs to an ad when its middle lies inside. No kept word is touched and every word of an ad goes.

    >>> words = [Word(0, 1, "news"), Word(2, 3, "buy"), Word(3, 4, "now"), Word(5, 6, "news")]
    >>> plan_cuts([AdSpan(2, 4, score=0.9)], words, duration_s=6.0).removed
    (Span(start=1.15, end=4.85),)
    """
    spans = merge_spans(Span(ad.start, ad.end) for ad in ads if ad.verdict == "cut" and ad.duration > 0)
    middles = [word.middle for word in words]
    cuts = [_snap(span, words, middles, duration_s, quiet) for span in spans]
    return CutList.of(_without_slivers(cuts, middles), duration=duration_s)


def _snap(span: Span, words: Sequence[Word], middles: list[float], duration_s: float, quiet: Quiet | None) -> Span:
    first, last = bisect_left(middles, span.start), bisect_left(middles, span.end)
    if first == last:  # a jingle, a spot without speech: whatever of it is not a kept word
        low = max([span.start, *(w.end for w in words[:first][-5:])])
        return Span(low, max(low, min([span.end, *(w.start for w in words[first : first + 1])])))
    before = max((w.end for w in words[:first][-5:]), default=None)
    after = words[last].start if last < len(words) else None
    start, end = words[first].start, max(w.end for w in words[first:last])
    start = min(start, max(span.start, before if before is not None else 0.0))  # the span may hold sound without words
    end = max(end, min(span.end, after if after is not None else duration_s))
    cut_start, cut_end = _edges(start, end, before, after, duration_s)
    if quiet and first:
        last_kept = max(words[max(0, first - 5) : first], key=lambda word: word.end)
        cut_start = _or(quiet.start_before(words[first], last_kept), cut_start)
    if quiet and last < len(words):
        last_said = max(words[first:last], key=lambda word: word.end)
        cut_end = _or(quiet.end_after(last_said, words[last]), cut_end)
    return Span(cut_start, max(cut_start, cut_end))


def _or(found: float | None, otherwise: float) -> float:
    return otherwise if found is None else found


def _edges(
    start: float, end: float, before: float | None, after: float | None, duration_s: float
) -> tuple[float, float]:
    if before is None:
        cut_start = 0.0 if start <= REACH_S else start - REACH_S
    else:
        gap = start - before
        cut_start = max(before + min(BREATH_S, gap / 2), start - REACH_S) if gap > 0 else (start + before) / 2
    if after is None:
        cut_end = duration_s if duration_s - end <= REACH_S else end + REACH_S
    else:
        gap = after - end
        cut_end = min(after - min(BREATH_S, gap / 2), end + REACH_S) if gap > 0 else (after + end) / 2
    return cut_start, max(cut_start, cut_end)


def _without_slivers(cuts: Sequence[Span], middles: list[float]) -> list[Span]:
    joined: list[Span] = []
    for cut in cuts:
        wordless = joined and bisect_left(middles, joined[-1].end) == bisect_left(middles, cut.start)
        if joined and wordless and cut.start - joined[-1].end < SLIVER_S:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, cut.end))
        else:
            joined.append(cut)
    return joined
