"""Words to ads: score each clause, decode the episode, and say why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from pipeline.ads.boundaries import announced_reads, end_at_closer, start_at_lead
from pipeline.ads.calls import find_calls
from pipeline.ads.clauses import Unit, spoken_units
from pipeline.ads.copies import find_repeats
from pipeline.ads.evidence import find_reasons, find_sponsor, judge_kind, named_in_notes
from pipeline.ads.segments import ANNOUNCED_SCORE, DecodeSettings, Stretch, decode
from pipeline.ads.sound import sound_reasons
from pipeline.ads.voices import strangers, voices_of_ads, with_their_turns
from pipeline.result import AdKind, AdSpan, Evidence, Verdict
from pipeline.timeline import Span, Turn, Waveform, Word

CONTENT_COST = 1.5
"""A second of show lost is worth this many seconds of ad left in: the judged measure, F0.5, leans the same way."""
CUT_CHANCE = CONTENT_COST / (1 + CONTENT_COST)  # below, a person decides
DOUBT_LEFT = 0.5  # of what the calibration leaves, for each fact beside it: sponsor and call named; a strange voice
REPEATED_SHARE = 0.5
SOUND_ODDS = 1.2  # an ad is at least so much likelier than the show to sound like none of it (docs/ads.md)


class AdModel(Protocol):
    """The trained model: log-odds for each unit, how to decode them, and how to read a stretch's score."""

    @property
    def settings(self) -> DecodeSettings: ...

    def score(self, units: Sequence[Unit], words: Sequence[Word]) -> np.ndarray: ...

    def chance(self, score: float, duration_s: float) -> float: ...


def find_ads(
    words: Sequence[Word],
    *,
    model: AdModel,
    description: str = "",
    turns: Sequence[Turn] = (),
    wave: Waveform | None = None,
) -> tuple[AdSpan, ...]:
    """The ads of an episode in order of time, each with its chance, kind, sponsor, reasons, and whether to cut it.

    The show's own calls and credits are among them, of kind ``self`` and ``credits``; `judge_ads` keeps them unless
    these kinds are to be removed.
    """
    units, spoken = spoken_units(words)
    if not units:
        return ()
    scores = model.score(units, spoken)
    repeats = find_repeats(units)
    stretches = _with_reads(decode(units, scores, model.settings), units, spoken)
    foreign = strangers(turns, stretches)
    ads = tuple(
        _describe(stretch, model, spoken, repeats, description, strange)
        for stretch, strange in zip(stretches, foreign, strict=True)
    )
    placed = _with_edges(ads, spoken, turns)
    heard = placed if wave is None else _with_sound(placed, wave)
    own = (_own(call, kind) for call, kind in find_calls(words, without=heard))
    return tuple(sorted([*heard, *own], key=lambda ad: (ad.start, ad.end)))


def _with_sound(ads: Sequence[AdSpan], wave: Waveform) -> tuple[AdSpan, ...]:
    """The ads with what they sound like; what no stretch of the show sounds like is a little surer."""
    judged = []
    for ad, reasons in zip(ads, sound_reasons(wave, ads), strict=True):
        odds = (SOUND_ODDS if reasons else 1.0) * ad.score / max(1e-6, 1 - ad.score)
        chance = odds / (1 + odds) if reasons else ad.score
        evidence = (*ad.evidence, *reasons)
        judged.append(replace(ad, score=chance, verdict=_verdict(chance, evidence), evidence=evidence))
    return tuple(judged)


def _with_reads(stretches: Sequence[Stretch], units: Sequence[Unit], words: Sequence[Word]) -> tuple[Stretch, ...]:
    """The stretches, and the reads that announce themselves where the decoder saw none."""
    found = list(stretches)
    for read in announced_reads(words):
        inside = [n for n, unit in enumerate(units) if unit.overlap(read) > 0]
        if inside and not any(read.overlap(stretch) > 0 for stretch in stretches):
            found.append(Stretch(read.start, read.end, inside[0], inside[-1] + 1, ANNOUNCED_SCORE))
    return tuple(sorted(found, key=lambda stretch: stretch.start))


def _with_edges(ads: Sequence[AdSpan], words: Sequence[Word], turns: Sequence[Turn]) -> tuple[AdSpan, ...]:
    voices = voices_of_ads(turns, ads)
    placed: list[AdSpan] = []
    for ad in ads:
        read = Span(start_at_lead(ad, words, turns), end_at_closer(ad, words))
        whole = with_their_turns(read, turns, voices)
        start = max(whole.start, placed[-1].end if placed else 0.0)
        placed.append(replace(ad, start=min(start, ad.start), end=whole.end))
    return tuple(placed)


def _own(call: Span, kind: AdKind) -> AdSpan:
    """The show speaking for itself: cut only where that kind is to be removed."""
    said = {"self": "asks its listeners for something", "credits": "says who made it"}[kind]
    return AdSpan(call.start, call.end, CUT_CHANCE, kind, (Evidence("phrase", f"the show {said}", call.start),))


def _describe(
    stretch: Stretch,
    model: AdModel,
    words: Sequence[Word],
    repeats: np.ndarray,
    description: str,
    strange: bool,
) -> AdSpan:
    chance = model.chance(stretch.score, stretch.duration)
    reasons = [*find_reasons(words, stretch), *named_in_notes(words, stretch, description)]
    said = {reason.text.split(":")[0] for reason in reasons}
    if "names its sponsor" in said and said & {"gives an address", "gives a code", "calls to act"}:
        chance = 1 - (1 - chance) * DOUBT_LEFT
    if repeats[stretch.first : stretch.last].mean() >= REPEATED_SHARE:
        reasons.append(Evidence("repeat", "the same words are heard again in this episode", stretch.start))
    if strange:
        reasons.append(Evidence("voice", "a voice that is heard nowhere else in the episode", stretch.start))
        chance = 1 - (1 - chance) * DOUBT_LEFT
    reasons.append(Evidence("model", f"reads like advertising: {stretch.score:.0%} of its words"))
    kind, sponsor = judge_kind(words, stretch), find_sponsor(words, stretch)
    if strange and kind == "sponsor":
        kind = "spot"
    verdict = _verdict(chance, reasons)
    return AdSpan(stretch.start, stretch.end, chance, kind, tuple(reasons), verdict, sponsor)


def _verdict(chance: float, evidence: Sequence[Evidence]) -> Verdict:
    """Cut what is sure enough and has a reason besides the model's word that a person can check.

    Three stretches of held-out shows had none; one of them was an ad.
    """
    reasoned = any(reason.kind != "model" for reason in evidence)
    return "cut" if chance >= CUT_CHANCE and reasoned else "hold"
