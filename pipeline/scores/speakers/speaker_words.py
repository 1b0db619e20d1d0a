"""Who said what: words and speakers scored together.

cpWER and tcpWER come from meeteval; WDER is counted here on the alignment that WER-raw uses.
Each speaker's words are normalised as one text, as anybody recomputing the figure would do it.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.words.alignment import Alignment
from pipeline.scores.words.normalise import tokenise
from pipeline.scores.words.word_errors import WordErrors
from pipeline.timeline import Span, Word

NOBODY = "(nobody)"
"""The stream of words that carry no speaker."""
MOST_SPEAKERS = 20
"""meeteval refuses to search more streams than this; the figure is then absent."""
TIME_COLLAR_S = 5.0
"""tcpWER: how far apart in time two words may be and still match; meeteval's own example uses 5 s."""


@dataclass(frozen=True, slots=True)
class SpeakerErrors:
    """Word errors of the best pairing of speakers; ``pairs`` are (reference, found), None for a speaker left alone."""

    errors: WordErrors
    pairs: tuple[tuple[str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class SpeakerCounts:
    """Of the ``aligned`` words (hits and substitutions), how many bear the wrong speaker."""

    aligned: int = 0
    wrong: int = 0

    @property
    def rate(self) -> float | None:
        return self.wrong / self.aligned if self.aligned else None

    def __add__(self, other: SpeakerCounts) -> SpeakerCounts:
        return SpeakerCounts(self.aligned + other.aligned, self.wrong + other.wrong)

    def figure(self) -> dict[str, float | int]:
        counts: dict[str, float | int] = {"aligned": self.aligned, "wrong": self.wrong}
        return counts if self.rate is None else {"rate": self.rate, **counts}


def score_cpwer(case: Case, words: Sequence[Word]) -> SpeakerErrors | None:
    """WER of each speaker's words under the best pairing of speakers (cpWER); None without reference speakers."""
    from meeteval.wer.wer.cp import cp_word_error_rate

    reference, found = _streams(case.words, case.language), _streams(words, case.language)
    if not has_speakers(case) or max(len(reference), len(found)) > MOST_SPEAKERS:
        return None
    if not any(reference.values()):
        return None
    sides = (
        {speaker: " ".join(text for text, _ in tokens) for speaker, tokens in streams.items()} or {NOBODY: ""}
        for streams in (reference, found)
    )
    result = cp_word_error_rate(*sides, reference_sort=False, hypothesis_sort=False)
    return SpeakerErrors(_errors(result), tuple(result.assignment or ()))


def score_tcpwer(case: Case, words: Sequence[Word], *, collar_s: float = TIME_COLLAR_S) -> SpeakerErrors | None:
    """cpWER where words match only within ``collar_s`` seconds; None unless every reference word has a time."""
    from meeteval.io import SegLST
    from meeteval.wer.wer.time_constrained import tcp_word_error_rate

    if not has_speakers(case) or any(word.span is None for word in case.words):
        return None
    reference, found = _streams(case.words, case.language), _streams(words, case.language)
    if max(len(reference), len(found)) > MOST_SPEAKERS or not any(reference.values()) or not any(found.values()):
        return None
    sides = SegLST(_timed(reference)), SegLST(_timed(found))
    with _quiet():
        result = tcp_word_error_rate(*sides, collar=collar_s, reference_sort=False, hypothesis_sort=False)
    return SpeakerErrors(_errors(result), tuple(result.assignment or ()))


def score_wder(case: Case, words: Sequence[Word], alignment: Alignment) -> SpeakerCounts | None:
    """Aligned words that bear the wrong speaker (WDER), under the pairing that gets most words right.

    Inserted and deleted words have no say here: read it beside the WER. A found word without a speaker is wrong.
    """
    if not has_speakers(case):
        return None
    together: Counter[tuple[str, str | None]] = Counter()
    for pair in alignment.pairs:
        if pair.reference is not None and pair.found is not None:
            said = case.words[alignment.reference[pair.reference].first].speaker or NOBODY
            together[said, words[alignment.found[pair.found].first].speaker] += 1
    right = _most_agreeing(together)
    return SpeakerCounts(together.total(), together.total() - right)


def has_speakers(case: Case) -> bool:
    """Whether the reference says who speaks (one label over everything says it too)."""
    return any(word.speaker is not None for word in case.words)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without meeteval's remarks on words that overlap in time, which podcasts' words do: stderr is for our reader."""
    logger = logging.getLogger("preprocess")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _most_agreeing(together: Mapping[tuple[str, str | None], int]) -> int:
    from scipy.optimize import linear_sum_assignment

    reference = sorted({said for said, _ in together})
    found = sorted({heard for _, heard in together if heard is not None})
    counts = np.array([[together.get((said, heard), 0) for heard in found] for said in reference], dtype=int)
    if not counts.size:
        return 0
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return int(counts[rows, columns].sum())


def _streams(
    words: Iterable[ReferenceWord] | Iterable[Word], language: str
) -> dict[str, list[tuple[str, Span | None]]]:
    """Each speaker's tokens in order, with the time of the words they were made of."""
    spoken: defaultdict[str, list[ReferenceWord | Word]] = defaultdict(list)
    for word in words:
        spoken[word.speaker or NOBODY].append(word)
    streams: dict[str, list[tuple[str, Span | None]]] = {}
    for speaker, said in spoken.items():
        tokens = tokenise([word.text for word in said], language)
        streams[speaker] = [(token.text, _time(said[token.first], said[token.last])) for token in tokens]
    return streams


def _time(first: ReferenceWord | Word, last: ReferenceWord | Word) -> Span | None:
    start, end = (word.span if isinstance(word, ReferenceWord) else word for word in (first, last))
    return None if start is None or end is None else Span(start.start, max(start.start, end.end))


def _timed(streams: Mapping[str, Sequence[tuple[str, Span | None]]]) -> list[dict[str, object]]:
    """Segments for meeteval by start: tokens of one word ("can't": "can not") stay together and share its time."""
    segments: list[dict[str, object]] = []
    for speaker, tokens in streams.items():
        before: Span | None = None
        for text, span in tokens:
            assert span is not None
            if before is not None and span == before and segments:
                segments[-1]["words"] = f"{segments[-1]['words']} {text}"
                continue
            before = span
            times = {"start_time": span.start, "end_time": span.end}
            segments.append({"session_id": "case", "speaker": speaker, "words": text, **times})
    return sorted(segments, key=lambda segment: float(segment["start_time"]))  # type: ignore[arg-type]


def _errors(result: object) -> WordErrors:
    counts = {name: int(getattr(result, name)) for name in ("errors", "substitutions", "deletions", "insertions")}
    return WordErrors.of(words=int(result.length), **counts)  # type: ignore[attr-defined]
