"""Show notes against what is known: who speaks, where chapters start, what the show says about itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from pipeline.formats.pages.notes_page import about_text
from pipeline.ports import SentenceEncoder
from pipeline.result import Result
from pipeline.scores.case import Case
from pipeline.scores.notes.descriptions import told_of_episode
from pipeline.timeline import Seconds

SAME_NAME = 80.0
"""Likeness in per cent from which two spellings are one name: "Aldo Keane" and "Aldo Keanne" are at 95."""
NEAR_S = 10.0
"""How far a chapter may start from the given one and still be that chapter."""
WINDOW_UNIT_S = 1.0


@dataclass(frozen=True, slots=True)
class NameCounts:
    """Names given to speakers: right, wrong (nobody of that name speaks, or the wrong voice bears it), and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: NameCounts) -> NameCounts:
        return NameCounts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    def figure(self) -> dict[str, int]:
        return {"right": self.right, "wrong": self.wrong, "missed": self.missed}


@dataclass(frozen=True, slots=True)
class ChapterScores:
    """Chapter starts right, wrong and missed within ten seconds; ``differing`` of ``windows`` differ (WindowDiff)."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    differing: int = 0
    windows: int = 0

    @property
    def f1(self) -> float | None:
        size = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / size if size else None

    def __add__(self, other: ChapterScores) -> ChapterScores:
        return ChapterScores(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missed + other.missed,
            self.differing + other.differing,
            self.windows + other.windows,
        )

    def figure(self) -> dict[str, float | int]:
        figures: dict[str, float | int] = {"right": self.right, "wrong": self.wrong, "missed": self.missed}
        if self.f1 is not None:
            figures["f1"] = self.f1
        if self.windows:
            figures["window_diff"] = self.differing / self.windows
        return figures


@dataclass(frozen=True, slots=True)
class SummaryScores:
    """The printed summary against what the show's description tells of the episode; ``words``: how many that has.

    ``rouge_l`` is F1; ``cosine`` is None without an encoder.
    """

    recall: float
    rouge_l: float
    words: int
    cosine: float | None = None

    def figure(self) -> dict[str, float]:
        figures = {"recall": self.recall, "rouge_l": self.rouge_l, "description_words": self.words}
        return figures | ({} if self.cosine is None else {"cosine": self.cosine})


@dataclass(frozen=True, slots=True)
class NotesScores:
    """None where the case gives nothing to compare with."""

    names: NameCounts | None = None
    chapters: ChapterScores | None = None
    summary: SummaryScores | None = None

    def figure(self) -> dict[str, Any]:
        parts = {"names": self.names, "chapters": self.chapters, "summary": self.summary}
        return {name: part.figure() for name, part in parts.items() if part is not None}


def score_notes(
    case: Case, result: Result, *, voices: Mapping[str, str] | None = None, encoder: SentenceEncoder | None = None
) -> NotesScores:
    """The notes' scores; ``voices`` maps the reference's speaker labels to ours, where both are known."""
    chapters = None
    if case.chapters is not None:
        starts = [c.start for c in case.chapters], [c.start for c in result.chapters]
        chapters = score_chapters(*starts, duration_s=result.episode.duration)
    return NotesScores(
        names=_score_names(case, result, voices or {}),
        chapters=chapters,
        summary=_score_summary(case.description, result, encoder),
    )


def match_names(given: Sequence[str], found: Sequence[str]) -> NameCounts:
    """Names matched one to one, by spelling near enough or by being a part of just one given name.

    >>> match_names(["Nora Gelperin", "Aldo Keane"], ["Nora", "Aldo Keanne", "Ida Holm"])
    NameCounts(right=2, wrong=1, missed=0)
    """
    left = [*given]
    wrong = 0
    for name in sorted(found, key=lambda name: -len(name.split())):
        same = [other for other in left if same_name(name, other)]
        if len(same) == 1 or (same and same_name(name, same[0], whole=True)):
            left.remove(same[0])
        else:
            wrong += 1
    return NameCounts(len(given) - len(left), wrong, len(left))


def same_name(one: str, other: str, *, whole: bool = False) -> bool:
    """Whether two names can be one person's; ``whole`` refuses a first or last name alone."""
    a, b = _plain(one), _plain(other)
    if not a or not b:
        return False
    if fuzz.ratio(a, b) >= SAME_NAME:
        return True
    return not whole and (set(a.split()) <= set(b.split()) or set(b.split()) <= set(a.split()))


