"""Words to ads: score each clause, decode the episode, and say why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pipeline.ports import SentenceEncoder
from pipeline.stages.ad_decode import decode
from pipeline.stages.ad_reasons import find_reasons, find_sponsor, judge_kind
from pipeline.stages.ad_units import Unit, split_units
from pipeline.timeline import AdSpan, Evidence, Span, Turn, Verdict, Waveform, Word

CUT_SCORE = 0.5  # losing a minute of show costs more than keeping a minute of ad: below this a person decides
BUDGET_SHARE = 0.5  # of the episode: more than this is held, because then it is more likely the detector that is wrong
BUDGET_LEAST_S = 60.0  # short clips may be all ad


class AdModel(Protocol):
    """The trained model: ``score`` gives each unit the log-odds that it is an ad, float64, shape (n,)."""

    switch_cost: float

    def score(self, units: Sequence[Unit], words: Sequence[Word], encoder: SentenceEncoder | None) -> np.ndarray: ...


def find_ads(
    words: Sequence[Word],
    *,
    model: AdModel,
    encoder: SentenceEncoder | None = None,
    title: str = "",
    show: str = "",
    description: str = "",
    turns: Sequence[Turn] = (),
    wave: Waveform | None = None,
) -> tuple[AdSpan, ...]:
    """The ads of an episode in order of time, each with its score, kind, sponsor and reasons."""
    units = split_units(words)
    if not units:
        return ()
    log_odds = model.score(units, words, encoder)
    spans = decode(units, log_odds, switch_cost=model.switch_cost)
    ads = tuple(_describe(span, units, log_odds, words) for span in spans)
    return hold_over_budget(ads, duration_s=words[-1].end)


def _describe(span: Span, units: Sequence[Unit], log_odds: np.ndarray, words: Sequence[Word]) -> AdSpan:
    inside = [n for n, unit in enumerate(units) if span.contains(unit.middle)]
    score = float(np.mean(1 / (1 + np.exp(-log_odds[inside])))) if inside else 0.0
    reasons = find_reasons(words, span)
    verdict: Verdict = "cut" if score >= CUT_SCORE else "hold"
    model_says = Evidence("model", f"{score:.0%} of it reads like advertising")
    return AdSpan(
        span.start, span.end, score, judge_kind(words, span), (*reasons, model_says), verdict, find_sponsor(words, span)
    )


def hold_over_budget(ads: Sequence[AdSpan], *, duration_s: float) -> tuple[AdSpan, ...]:
    """The ads as they are, or all held when together they would remove more of the episode than is believable."""
    removed = sum(ad.duration for ad in ads if ad.verdict == "cut")
    if removed <= max(BUDGET_LEAST_S, BUDGET_SHARE * duration_s):
        return tuple(ads)
    reason = Evidence("model", f"held: all cuts together would remove {removed / duration_s:.0%} of the episode")
    return tuple(
        AdSpan(ad.start, ad.end, ad.score, ad.kind, (*ad.evidence, reason), "hold", ad.sponsor) for ad in ads
    )
