"""One case scored: every figure that its references allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.ports import SentenceEncoder
from pipeline.result import Result
from pipeline.scores.ads.detection import AdScores, score_ads
from pipeline.scores.case import Case
from pipeline.scores.notes.facts import NotesScores, score_notes
from pipeline.scores.speakers.speaker_words import (
    SpeakerCounts,
    SpeakerErrors,
    has_speakers,
    score_cpwer,
    score_tcpwer,
    score_wder,
)
from pipeline.scores.speakers.turns import Confusion, TurnErrors, confuse_turns, count_voices, score_turns
from pipeline.scores.words.characters import CharacterErrors, count_characters
from pipeline.scores.words.masking import spans_of_mask
from pipeline.scores.words.runs import LongRun, long_runs
from pipeline.scores.words.wer import WordScores, score_words
from pipeline.timeline import Seconds, Span


@dataclass(frozen=True, slots=True)
class CaseScores:
    """The figures of one case; None where the case has no reference for a figure.

    ``ads_marked`` are the ads that were scored against; ``ads_by_alignment`` says that their times come from the words.
    ``timings`` are wall seconds a stage. ``timed``: whether the words' times are their own, and not assumed.
    """

    case: Case
    result: Result
    words: WordScores | None
    characters: CharacterErrors | None
    cpwer: SpeakerErrors | None
    tcpwer: SpeakerErrors | None
    wder: SpeakerCounts | None
    turns: TurnErrors | None
    confusion: Confusion | None
    voices: tuple[int, int] | None
    ads: AdScores | None
    ads_marked: tuple[Span, ...] | None
    ads_by_alignment: bool
    runs: tuple[LongRun, ...] = ()
    notes: NotesScores = field(default_factory=NotesScores)
    timings: Mapping[str, Seconds] = field(default_factory=dict)
    timed: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is no figure for which both sides say something."""
        found = (self.words, self.cpwer, self.tcpwer, self.wder, self.turns, self.voices, self.ads)
        return all(figure is None for figure in found) and self.notes == NotesScores()


def score_case(
    case: Case, result: Result, timings: Mapping[str, Seconds] | None = None, *, encoder: SentenceEncoder | None = None
) -> CaseScores:
    """Every figure of ``result`` that ``case`` has a reference for; ``encoder`` adds the summary's likeness."""
    case = replace(case, language=case.language or result.transcript.language)
    heard = result.transcript.words
    words = score_words(case, heard, result.cuts)
    marked, aligned = _marked_ads(case, result, words)
    cpwer = score_cpwer(case, heard)
    confusion = None if case.turns is None else confuse_turns(case.turns, result.turns, scored=case.scored)
    return CaseScores(
        case=case,
        result=result,
        words=words,
        characters=_characters(words, case.language),
        cpwer=cpwer,
        tcpwer=score_tcpwer(case, heard),
        wder=score_wder(case, heard, words.raw.alignment) if words else None,
        turns=None if case.turns is None else score_turns(case.turns, result.turns, scored=case.scored),
        confusion=confusion,
        voices=_voices(case, result),
        ads=_score_ads(result, words, marked),
        ads_marked=marked,
        ads_by_alignment=aligned,
        runs=long_runs(words, heard) if words else (),
        notes=score_notes(case, result, voices=_voice_pairs(result, confusion, cpwer), encoder=encoder),
        timings=dict(timings or {}),
    )


def _characters(words: WordScores | None, language: str) -> CharacterErrors | None:
    if words is None:
        return None
    compared = words.raw.alignment
    return count_characters(compared.reference, compared.found, language=language)


def _marked_ads(case: Case, result: Result, words: WordScores | None) -> tuple[tuple[Span, ...] | None, bool]:
    """The true ads' times: given, or else where the transcript has the words that the reference marks as ads."""
    if case.ads is not None:
        return case.ads, False
    if words is None or words.mask is None:
        return None, False
    return spans_of_mask(result.transcript.words, words.mask), True


def _score_ads(result: Result, words: WordScores | None, marked: tuple[Span, ...] | None) -> AdScores | None:
    if marked is None:
        return None
    in_ad = None if words is None or words.mask is None else words.mask.found
    return score_ads(marked, result.ads, result.cuts, words=result.transcript.words, in_ad=in_ad)


def _voice_pairs(result: Result, confusion: Confusion | None, cpwer: SpeakerErrors | None) -> dict[str, str]:
    """Which of our labels is which of the reference's (spelled as in RTTM): by turns, else by words."""
    ours = {"_".join(turn.speaker.split()): turn.speaker for turn in result.turns}
    if confusion is not None:
        return {label: ours[found] for label, found in confusion.mapping}
    pairs = () if cpwer is None else cpwer.pairs
    return {"_".join(label.split()): found for label, found in pairs if label is not None and found is not None}


def _voices(case: Case, result: Result) -> tuple[int, int] | None:
    """Voices of the reference (its turns, else its labels) and voices found."""
    found = count_voices(result.turns)
    if case.turns is not None:
        return count_voices(case.turns), found
    if has_speakers(case):
        return len({word.speaker for word in case.words if word.speaker}), found
    return None
