"""Words to ads: score each word, divide the episode, and say why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.ads.finding.announced import CHANCE as ANNOUNCED_CHANCE
from pipeline.ads.finding.announced import announced_ads
from pipeline.ads.finding.calls import find_calls, likely_calls
from pipeline.ads.finding.evidence import find_reasons, find_sponsor, named_in_notes, quotes_ads
from pipeline.ads.finding.overlooked import CHANCE as OVERLOOKED_CHANCE
from pipeline.ads.finding.overlooked import overlooked_ads
from pipeline.ads.finding.segments import Segment, SegmentSettings, WordScores, find_segments, is_spoken
from pipeline.ads.finding.sound import sound_reasons
from pipeline.ads.finding.voices import passing_sellers, strangers, voices_of_ads, with_their_turns
from pipeline.result import AdSpan, Evidence, FoundAds, Verdict
from pipeline.timeline import Turn, Waveform, Word, merge_spans

CONTENT_COST = 1.5
"""A second of show lost is worth this many seconds of ad left in: the judged measure, F0.5, leans the same way."""
CUT_CHANCE = CONTENT_COST / (1 + CONTENT_COST)  # below, a person decides
HOLD_CHANCE = 0.25
"""Below, a segment is not mentioned: three of four such are no ads."""
OFFERS = frozenset(("gives an address", "gives a code", "makes an offer", "reads the small print", "calls to act"))
NAMES_SPONSOR = "names its sponsor"


class AdModel(Protocol):
    """The trained model: scores for each word, how to divide them, and how to read a segment's score."""

    @property
    def settings(self) -> SegmentSettings: ...

    def score(self, words: Sequence[Word]) -> WordScores: ...

    def chance(self, score: float, words: int) -> float: ...


def find_ads(
    words: Sequence[Word],
    *,
    model: AdModel,
    description: str = "",
    turns: Sequence[Turn] = (),
    wave: Waveform | None = None,
) -> FoundAds:
    """The ads of an episode, each with its chance, kind, sponsor, reasons, and whether to cut it.

    The show's own calls and credits are among them, of kind ``self`` and ``credits``; `judge_ads` keeps them unless
    these kinds are to be removed.
    """
    spoken = tuple(word for word in words if is_spoken(word))
    if not spoken:
        return FoundAds()
    scores = model.score(spoken)
    segments = find_segments(spoken, scores, model.settings)
    judged = [
        _describe(s, spoken, chance=model.chance(s.score, s.last - s.first), description=description) for s in segments
    ]
    for announced in announced_ads(segments, spoken, scores):
        judged.append(_describe(announced, spoken, chance=ANNOUNCED_CHANCE, description=description))
    cut = [ad for ad in judged if ad.verdict == "cut"]
    more = [
        _describe(segment, spoken, chance=OVERLOOKED_CHANCE, description=description)
        for segment in overlooked_ads(spoken, scores, without=cut)
    ]
    judged = [ad for ad in judged if ad.verdict == "cut" or not any(ad.overlap(other) > 0 for other in more)]
    sure = sorted((ad for ad in (*judged, *more) if ad.score >= HOLD_CHANCE), key=lambda ad: ad.start)
    ads = _heard(sure, turns, wave)
    own = [_own(call) for call in find_calls(spoken, scores, without=ads)]
    listed = tuple(sorted([*ads, *own], key=lambda ad: (ad.start, ad.end)))
    doubtful = (*likely_calls(spoken, scores, without=listed), *passing_sellers(spoken, without=listed))
    return FoundAds(listed, merge_spans(doubtful))


def _describe(segment: Segment, words: Sequence[Word], *, chance: float, description: str) -> AdSpan:
    sponsor = find_sponsor(words, segment)
    notes = named_in_notes(words, segment, description)
    reasons = [*find_reasons(words, segment), *notes]
    said = {reason.text.split(":")[0] for reason in reasons}
    who = bool(sponsor or notes or NAMES_SPONSOR in said)
    sells = who and said & {*OFFERS, NAMES_SPONSOR} and not quotes_ads(words, segment)
    verdict: Verdict = "cut" if chance >= CUT_CHANCE and sells else "hold"
    reasons.append(Evidence("model", f"reads like advertising: {segment.score:.0%} of its words"))
    return AdSpan(segment.start, segment.end, chance, segment.kind, tuple(reasons), verdict, sponsor)


def _heard(ads: Sequence[AdSpan], turns: Sequence[Turn], wave: Waveform | None) -> tuple[AdSpan, ...]:
    """The ads with what voices and sound say of them, and with the whole turns of voices that only ads have."""
    voices = voices_of_ads(turns, ads)
    sounds = sound_reasons(wave, ads) if wave is not None else [()] * len(ads)
    placed: list[AdSpan] = []
    for ad, strange, sound in zip(ads, strangers(turns, ads), sounds, strict=True):
        voice = (Evidence("voice", "a voice that is heard nowhere else in the episode", ad.start),) if strange else ()
        whole = with_their_turns(ad, turns, voices)
        start = min(ad.start, max(whole.start, placed[-1].end if placed else 0.0))
        kind = "spot" if strange and ad.kind == "sponsor" else ad.kind
        evidence = (*ad.evidence, *voice, *sound)
        placed.append(replace(ad, start=start, end=whole.end, kind=kind, evidence=evidence))
    return tuple(placed)


def _own(call: Segment) -> AdSpan:
    """The show speaking for itself: cut only where that kind is to be removed."""
    said = "asks its listeners for something" if call.kind == "self" else "says who made it"
    return AdSpan(call.start, call.end, call.score, call.kind, (Evidence("phrase", f"the show {said}", call.start),))
