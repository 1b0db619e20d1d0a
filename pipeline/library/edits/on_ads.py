"""Edits of ads: what is cut, where it begins and ends, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.ads.verdict import SAME_SHARE, Decision, follow_decision, outside
from pipeline.library.edits.kinds import AdAbout, AdEdges, AdEdit, AdVerdict, Edit
from pipeline.result import AdSpan, Evidence
from pipeline.timeline import Span

MOVED = Evidence("choice", "you set its edges")


def edit_ads(ads: tuple[AdSpan, ...], edit: AdEdit) -> tuple[AdSpan, ...] | None:
    """The ads after one edit, in order of time; None when there is no ad that it could be about."""
    changed: Sequence[AdSpan] | None
    if isinstance(edit, AdVerdict):
        met = any(ad.overlap(edit) > 0 for ad in ads)
        decision = Decision(edit.start, edit.end, edit.verdict)
        changed = follow_decision(ads, decision) if met or edit.verdict == "cut" else None
    else:
        place = ad_at(ads, edit)
        changed = None if place is None else _change(ads, place, edit)
    return None if changed is None else tuple(sorted(changed, key=lambda ad: (ad.start, ad.end)))


def has_ad_edits(edits: Sequence[Edit]) -> bool:
    """Whether a person has changed anything about an ad."""
    return any(isinstance(edit, AdEdit) for edit in edits)


def edited_ads(ads: tuple[AdSpan, ...], edits: Sequence[Edit]) -> tuple[AdSpan, ...]:
    """The ads after all edits of them; one that is about none changes nothing."""
    for edit in edits:
        if isinstance(edit, AdEdit):
            changed = edit_ads(ads, edit)
            ads = ads if changed is None else changed
    return ads


def ad_at(ads: Sequence[AdSpan], span: Span) -> int | None:
    """The place of the ad that a stretch names: at least ``SAME_SHARE`` of the shorter of both is shared."""
    shared = [(ad.overlap(span), -place) for place, ad in enumerate(ads)]
    best, place = max(shared, default=(0.0, 0))
    if best <= 0 or best < SAME_SHARE * min(ads[-place].duration, span.duration):
        return None
    return -place


def _change(ads: Sequence[AdSpan], place: int, edit: AdEdges | AdAbout) -> list[AdSpan]:
    ad = ads[place]
    if isinstance(edit, AdAbout):
        changed = replace(ad, kind=edit.ad_kind, sponsor=edit.sponsor)
        return [*ads[:place], changed, *ads[place + 1 :]]
    span = Span(edit.first, edit.last)
    evidence = tuple(reason for reason in ad.evidence if reason != MOVED)
    changed = replace(ad, start=span.start, end=span.end, evidence=(*evidence, MOVED))
    others = [piece for other in (*ads[:place], *ads[place + 1 :]) for piece in _beside(other, span)]
    return [*others, changed]


def _beside(ad: AdSpan, span: Span) -> list[AdSpan]:
    """What a neighbour keeps of itself where an ad has grown into it."""
    return outside(ad, span) if ad.overlap(span) > 0 else [ad]
