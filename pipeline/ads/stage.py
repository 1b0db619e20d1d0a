"""The stages in which a run finds ads, decides about each, and plans the cuts."""

from __future__ import annotations

from dataclasses import replace

from pipeline.ads.cutting.cuts import plan_cuts
from pipeline.ads.cutting.placement import Quiet
from pipeline.ads.cutting.silence import Pauses, find_pauses
from pipeline.ads.languages import unknown_language
from pipeline.ads.opinion import Opinion, second_opinion
from pipeline.ads.verdict import judge_ads
from pipeline.ports import FindAds, LanguageModel, Progress
from pipeline.recording import Decoded, Sound
from pipeline.result import AdKind, AdSpan, FoundAds
from pipeline.timeline import CutList, Diarization, Transcript


def find(
    transcript: Transcript,
    diarization: Diarization,
    sound: Sound,
    description: str,
    ad_detector: FindAds,
    progress: Progress,
) -> FoundAds:
    """What this recording shows by itself; in a language that the detector has not learnt no ad is cut."""
    found = ad_detector(transcript.words, description=description, turns=diarization.turns, wave=sound.wave)
    if unknown_language(transcript.language):
        return replace(found, ads=tuple(replace(a, verdict="hold") if a.verdict == "cut" else a for a in found.ads))
    return found


def spans(found_ads: FoundAds) -> tuple[AdSpan, ...]:
    """The ads among what was found."""
    return found_ads.ads


def with_doubts(found_ads: FoundAds, judged: tuple[AdSpan, ...]) -> FoundAds:
    """The ads as they were judged, and what else may be ad copy."""
    return replace(found_ads, ads=judged)


def ask(recognised: tuple[AdSpan, ...], transcript: Transcript, adviser: LanguageModel, progress: Progress) -> Opinion:
    """The ads with a language model's opinion on those that are held."""
    return second_opinion(recognised, transcript.words, model=adviser)


def judge(
    recognised: tuple[AdSpan, ...],
    opinion: Opinion | None,
    decoded: Decoded,
    removed_kinds: tuple[AdKind, ...],
) -> tuple[AdSpan, ...]:
    """The ads with what is done with each: by its kind, and by what is believable."""
    found = opinion.ads if opinion else recognised
    return judge_ads(found, duration_s=decoded.duration, kinds=removed_kinds)


def hear_pauses(sound: Sound) -> Pauses:
    """Where nothing is heard."""
    return find_pauses(sound.wave)


def plan(
    judged: tuple[AdSpan, ...], transcript: Transcript, pauses: Pauses, diarization: Diarization, decoded: Decoded
) -> CutList:
    """What the ads would take away, whether they are cut or only marked."""
    quiet = Quiet(pauses, diarization.speech) if any(ad.verdict == "cut" for ad in judged) else None
    return plan_cuts(judged, transcript.words, duration_s=decoded.duration, quiet=quiet)
