"""What was heard against where somebody speaks: nothing is lost in silence, and nothing invented stays unnoticed.

1. A run of words that looks made up (see find_suspects) is heard once more on its own. What comes back, if it is not
   doubtful itself, takes its place; a loop or stock line that comes back doubtful again is taken out. A loop that is
   heard the same twice, surely and with time for each word, is what was said.
2. A stretch of detected speech without words is heard once more on its own, too.
3. What was changed, what still has no words, and words that stand where nobody speaks become warnings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.result import Coverage, Warning
from pipeline.timeline import Seconds, Span, Transcript, Word, join_words, merge_spans
from pipeline.words.suspects import FASTEST_WORDS_S, SURE, Suspect, find_suspects

LOST_S = 3.0  # seconds of speech without a word that must not go unnoticed
AGAIN_S = 1.5  # seconds of speech without a word that are worth hearing again: four words
REACH_S = 0.5  # a word covers this much around itself: pauses inside a sentence are no loss
LONGEST_WORD_S = 1.5  # a word that lasts longer has been stretched over what was not heard
SHORTEST_S = 3.0  # a stretch shorter than this is not heard again alone: Whisper needs a sentence around it
MOST_SAID = 8  # times that a chorus or a chant comes in a row; what a network repeats fills its window
BELIEVED = 0.25  # mean probability below which words found on a second hearing are noise


class Transcribe(Protocol):
    """Decodes speech again, on its own."""

    def __call__(self, speech: Sequence[Span], /) -> Transcript: ...


def audit_words(
    transcript: Transcript, speech: Sequence[Span], *, transcribe: Transcribe
) -> tuple[Transcript, tuple[Warning, ...]]:
    """The transcript with doubtful words and lost passages heard again, and a warning for each change and each loss."""
    words, changed = _hear_suspects(transcript.words, speech, transcribe)
    words, found = _hear_gaps(words, speech, transcribe)
    kept = [
        Warning(
            *_ends(suspect, words), suspect.reason, f"{suspect.text(words)!r} was heard where nobody seems to speak"
        )
        for suspect in find_suspects(words, speech)
        if suspect.reason == "words without speech"
    ]
    lost = [
        Warning(g.start, g.end, "speech without words", f"{g.duration:.0f} s of speech have no words")
        for g in find_gaps(words, speech)
    ]
    warnings = sorted([*changed, *found, *kept, *lost], key=lambda warned: (warned.start, warned.end))
    return replace(transcript, words=words), tuple(warnings)


def _hear_suspects(
    words: Sequence[Word], speech: Sequence[Span], transcribe: Transcribe
) -> tuple[tuple[Word, ...], list[Warning]]:
    """The words with every doubtful run replaced by what a second hearing of it alone brings."""
    warnings: list[Warning] = []
    result = list(words)
    untouched = len(result)
    for found in reversed(find_suspects(words, speech)):
        suspect = _widened(found, words)
        if suspect.last > untouched:
            continue  # its words were heard again with the next one's
        untouched = suspect.first
        span = suspect.span(words)
        voiced = [part for part in (_within(s, span) for s in speech) if part.duration > 0.1]
        again = [w for w in transcribe(voiced).words if span.contains(w.middle)] if voiced else []
        if suspect.reason == "a loop" and _same_again(words[suspect.first : suspect.last], again):
            continue  # it is truly said again and again: two hearings, in different windows, count alike
        doubtful = bool(find_suspects(again, speech)) or not _believed(again)
        sure = _believed(words[suspect.first : suspect.last], SURE)
        if suspect.reason == "words without speech" and sure and (doubtful or not again):
            continue  # speech detection may be what failed, so a person is told instead
        if doubtful and suspect.reason == "impossible speed":
            continue  # nothing better was heard; the words may be right and their times wrong
        new = [] if doubtful else again
        if [w.text for w in new] == [w.text for w in words[suspect.first : suspect.last]]:
            continue
        result[suspect.first : suspect.last] = new
        text = f"{suspect.reason}: {suspect.text(words)!r} became {join_words(new) or 'nothing'!r}"
        warnings.append(Warning(span.start, span.end, "heard again", text))
    return _apart(result), warnings


def _hear_gaps(
    words: Sequence[Word], speech: Sequence[Span], transcribe: Transcribe
) -> tuple[tuple[Word, ...], list[Warning]]:
    """The words with those of stretches that had none, each stretch heard in a window of its own."""
    warnings: list[Warning] = []
    found: list[Word] = []
    for gap in find_gaps(words, speech, least_s=AGAIN_S):
        new = [w for w in transcribe((gap,)).words if gap.contains(w.middle)]
        if not new or not _believed(new) or find_suspects(new, speech):
            continue
        found.extend(new)
        if gap.duration >= LOST_S:
            warnings.append(Warning(gap.start, gap.end, "heard again", f"had no words at first: {join_words(new)!r}"))
    return _apart(sorted([*words, *found], key=lambda w: (w.start, w.end))), warnings


def _believed(words: Sequence[Word], least: float = BELIEVED) -> bool:
    return not words or sum(word.probability for word in words) / len(words) >= least


def _same_again(words: Sequence[Word], again: Sequence[Word]) -> bool:
    """Whether a second hearing has the same words, both sure, and no faster or more often than people say them."""
    texts = [[re.sub(r"\W", "", word.text).lower() for word in side] for side in (words, again)]
    period = next(p for p in range(1, len(texts[0]) + 1) if texts[0][p:] == texts[0][:-p])
    if len(texts[0]) > MOST_SAID * period:
        return False
    unhurried = again and len(again) <= FASTEST_WORDS_S * (again[-1].end - again[0].start)
    return texts[0] == texts[1] and bool(unhurried) and _believed(words, SURE) and _believed(again, SURE)


def _widened(suspect: Suspect, words: Sequence[Word]) -> Suspect:
    """The suspect with words around it, where it is too short for anybody to have spoken it."""
    first, last = suspect.first, suspect.last
    if suspect.reason != "impossible speed":
        return suspect
    while words[last - 1].end - words[first].start < SHORTEST_S and (first > 0 or last < len(words)):
        first, last = max(0, first - 1), min(len(words), last + 1)
    return replace(suspect, first=first, last=last)


def _within(span: Span, limits: Span) -> Span:
    start = min(max(span.start, limits.start), limits.end)
    return Span(start, max(start, min(span.end, limits.end)))


def _ends(suspect: Suspect, words: Sequence[Word]) -> tuple[Seconds, Seconds]:
    span = suspect.span(words)
    return span.start, span.end


def find_gaps(words: Sequence[Word], speech: Sequence[Span], *, least_s: Seconds = LOST_S) -> tuple[Span, ...]:
    """Stretches of speech, at least ``least_s`` long, in which there is no word.

    >>> find_gaps([Word(0.0, 1.0, "Hello")], [Span(0.0, 9.0)])
    (Span(start=1.5, end=9.0),)
    """
    covered = merge_spans(
        Span(max(0.0, w.start - REACH_S), min(w.end, w.start + LONGEST_WORD_S) + REACH_S) for w in words
    )
    gaps: list[Span] = []
    first = 0
    for span in merge_spans(speech):
        while first < len(covered) and covered[first].end <= span.start:
            first += 1
        start = span.start
        for cover in covered[first:]:
            if cover.start >= span.end:
                break
            if cover.start > start:
                gaps.append(Span(start, cover.start))
            start = max(start, cover.end)
        if start < span.end:
            gaps.append(Span(start, span.end))
    return tuple(gap for gap in gaps if gap.duration >= least_s)


def cover_speech(words: Sequence[Word], speech: Sequence[Span]) -> Coverage:
    """How the words and the detected speech cover each other, with the times of what either has alone.

    A word covers ``REACH_S`` around itself; speech without words counts from ``AGAIN_S`` on.
    """
    suspects = find_suspects(words, speech)
    whole = sum(span.duration for span in merge_spans(speech))
    missed = sum(gap.duration for gap in find_gaps(words, speech, least_s=0.0))
    return Coverage(
        speech_s=whole,
        share=1 - missed / whole if whole else None,
        unheard=find_gaps(words, speech, least_s=AGAIN_S),
        unvoiced=tuple(s.span(words) for s in suspects if s.reason == "words without speech"),
    )


def _apart(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words that neither overlap nor run backwards."""
    apart: list[Word] = []
    for word in words:
        start = max(word.start, apart[-1].end) if apart else word.start
        apart.append(replace(word, start=start, end=max(start, word.end)))
    return tuple(apart)
