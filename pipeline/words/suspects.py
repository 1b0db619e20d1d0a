"""Words that a recogniser may have made up: loops, stock lines, impossible speed, words where nobody speaks.

Networks trained on subtitles fill music and silence with what subtitles end with, and repeat themselves when they lose
the thread. Each detector says where and why; what to do about it is the audit's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.timeline import Span, Word, join_words, merge_spans

Reason = Literal["a loop", "a stock line", "impossible speed", "words without speech"]

LONGEST_LOOP = 12  # words of the repeated part
LEAST_REPEATS = 4  # "no, no, no" is said; four times the same, and eight words in all, is not
LEAST_LOOP_WORDS = 8
FASTEST_WORDS_S = 9.0  # the fastest speakers reach 7 words a second over a sentence
FAST_RUN = 8  # words; shorter runs are an alignment that slipped
NEAR_S = 0.5  # detected speech is known to a few tenths
SURE = 0.6  # mean probability from which a stock line inside speech is believed

STOCK_LINES = (
    "thank you for watching",
    "thanks for watching",
    "thank you so much for watching",
    "thank you very much for watching",
    "please subscribe",
    "please subscribe to my channel",
    "like and subscribe",
    "dont forget to like and subscribe",
    "see you in the next video",
    "ill see you in the next video",
    "subtitles by the amaraorg community",
    "transcription by castingwords",
    "transcribed by otterai",
    "untertitel der amaraorg community",
    "untertitel im auftrag des zdf",
    "sous titres realises par la communaute damaraorg",
    "subtitulos realizados por la comunidad de amaraorg",
    "thank you",
    "bye",
    "you",
)
"""What Whisper writes over music and silence, without marks and capitals. Real speakers say most of them, too: one
counts only where little or no speech is detected, or where the recogniser itself was unsure."""

_STOCK = tuple(tuple(re.sub(r"[^\w ]", "", line).split()) for line in STOCK_LINES)


@dataclass(frozen=True, slots=True)
class Suspect:
    """The words ``first`` to ``last`` (exclusive) of a transcript, and why they are doubted."""

    first: int
    last: int
    reason: Reason

    def span(self, words: Sequence[Word]) -> Span:
        return Span(words[self.first].start, max(word.end for word in words[self.first : self.last]))

    def text(self, words: Sequence[Word], *, most: int = 60) -> str:
        """The words as a warning quotes them."""
        said = join_words(words[self.first : self.last])
        return said if len(said) <= most else said[: most - 3].rstrip() + "..."


def find_suspects(words: Sequence[Word], speech: Sequence[Span]) -> tuple[Suspect, ...]:
    """Doubtful runs of words in order, none sharing a word with another; loops come before lesser reasons."""
    taken: set[int] = set()
    found = []
    for detector in (_loops(words), _stock_lines(words, speech), _fast_runs(words), _unvoiced(words, speech)):
        for suspect in detector:
            if taken.isdisjoint(range(suspect.first, suspect.last)):
                taken.update(range(suspect.first, suspect.last))
                found.append(suspect)
    return tuple(sorted(found, key=lambda suspect: suspect.first))


def _loops(words: Sequence[Word]) -> Iterator[Suspect]:
    """Runs in which the same one to twelve words come at least four times in a row."""
    plain = [_plain(word.text) for word in words]
    index = 0
    while index < len(plain):
        best = 0
        for length in range(1, LONGEST_LOOP + 1):
            stop = index + length
            while stop < len(plain) and plain[stop] == plain[stop - length]:
                stop += 1
            covered = stop - index
            if covered // length >= LEAST_REPEATS and covered >= LEAST_LOOP_WORDS:
                best = max(best, covered)
        if best:
            yield Suspect(index, index + best, "a loop")
        index += best or 1


def _stock_lines(words: Sequence[Word], speech: Sequence[Span]) -> Iterator[Suspect]:
    """Stock lines that stand alone (a sentence of their own) over little speech, or of which Whisper was unsure."""
    start = 0
    for index, word in enumerate(words):
        ends = index + 1 == len(words) or word.text[-1:] in ".!?…" or words[index + 1].start - word.end > NEAR_S
        if not ends:
            continue
        run = words[start : index + 1]
        if tuple(_plain(w.text) for w in run) in _STOCK:
            unsure = sum(w.probability for w in run) / len(run) < SURE
            if _share_in_speech(run, speech) < 0.5 or (unsure and len(run) > 2):
                yield Suspect(start, index + 1, "a stock line")
        start = index + 1


def _fast_runs(words: Sequence[Word]) -> Iterator[Suspect]:
    """Runs of at least eight words that nobody could say in their time."""

    def too_fast(first: int, last: int) -> bool:
        return last - first > FASTEST_WORDS_S * (words[last - 1].end - words[first].start)

    index = 0
    while index + FAST_RUN <= len(words):
        stop = index + FAST_RUN
        if not too_fast(index, stop):
            index += 1
            continue
        while stop < len(words) and too_fast(index, stop + 1):
            stop += 1
        yield Suspect(index, stop, "impossible speed")
        index = stop


def _unvoiced(words: Sequence[Word], speech: Sequence[Span]) -> Iterator[Suspect]:
    """Runs of words where nobody was detected to speak, not even nearby."""
    near = merge_spans(Span(max(0.0, s.start - NEAR_S), s.end + NEAR_S) for s in speech)
    start: int | None = None
    place = 0
    for index, word in enumerate(words):
        while place < len(near) and near[place].end <= word.start:
            place += 1
        silent = place == len(near) or near[place].start >= word.end
        if silent and start is None:
            start = index
        if not silent and start is not None:
            yield Suspect(start, index, "words without speech")
            start = None
    if start is not None:
        yield Suspect(start, len(words), "words without speech")


def _share_in_speech(words: Sequence[Word], speech: Sequence[Span]) -> float:
    whole = sum(max(word.duration, 0.02) for word in words)
    return sum(span.overlap(word) for word in words for span in speech) / whole


def _plain(text: str) -> str:
    return re.sub(r"[^\w]", "", text).lower()
