"""Who said each word: turns laid over words, then put right where a turn's edge cuts into a sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice

from pipeline.timeline import Seconds, Turn, Word

SENTENCE_END = (".", "?", "!", "…", "\u3002", "\uff1f", "\uff01")
"""What a sentence's last word ends on; the last three are the full-width marks of Chinese and Japanese."""
CLOSING = "\"'\u201d\u2019\xbb)]"
EDGE_WORDS = 3
"""A sentence may lend at most this many words at each end to its neighbour's speaker before that is believed."""
EDGE_S = 1.2
"""And at most this long: turn edges are off by tenths of a second, not by more than a phrase."""


def assign_speakers(words: Sequence[Word], turns: Sequence[Turn]) -> tuple[Word, ...]:
    """The same words with ``speaker`` filled in from exclusive turns; nothing else about a word changes.

    A word goes to the turn it shares most time with, or, in a gap, to the nearest; a few words that stray over the
    edge of a turn go back to the speaker of their sentence. Without turns, words come back as they are.

    >>> turns = [Turn(0.0, 1.1, "A"), Turn(1.1, 3.0, "B")]
    >>> words = [Word(0.0, 0.4, "Hello,"), Word(0.4, 1.0, "Ann."), Word(1.0, 1.15, "I'm"), Word(1.2, 2.0, "fine.")]
    >>> [word.speaker for word in assign_speakers(words, turns)]
    ['A', 'A', 'B', 'B']
    """
    if not turns:
        return tuple(words)
    speakers = by_overlap(words, turns)
    for first, last in sentences(words):
        speakers[first:last] = _settle_edges(words[first:last], speakers[first:last])
    return tuple(replace(word, speaker=speaker) for word, speaker in zip(words, speakers, strict=True))


def by_overlap(words: Sequence[Word], turns: Sequence[Turn]) -> list[str]:
    """For each word the speaker it shares most time with, else the speaker of the nearest turn."""
    ordered = sorted(turns, key=lambda turn: (turn.start, turn.end))
    latest: list[Turn] = []
    for turn in ordered:  # of the turns so far, the one that ends last
        latest.append(turn if not latest or turn.end > latest[-1].end else latest[-1])
    ends = [turn.end for turn in latest]
    found = []
    for word in words:
        index = bisect_left(ends, word.start)
        nearest = latest[index - 1] if index else ordered[0]
        shares: dict[str, Seconds] = defaultdict(float)
        for turn in islice(ordered, index, None):
            if _gap(turn, word) < _gap(nearest, word):
                nearest = turn
            if turn.start > word.end:
                break
            shares[turn.speaker] += turn.overlap(word)
        most = max(shares, key=lambda speaker: shares[speaker], default="")
        found.append(most if shares.get(most) else nearest.speaker)
    return found


def _gap(turn: Turn, word: Word) -> Seconds:
    return max(turn.start - word.end, word.start - turn.end, 0.0)


def sentences(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Index ranges (first, last + 1) of sentences, by the punctuation that words end on."""
    first = 0
    for index, word in enumerate(words):
        if word.text.rstrip(CLOSING).endswith(SENTENCE_END):
            yield first, index + 1
            first = index + 1
    if first < len(words):
        yield first, len(words)


def _settle_edges(words: Sequence[Word], speakers: list[str]) -> list[str]:
    """Give short runs at the two ends of a sentence, and specks inside it, to the speaker who says most of it."""
    runs = [(speaker, len(list(group))) for speaker, group in groupby(speakers)]
    if len(runs) == 1:
        return speakers
    time: dict[str, Seconds] = defaultdict(float)
    for word, speaker in zip(words, speakers, strict=True):
        time[speaker] += word.duration
    main = max(time, key=lambda speaker: time[speaker])
    settled: list[str] = []
    for speaker, count in runs:
        run = words[len(settled) : len(settled) + count]
        stray = count <= EDGE_WORDS and run[-1].end - run[0].start <= EDGE_S and time[speaker] < time[main] / 2
        settled += [main if stray else speaker] * count
    return settled
