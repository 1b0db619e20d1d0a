"""Tokens and their times, as Whisper gives them, to words: pure, so that it is tested without a network."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from pipeline.timeline import Seconds, Span, Word, merge_spans

if TYPE_CHECKING:
    from whisper.tokenizer import Tokenizer

    from models.whisper.network import Aligned

LEADING = "\"'“‘¿([{-"
"""Marks that belong to the word after them."""

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages written without spaces, where every piece is a word."""

SHORTEST_S = 0.02
"""Alignment steps are 20 ms; two tokens can share one."""

EARLY_S = 0.1
"""Attention runs ahead of the voice: on the seed rendering words began 0.14 s too early against its known times (which
lag the sound by 0.03 s), and on human speech the energy dips between words lie as far behind the boundaries."""

PAUSE_S = 0.25
"""A shorter silence may lie inside a word (the closure of a consonant is up to 0.2 s)."""


def words_from_tokens(tokenizer: Tokenizer, tokens: Sequence[int], aligned: Aligned, offset_s: Seconds) -> list[Word]:
    """Words with source times. Punctuation joins its word; a token that is not text yields nothing."""
    spaced = tokenizer.language not in UNSPACED
    pieces, piece_tokens = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    words: list[Word] = []
    first, carried, carried_start = 0, "", None
    for piece, its_tokens in zip(pieces[:-1], piece_tokens[:-1], strict=True):
        last = first + len(its_tokens)
        start, end = offset_s + float(aligned.starts[first]), offset_s + float(aligned.starts[last])
        probability = float(aligned.probabilities[first:last].mean())
        first = last
        text = piece.strip()
        if not text:
            continue
        if not any(letter.isalnum() for letter in text):
            if piece.startswith(" ") and text in LEADING:
                carried, carried_start = carried + text, start if carried_start is None else carried_start
            elif words and text != "-" * len(text):
                last_word = words[-1]
                words[-1] = Word(last_word.start, last_word.end, last_word.text + text, last_word.probability)
            continue
        if words and spaced and not piece.startswith(" ") and not carried:  # ",000" after "10", "-op" after "co"
            last_word = words[-1]
            words[-1] = Word(last_word.start, end, last_word.text + text, min(last_word.probability, probability))
            continue
        words.append(Word(start if carried_start is None else carried_start, end, carried + text, probability))
        carried, carried_start = "", None
    return words


def fit_words(words: Sequence[Word], speech: Sequence[Span], *, duration_s: Seconds) -> tuple[Word, ...]:
    """The words in order, none overlapping, none outside the audio, none reaching across a pause.

    ``words`` have the times of the alignment, which run ahead, and drift in pauses: the first word after one is heard
    far too early, the last one before it too long. So all are set back by ``EARLY_S``, and each is clipped to the
    stretch of speech it shares the most time with; a word that shares none stays where it was heard.
    """
    stretches = merge_spans(speech, gap_s=PAUSE_S)
    ends = [stretch.end for stretch in stretches]
    fitted: list[Word] = []
    clock = 0.0
    for word in sorted(words, key=lambda w: (w.start, w.end)):
        late = word.shifted(EARLY_S)
        start, end = late.start, late.end
        if home := _home(late, stretches, ends) or _home(word, stretches, ends):
            start = min(max(start, home.start), max(home.start, home.end - SHORTEST_S))
            end = min(end, home.end)
        start = max(start, clock)
        end = min(max(end, start + SHORTEST_S), duration_s)
        if end - start < SHORTEST_S / 2:  # beyond the end of the recording
            continue
        fitted.append(Word(round(start, 3), round(end, 3), word.text, word.probability))
        clock = fitted[-1].end
    return tuple(fitted)


def _home(word: Word, stretches: Sequence[Span], ends: Sequence[Seconds]) -> Span | None:
    """The stretch of speech that holds most of a word; the later one of two alike."""
    touched = takewhile(lambda stretch: stretch.start < word.end, stretches[bisect_right(ends, word.start) :])
    return max(touched, key=lambda stretch: (stretch.overlap(word), stretch.start), default=None)
