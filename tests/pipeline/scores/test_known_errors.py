"""The scorer against itself and others: 200 random references, corrupted so that every figure is known beforehand.

Words are unlike each other and edits stand apart, so no alignment has fewer errors than were made. Each figure is also
held against jiwer, meeteval or pyannote.metrics, to 1e-9.
"""

from __future__ import annotations

import random
import warnings
from dataclasses import dataclass, replace
from functools import cache

import jiwer
import pytest
from meeteval.wer.wer.cp import cp_word_error_rate
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate

from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.report.document import build_report
from pipeline.scores.scoring import score_case
from pipeline.scores.speakers.speaker_words import SpeakerCounts, score_cpwer, score_tcpwer, score_wder
from pipeline.scores.words.characters import count_characters
from pipeline.scores.words.normalise import normalise
from pipeline.scores.words.wer import score_words
from pipeline.timeline import Span, Turn, Word
from tests.pipeline.scores.strategies import result

TIMES = 200
STEP_S = 0.5
"""From one word to the next."""
PLACES = (2, 6)
"""Where in a turn of ten words there may be an edit: apart, so that no deletion and insertion make a substitution."""
SYLLABLES = [c + v for c in "bdfgklmnprtvz" for v in "aeiou"]


@dataclass(frozen=True)
class Known:
    """What was done to a reference."""

    substitutions: int
    deletions: int
    insertions: int
    swaps: int


@cache
def vocabulary() -> tuple[str, ...]:
    """Made-up words, none twice, that the normaliser leaves as they are."""
    draw = random.Random(0)
    found = dict.fromkeys("".join(draw.choice(SYLLABLES) for _ in range(4)) for _ in range(150))
    return tuple(word for word in found if normalise(word) == word)


