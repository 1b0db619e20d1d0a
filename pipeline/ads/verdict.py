"""What was found to what is done with it: cut, held for a person, or kept, and why.

In this order: a kind that is not to be removed is kept; more than is believable is held. What a person decides comes
last (``follow_decision``) and stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.result import REMOVED_KINDS, AdKind, AdSpan, Evidence
from pipeline.timeline import Seconds, Span

BUDGET_SHARE = 0.5  # of the episode: more than this is held, because then it is more likely the detector that is wrong
BUDGET_LEAST_S = 60.0  # short clips may be all ad
SAME_SHARE = 0.5  # of an ad inside a decided stretch: from here on the whole ad follows the decision
CRUMB_S = 1.0  # what a decision leaves of an ad, if shorter, goes the way of the decision


@dataclass(frozen=True, slots=True)
class Decision(Span):
    """What a person said of a stretch of the recording."""

    verdict: Literal["cut", "keep"]


def judge_ads(
    ads: Sequence[AdSpan],
    *,
    duration_s: Seconds,
    kinds: Collection[AdKind] = REMOVED_KINDS,
) -> tuple[AdSpan, ...]:
    """The ads with their verdicts, in order of time.

    >>> [ad.verdict for ad in judge_ads([AdSpan(10, 40, 0.9, "promo")], duration_s=600, kinds=["sponsor"])]
    ['keep']
    """
    judged = hold_over_budget([_by_kind(ad, kinds) for ad in ads], duration_s=duration_s)
    return tuple(sorted(judged, key=lambda ad: (ad.start, ad.end)))


def _by_kind(ad: AdSpan, kinds: Collection[AdKind]) -> AdSpan:
    if ad.kind in kinds:
        return ad
    reason = Evidence("choice", f"kept: {ad.kind} is not among the kinds to remove ({', '.join(kinds)})")
    return replace(ad, verdict="keep", evidence=(*ad.evidence, reason))


def hold_over_budget(ads: Sequence[AdSpan], *, duration_s: Seconds) -> tuple[AdSpan, ...]:
    """The ads as they are, or all held when together they would remove more of the episode than is believable."""
    removed = sum(ad.duration for ad in ads if ad.verdict == "cut")
    if removed <= max(BUDGET_LEAST_S, BUDGET_SHARE * duration_s):
        return tuple(ads)
    reason = Evidence("model", f"held: all cuts together would remove {removed / duration_s:.0%} of the episode")
    return tuple(
        replace(ad, verdict="hold", evidence=(*ad.evidence, reason)) if ad.verdict == "cut" else ad for ad in ads
    )


def follow_decision(ads: Sequence[AdSpan], decision: Decision) -> tuple[AdSpan, ...]:
    """The ads after one decision: an ad mostly inside it follows it, another keeps what lies outside.

    >>> [ad.verdict for ad in follow_decision([AdSpan(10, 40, 0.9)], Decision(10, 40, "keep"))]
    ['keep']
    """
    said = "taken back: you decided to keep it" if decision.verdict == "keep" else "you decided to cut it"
    reason = Evidence("choice", said)
    judged: list[AdSpan] = []
    open_s = [Span(decision.start, decision.end)]  # what of it no ad stands for
    for ad in ads:
        shared = ad.overlap(decision)
        if shared <= 0:
            judged.append(ad)
        elif shared >= SAME_SHARE * ad.duration:
            open_s = [Span(*side) for piece in open_s for side in _sides(piece, ad)]
            before = tuple(e for e in ad.evidence if e.kind != "choice")
            judged.append(replace(ad, verdict=decision.verdict, evidence=(*before, reason)))
        else:
            judged += outside(ad, decision)
    if decision.verdict == "cut":
        judged += [AdSpan(piece.start, piece.end, 1.0, "sponsor", (reason,)) for piece in open_s]
    return tuple(judged)


def outside(ad: AdSpan, span: Span) -> list[AdSpan]:
    """What of an ad lies before and after a stretch, crumbs left out."""
    return [replace(ad, start=start, end=end) for start, end in _sides(ad, span)]


def _sides(whole: Span, part: Span) -> list[tuple[Seconds, Seconds]]:
    """What lies before and after a part of a stretch, crumbs left out."""
    sides = [(whole.start, min(whole.end, part.start)), (max(whole.start, part.end), whole.end)]
    return [(start, end) for start, end in sides if end - start >= CRUMB_S]
