"""What any tool says of a recording, from its files, and its figures against a case.

A tool's files are read as a reference's are (``references.py``), or it is the ``result.json`` of a run. A figure needs
both sides: where the tool says nothing of a thing (an RTTM has no words, a text has no times), its figures are absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from pipeline.formats.nist.stm import parse_stm
from pipeline.formats.records.result_json import parse_result
from pipeline.ports import SentenceEncoder
from pipeline.result import AdSpan, Episode, Result, Speaker
from pipeline.scores.ads.detection import AdScores, score_ads
from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.references import TRANSCRIPTS, build_case
from pipeline.scores.scoring import CaseScores, score_case
from pipeline.scores.words.masking import reference_marks
from pipeline.timeline import CutList, Seconds, Span, Transcript, Turn, Word

Part = Literal["words", "times", "speakers", "turns", "ads", "chapters", "names", "duration"]
RESULT = "result.json"
RICHEST = ("words.json", "reference.ctm", "reference.stm", "reference.vtt", "reference.srt", "reference.txt")
"""Which of a tool's transcripts of one recording is scored: the one that says most of it."""
UNTIMED_WORD_S = 0.4
"""A word of a text without times takes this long in the report's picture (150 words a minute); no figure uses it."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a tool says of a recording as a result of ours; ``parts``: what its files say anything of.

    Ads that are found are taken as cut. ``remarks``: sentences about what of the files was mended or not understood.
    """

    name: str
    result: Result
    parts: frozenset[Part]
    remarks: tuple[str, ...] = ()


def build_hypothesis(texts: Mapping[str, str], *, name: str, language: str = "") -> Hypothesis:
    """What the files ``texts`` (named as in a case folder, or ``result.json``) say; ``language``: what is spoken.

    Raises FormatError with the file that cannot be read.
    """
    if RESULT in texts:
        result = parse_result(texts[RESULT], path=RESULT)
        unlabelled = set() if _labelled(result.transcript.words) else {"speakers"}
        return Hypothesis(name, result, frozenset(set(get_args(Part)) - unlabelled))
    said = build_case(_richest(texts), case_id=name)
    words, turns = _words(said.words), said.turns
    if turns is None and "reference.stm" in texts:
        turns = parse_stm(texts["reference.stm"], name="reference.stm").turns
    says: dict[Part, bool] = {
        "words": bool(said.words),
        "times": bool(said.words) and all(word.span is not None for word in said.words),
        "speakers": _labelled(words),
        "turns": turns is not None,
        "ads": said.ads is not None,
        "chapters": said.chapters is not None,
        "names": said.named_voices is not None or said.names is not None,
    }
    turns = _turns(words) if turns is None else turns
    result = _result(said, words, turns, language)
    if words and not says["times"]:  # where a cut is says nothing of which words it takes
        result = replace(result, cuts=CutList((), result.cuts.duration))
    return Hypothesis(name, result, frozenset(part for part, there in says.items() if there), said.remarks)


def score_hypothesis(case: Case, hypothesis: Hypothesis, *, encoder: SentenceEncoder | None = None) -> CaseScores:
    """Every figure of which both the case and the hypothesis say something."""
    parts, result = hypothesis.parts, hypothesis.result
    if "duration" not in parts:
        length = max(result.cuts.duration, _length(case))
        cuts = CutList.of(result.cuts.removed, duration=length)
        result = replace(result, cuts=cuts, episode=replace(result.episode, duration=length))
    scores = score_case(_comparable(case, parts), result, encoder=encoder)
    if "speakers" not in parts:
        scores = replace(scores, cpwer=None, tcpwer=None, wder=None)
    if "times" not in parts:
        scores = replace(scores, tcpwer=None, runs=(), timed=not scores.words)
    if not {"speakers", "turns"} & parts:
        scores = replace(scores, voices=None)
    return replace(scores, ads=_ads(case, result, parts, scores))


