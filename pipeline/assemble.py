"""The last rows of a run's table: what the stages made becomes one result, and that the one its person has."""

from __future__ import annotations

from dataclasses import replace

from pipeline.ads.cutting.silence import Pauses
from pipeline.ads.languages import unknown_language
from pipeline.ads.opinion import Opinion
from pipeline.ads.stage import plan
from pipeline.language import PARSED_LANGUAGE, language_name
from pipeline.library.edits.apply import apply_edits
from pipeline.library.edits.describe import describe_edit, moment_of
from pipeline.library.edits.kinds import Edit
from pipeline.library.edits.on_ads import edited_ads
from pipeline.notes.fitted import NotesModel
from pipeline.notes.rewrite import Rewritten
from pipeline.notes.stage import Described, Sentences, are_of, describe_again
from pipeline.recording import Decoded
from pipeline.result import AdSpan, Chapter, Episode, Result, Speaker, Verdict, Warning
from pipeline.settings import AdsMode
from pipeline.timeline import CutList, Diarization, Seconds, Transcript
from pipeline.words.audit import cover_speech
from pipeline.words.stage import Heard

UNMET = "edit"
"""The kind of a warning about an edit that fits nothing any more."""


def choose_content(described: Described, worded: Rewritten | None) -> Described:
    """Chapters and notes: the reworded ones, where there are any."""
    return Described(worded.chapters, worded.notes) if worded else described


def redescribe(
    found: Result,
    described: Described,
    sentences: Sentences,
    edits: tuple[Edit, ...],
    pauses: Pauses,
    diarization: Diarization,
    decoded: Decoded,
    notes_model: NotesModel,
) -> Described | None:
    """Chapters and notes for the ads as their person has them; None where these are as found.

    What a language model has reworded stays: it cannot be asked again without a network.
    """
    ads = edited_ads(found.ads, edits)
    if [_stretch(ad) for ad in ads] == [_stretch(ad) for ad in found.ads] or found.notes.rewritten_by:
        return None
    if not are_of(sentences, found.transcript, found.ads):
        return None
    cuts = plan(ads, found.transcript, pauses, diarization, decoded)
    return describe_again(found, described, sentences, ads, cuts, notes_model)


def _stretch(ad: AdSpan) -> tuple[Seconds, Seconds, Verdict]:
    return ad.start, ad.end, ad.verdict


def edit(
    found: Result,
    again: Described | None,
    edits: tuple[Edit, ...],
    pauses: Pauses,
    diarization: Diarization,
    decoded: Decoded,
    ads_mode: AdsMode,
) -> Result:
    """The result as its person has it, with a warning for every edit that fits nothing any more."""

    def make_cuts(ads: tuple[AdSpan, ...]) -> CutList:
        return apply_cuts(plan(ads, found.transcript, pauses, diarization, decoded), ads_mode)

    if again is not None:
        found = replace(found, chapters=again.chapters, notes=again.notes)
    edited = apply_edits(found, edits, plan=make_cuts)
    unmet = tuple(_unmet(edits[place]) for place in edited.unmet)
    return replace(edited.result, warnings=(*edited.result.warnings, *unmet))


def _unmet(lost: Edit) -> Warning:
    moment = moment_of(lost)
    text = f"an edit of yours fits nothing any more: {describe_edit(lost)}"
    return Warning(moment.start, moment.end, UNMET, text)


def cuts_of(result: Result) -> CutList:
    """The cuts alone: what the sound is made from."""
    return result.cuts


def chapters_of(result: Result) -> tuple[Chapter, ...]:
    """The chapters alone: the sound changes with them, not with the notes."""
    return result.chapters


def gather_warnings(
    decoded: Decoded, heard: Heard, opinion: Opinion | None, worded: Rewritten | None, looks_for_ads: bool
) -> tuple[Warning, ...]:
    """What a listener should know, in the order of the stages."""
    damage = (Warning(0.0, decoded.duration, "damage", loss) for loss in decoded.losses)
    spoken = heard.transcript.language
    unknown = (unknown_language(spoken) if looks_for_ads else "", "" if worded else _not_analysed(spoken))
    language = (Warning(0.0, decoded.duration, "language", text) for text in unknown if text)
    asked = (outcome.warnings for outcome in (opinion, worded) if outcome)
    return (*damage, *heard.warnings, *language, *(warning for warnings in asked for warning in warnings))


def _not_analysed(language: str) -> str:
    """What to tell a user about an episode whose language has no grammar here; empty where it has one."""
    if language == PARSED_LANGUAGE:
        return ""
    return (
        f"this episode is in {language_name(language)}, and names that are spoken, a summary and topics are only found "
        "in English: its notes have chapters and links"
    )


def apply_cuts(cuts: CutList, ads_mode: AdsMode) -> CutList:
    """The cuts that are made: none where ads are only marked or not looked for."""
    return cuts if ads_mode == "cut" else CutList((), cuts.duration)


def assemble(
    episode: Episode,
    transcript: Transcript,
    diarization: Diarization,
    speakers: tuple[Speaker, ...],
    judged: tuple[AdSpan, ...],
    planned_cuts: CutList,
    content: Described,
    warnings: tuple[Warning, ...],
) -> Result:
    """The result. A file may claim another length than it has: only the decoded sound counts."""
    return Result(
        episode=replace(episode, duration=planned_cuts.duration),
        transcript=transcript,
        turns=diarization.turns,
        speakers=speakers,
        ads=judged,
        cuts=planned_cuts,
        chapters=content.chapters,
        notes=content.notes,
        warnings=warnings,
        coverage=cover_speech(transcript.words, diarization.speech),
    )