def score_chapters(
    given: Sequence[Seconds], found: Sequence[Seconds], *, duration_s: Seconds, near_s: Seconds = NEAR_S
) -> ChapterScores:
    """Chapter starts against given ones; a start within ten seconds of the beginning is no choice and not counted."""
    truth, guess = ([t for t in sorted(starts) if NEAR_S < t < duration_s] for starts in (given, found))
    right = _match_times(truth, guess, near_s)
    differing, windows = window_diff(truth, guess, duration_s=duration_s)
    return ChapterScores(right, len(guess) - right, len(truth) - right, differing, windows)


def window_diff(given: Sequence[Seconds], found: Sequence[Seconds], *, duration_s: Seconds) -> tuple[int, int]:
    """Windows that hold different numbers of boundaries, and all windows (Pevzner and Hearst 2002).

    A window is half as long as the given segments are on average; it moves by the second.
    """
    size = round(duration_s / WINDOW_UNIT_S)
    width = max(2, round(size / (len(given) + 1) / 2))
    if size <= width:
        return 0, 0
    counts = []
    for starts in (given, found):
        marks = np.zeros(size + 1, dtype=int)
        np.add.at(marks, [min(size, max(1, round(t / WINDOW_UNIT_S))) for t in starts], 1)
        below = np.cumsum(marks)  # boundaries at or before each unit
        counts.append(below[width:size] - below[: size - width])
    return int((counts[0] != counts[1]).sum()), size - width


def rouge_l(reference: str, text: str) -> float:
    """ROUGE-L F1 (Lin 2004): the longest common sequence of words, over both lengths.

    >>> rouge_l("the cat sat on the mat", "the cat lay on a mat")
    0.6666666666666666
    """
    a, b = _words(reference), _words(text)
    common = LCSseq.similarity(a, b)
    return 2 * common / (len(a) + len(b)) if common else 0.0


def rouge_recall(reference: str, text: str) -> float:
    """ROUGE-L recall (Lin 2004): the share of the reference's words in the longest common sequence.

    >>> rouge_recall("the cat sat on the mat", "the cat lay on a mat today")
    0.6666666666666666
    """
    words = _words(reference)
    return LCSseq.similarity(words, _words(text)) / len(words) if words else 0.0


def _score_names(case: Case, result: Result, voices: Mapping[str, str]) -> NameCounts | None:
    if case.names is None and case.named_voices is None:
        return None
    named = {speaker.label: speaker.name for speaker in result.speakers if speaker.name and speaker.role != "ad"}
    if case.named_voices is None or not voices:
        given = case.names if case.names is not None else tuple((case.named_voices or {}).values())
        return match_names(given, tuple(dict.fromkeys(named.values())))
    ours = {voices[label]: name for label, name in case.named_voices.items() if label in voices}
    right = sum(label in ours and same_name(name, ours[label]) for label, name in named.items())
    return NameCounts(right, len(named) - right, len(case.named_voices) - right)


def _score_summary(description: str, result: Result, encoder: SentenceEncoder | None) -> SummaryScores | None:
    about, said = told_of_episode(description), about_text(result)
    if not result.notes.summary or not about:
        return None
    cosine = None
    if encoder is not None:
        vectors = encoder.encode([about, said])
        cosine = float(vectors[0] @ vectors[1] / max(1e-12, np.linalg.norm(vectors[0]) * np.linalg.norm(vectors[1])))
    return SummaryScores(rouge_recall(about, said), rouge_l(about, said), len(_words(about)), cosine)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _match_times(given: Sequence[Seconds], found: Sequence[Seconds], near_s: Seconds) -> int:
    """Pairs at most so far apart, one to one: both in order, so the earliest free partner is always the best."""
    right = i = j = 0
    while i < len(given) and j < len(found):
        if abs(given[i] - found[j]) <= near_s:
            right, i, j = right + 1, i + 1, j + 1
        elif given[i] < found[j]:
            i += 1
        else:
            j += 1
    return right


def _plain(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))