def _comparable(case: Case, parts: frozenset[Part]) -> Case:
    """The case without what the hypothesis says nothing of."""
    words = case.words if "words" in parts else ()
    ads = case.ads
    if words and "times" not in parts:  # what lies in an ad goes by the alignment alone
        marks = reference_marks(case)
        words = words if marks is None else _marked(words, marks)
        ads = None
    return replace(
        case,
        words=words,
        ads=ads,
        turns=case.turns if "turns" in parts else None,
        chapters=case.chapters if "chapters" in parts else None,
        names=case.names if "names" in parts else None,
        named_voices=case.named_voices if "names" in parts else None,
    )


def _ads(case: Case, result: Result, parts: frozenset[Part], scores: CaseScores) -> AdScores | None:
    if "ads" not in parts:
        return None
    if "words" in parts and "times" not in parts and case.ads is not None:
        return score_ads(case.ads, result.ads, CutList.of(result.ads, duration=result.cuts.duration))
    return scores.ads


def _marked(words: tuple[ReferenceWord, ...], marks: tuple[bool, ...]) -> tuple[ReferenceWord, ...]:
    return tuple(replace(word, in_ad=mark) for word, mark in zip(words, marks, strict=True))


def _richest(texts: Mapping[str, str]) -> dict[str, str]:
    """The files with one transcript alone: tools write the same words in several formats."""
    transcripts = {*TRANSCRIPTS, "words.json"}
    best = next((name for name in RICHEST if name in texts), None)
    return {name: text for name, text in texts.items() if name == best or name not in transcripts}


def _words(said: tuple[ReferenceWord, ...]) -> tuple[Word, ...]:
    timed = all(word.span is not None for word in said)
    spans = (
        word.span if timed and word.span else Span(index * UNTIMED_WORD_S, (index + 1) * UNTIMED_WORD_S)
        for index, word in enumerate(said)
    )
    return tuple(
        Word(span.start, span.end, word.text, speaker=word.speaker) for word, span in zip(said, spans, strict=True)
    )


def _labelled(words: tuple[Word, ...]) -> bool:
    return any(word.speaker is not None for word in words)


def _turns(words: tuple[Word, ...]) -> tuple[Turn, ...]:
    """A turn for each run of words of one speaker: for the picture and the count of voices, not for DER."""
    turns: list[Turn] = []
    for word in words:
        if word.speaker is None:
            continue
        if turns and turns[-1].speaker == word.speaker:
            turns[-1] = Turn(turns[-1].start, max(turns[-1].end, word.end), word.speaker)
        else:
            turns.append(Turn(word.start, word.end, word.speaker))
    return tuple(turns)


def _result(said: Case, words: tuple[Word, ...], turns: tuple[Turn, ...], language: str) -> Result:
    duration = _length(said, words)
    labels = dict.fromkeys([*(turn.speaker for turn in turns), *(w.speaker for w in words if w.speaker)])
    named = said.named_voices or {}
    speakers = [Speaker(label, named.get("_".join(label.split()), "")) for label in labels]
    if said.named_voices is None:
        speakers += [Speaker(name, name) for name in said.names or ()]
    return Result(
        episode=Episode(said.id, said.id, duration, "", title=said.title, show=said.show),
        transcript=Transcript(words, language or said.language, ""),
        turns=turns,
        speakers=tuple(speakers),
        ads=tuple(AdSpan(ad.start, ad.end, 1.0) for ad in said.ads or ()),
        cuts=CutList.of(said.ads or (), duration=duration),
        chapters=said.chapters or (),
    )


def _length(case: Case, words: tuple[Word, ...] = ()) -> Seconds:
    """The last second that anything is said of."""
    spans: list[Span] = [*words, *(word.span for word in case.words if word.span), *(case.turns or ())]
    return max((span.end for span in [*spans, *(case.ads or ()), *(case.chapters or ())]), default=0.0)
