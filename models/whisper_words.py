"""Tokens and their times, as Whisper gives them, to words: pure, so that it is tested without a network."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.timeline import Seconds, Span, Word

if TYPE_CHECKING:
    from whisper.tokenizer import Tokenizer

    from models.whisper_network import Aligned

LEADING = "\"'“‘¿([{-"
"""Marks that belong to the word after them."""

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages written without spaces, where every piece is a word."""

SHORTEST_S = 0.02
"""Alignment steps are 20 ms; two tokens can share one."""

EDGE_S = 0.05
"""Speech boundaries are known to a few hundredths: a word may begin that much before the speech."""


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
    """The words in order, none overlapping, none outside the audio, none reaching into silence.

    Attention drifts in pauses: a first word is often heard too early, a last one too long. Where a word begins outside
    speech it is moved to the next onset, if that lies within the word; where it ends outside, to the offset before.
    """
    onsets, offsets = [span.start for span in speech], [span.end for span in speech]
    fitted: list[Word] = []
    clock = 0.0
    for word in sorted(words, key=lambda w: (w.start, w.end)):
        start, end = word.start, word.end
        index = bisect_right(onsets, start + EDGE_S) - 1
        silent = index < 0 or offsets[index] <= start
        following = bisect_left(onsets, start)
        if silent and following < len(onsets) and onsets[following] < end:
            start = onsets[following]
        closing = bisect_left(offsets, start + SHORTEST_S)
        if closing < len(offsets) and onsets[closing] <= start + EDGE_S and offsets[closing] < end:
            end = offsets[closing]
        start = min(max(start, clock), max(clock, duration_s - SHORTEST_S))
        end = min(max(end, start + SHORTEST_S), max(duration_s, start))
        if start >= duration_s:
            continue
        fitted.append(Word(round(start, 3), round(end, 3), word.text, word.probability))
        clock = fitted[-1].end
    return tuple(fitted)