def spoken(draw: random.Random) -> list[Word]:
    """Sixty to a hundred words of two or three speakers, in turns of ten."""
    count, voices = draw.randint(60, 100), draw.choice((["A", "B"], ["A", "B", "C"]))
    return [
        Word(i * STEP_S, i * STEP_S + 0.4, text, 1.0, voices[i // 10 % len(voices)])
        for i, text in enumerate(draw.sample(vocabulary(), count))
    ]


def corrupted(draw: random.Random, truth: list[Word]) -> tuple[list[Word], Known]:
    """The words with edits that stand apart, each of one kind; words of B that are given to A."""
    fresh = iter(draw.sample([word for word in vocabulary() if word not in {w.text for w in truth}], 30))
    counts = dict.fromkeys(("substitution", "deletion", "insertion", "swap"), 0)
    heard: list[Word] = []
    for index, word in enumerate(truth):
        kind = draw.choice([*counts, "none"]) if index % 10 in PLACES else "none"
        kind = "none" if kind == "swap" and word.speaker != "B" else kind
        if kind == "deletion":
            counts[kind] += 1
            continue
        if kind == "substitution":
            word = replace(word, text=next(fresh))
        if kind == "swap":
            word = replace(word, speaker="A")
        heard.append(word)
        if kind == "insertion":
            heard.append(Word(word.end, word.end + 0.05, next(fresh), 1.0, word.speaker))
        if kind != "none":
            counts[kind] += 1
    return heard, Known(counts["substitution"], counts["deletion"], counts["insertion"], counts["swap"])


def text(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def streams(words: list[Word]) -> dict[str, str]:
    return {name: text([w for w in words if w.speaker == name]) for name in sorted({w.speaker for w in words})}


def test_known_edits_and_swaps_come_out_as_made():
    for seed in range(TIMES):
        draw = random.Random(seed)
        truth = spoken(draw)
        heard, made = corrupted(draw, truth)
        words = tuple(ReferenceWord(w.text, w.speaker, Span(w.start, w.end)) for w in truth)
        known = Case("known", words=words, language="en")
        scores = score_words(known, heard, result().cuts)
        errors, alignment = scores.raw.errors, scores.raw.alignment
        edits = (made.substitutions, made.deletions, made.insertions)
        assert (errors.substitutions, errors.deletions, errors.insertions) == edits, seed
        assert scores.pipeline.errors == errors
        assert abs(errors.rate - jiwer.wer(text(truth), text(heard))) < 1e-9, seed
        characters = count_characters(alignment.reference, alignment.found)
        assert abs(characters.rate - jiwer.cer(text(truth), text(heard))) < 1e-9, seed
        assert score_wder(known, heard, alignment) == SpeakerCounts(len(truth) - made.deletions, made.swaps), seed
        if seed % 4 == 0:  # the slow ones
            paired = score_cpwer(known, heard).errors
            assert paired.errors == score_tcpwer(known, heard).errors.errors == sum(edits) + 2 * made.swaps, seed
            assert abs(paired.rate - cp_word_error_rate(streams(truth), streams(heard)).error_rate) < 1e-9, seed


def annotation(turns: list[Turn]) -> Annotation:
    built = Annotation()
    for track, turn in enumerate(turns):
        built[Segment(turn.start, turn.end), track] = turn.speaker
    return built


@pytest.mark.parametrize("seed", range(40))
def test_known_turns_come_out_as_made(seed):
    """Turns to the millisecond with a silence after each; some are lost, some are another's, some stand in silences."""
    draw = random.Random(seed)
    truth: list[Turn] = []
    found: list[Turn] = []
    lost = taken = invented = 0.0
    at = 1.0
    for index in range(24):
        length = draw.randint(1000, 4000) / 1000
        turn = Turn(at, round(at + length, 3), "ABC"[index % 3])
        truth.append(turn)
        kind = draw.choice(("right", "right", "right", "lost", "taken", "invented")) if index > 5 else "right"
        if kind == "lost":
            lost += length
        else:
            found.append(
                replace(turn, speaker={"A": "B", "B": "C", "C": "A"}[turn.speaker]) if kind == "taken" else turn
            )
            taken += length * (kind == "taken")
        if kind == "invented":
            found.append(Turn(round(turn.end + 0.25, 3), round(turn.end + 0.75, 3), "A"))
            invented += 0.5
        at = round(turn.end + 1.0, 3)
    scores = score_case(Case("known", turns=tuple(truth)), result(turns=found, duration=at)).turns
    assert scores.missed_s == pytest.approx(lost, abs=1e-9)
    assert scores.false_alarm_s == pytest.approx(invented, abs=1e-9)
    assert scores.confusion_s == pytest.approx(taken, abs=1e-9)
    region = Timeline([Segment(0, max(turn.end for turn in (*truth, *found)) + 1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [
            m()(annotation(truth), annotation(found), uem=region) for m in (DiarizationErrorRate, JaccardErrorRate)
        ]
    assert abs(scores.rate - theirs[0]) < 1e-9
    assert abs(scores.jaccard - theirs[1]) < 1e-9


def test_known_ad_edges_come_out_as_made():
    for seed in range(TIMES):
        draw = random.Random(seed)
        marked: list[Span] = []
        found: list[tuple[float, float]] = []
        edges: list[float] = []
        missed = invented = late = early = 0
        lost = kept = 0.0
        for number in range(5):
            start = 10 + 200 * number + draw.randint(0, 50)
            span = Span(float(start), float(start + draw.randint(30, 60)))
            marked.append(span)
            if draw.random() < 0.3:
                missed, kept = missed + 1, kept + span.duration
                continue
            begin, end = (draw.randint(-20, 20) / 4 for _ in range(2))  # up to 5 s: the overlap stays over a half
            found.append((span.start + begin, span.end + end))
            edges += [abs(begin), abs(end)]
            late, early = max(0.0, begin) + max(0.0, -end), max(0.0, -begin) + max(0.0, end)
            kept, lost = kept + late, lost + early
            if draw.random() < 0.3:
                found.append((start + 100.0, start + 110.0))
                invented, lost = invented + 1, lost + 10.0
        heard = result(ads=found, cuts=found, duration=1200.0)
        scores = score_case(Case("known", ads=tuple(marked)), heard)
        spans = scores.ads.spans
        assert (spans.right, spans.wrong, spans.missed) == (5 - missed, invented, missed), seed
        assert spans.edge_errors_s == pytest.approx(tuple(edges)), seed
        figure = build_report([scores])["cases"][0]["ads"]
        assert figure["content_seconds_lost"] == pytest.approx(lost, abs=1e-9), seed
        assert figure["ad_seconds_kept"] == pytest.approx(kept, abs=1e-9), seed
        right = 5 - missed
        assert figure["f1"] == pytest.approx(2 * right / (2 * right + invented + missed), abs=1e-9), seed
