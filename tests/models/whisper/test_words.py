from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.whisper.network import Aligned
from models.whisper.words import EARLY_S, fit_words, words_from_tokens
from pipeline.timeline import Span, Word, merge_spans

tokenizers = pytest.importorskip("whisper.tokenizer")
ENGLISH = tokenizers.get_tokenizer(True, language="en", task="transcribe")


def heard(text: str, language: str = "en") -> list[Word]:
    tokenizer = tokenizers.get_tokenizer(True, language=language, task="transcribe")
    tokens = tokenizer.encode(text)
    starts = np.arange(len(tokens) + 1) * 0.1
    return words_from_tokens(tokenizer, tokens, Aligned(starts, np.full(len(tokens), 0.5)), 100.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" Hello, world.", ["Hello,", "world."]),
        (' He said "no" (twice).', ["He", "said", '"no"', "(twice)."]),
        (" It cost $1,000.50 on 4.0.", ["It", "cost", "$1,000.50", "on", "4.0."]),
        (" A co-op isn't O'Brien's.", ["A", "co-op", "isn't", "O'Brien's."]),
        (" WSJ.com/podcast", ["WSJ.com/podcast"]),
        (" Wait... what?!", ["Wait...", "what?!"]),
        (" - Yes.", ["-Yes."]),
        (" É à côté", ["É", "à", "côté"]),
        ("", []),
    ],
)
def test_punctuation_joins_its_word(text: str, words: list[str]) -> None:
    assert [word.text for word in heard(text)] == words


def test_words_carry_source_times_and_probability() -> None:
    first, second = heard(" one two")
    assert (first.start, first.end, second.end) == pytest.approx((100.0, 100.1, 100.2))
    assert first.probability == 0.5


def test_languages_without_spaces_keep_their_pieces() -> None:
    assert len(heard("今日は天気", "ja")) > 1


@given(st.text(max_size=60))
def test_no_letter_is_lost_or_invented(text: str) -> None:
    tokens = ENGLISH.encode(text)
    decoded = ENGLISH.decode(tokens)
    words = "".join(word.text for word in heard(text))
    assert [c for c in words if c.isalnum()] == [c for c in decoded if c.isalnum()]


SPANS = st.lists(st.tuples(st.floats(0, 60), st.floats(0, 5)), max_size=12).map(
    lambda rows: merge_spans(Span(a, a + b) for a, b in rows)
)
WORDS = st.lists(st.tuples(st.floats(0, 70), st.floats(0, 3)), max_size=25).map(
    lambda rows: [Word(a, a + b, f"w{i}") for i, (a, b) in enumerate(rows)]
)


@given(WORDS, SPANS, st.floats(0.5, 60))
def test_words_are_in_order_apart_and_inside(words: list[Word], speech: tuple[Span, ...], duration: float) -> None:
    fitted = fit_words(words, speech, duration_s=duration)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(fitted))
    assert all(0 <= word.start <= word.end <= duration + 1e-3 for word in fitted)
    assert {word.text for word in fitted} <= {word.text for word in words}


def test_a_word_heard_in_the_pause_moves_to_the_onset() -> None:
    speech = (Span(0.0, 2.0), Span(4.0, 6.0))
    fitted = fit_words([Word(1.0, 1.5, "a"), Word(2.2, 4.4, "b"), Word(4.4, 5.0, "c")], speech, duration_s=10)
    assert [(w.start, w.end) for w in fitted] == [(1.0 + EARLY_S, 1.5 + EARLY_S), (4.0, 4.5), (4.5, 5.1)]


def test_a_word_drawn_into_the_pause_ends_with_the_speech() -> None:
    fitted = fit_words([Word(1.6, 3.8, "a")], (Span(0.0, 2.0), Span(4.0, 6.0)), duration_s=10)
    assert fitted == (Word(1.7, 2.0, "a"),)


def test_a_last_short_word_is_not_pushed_out_of_its_speech() -> None:
    (word,) = fit_words([Word(1.95, 2.0, "a")], (Span(0.0, 2.0), Span(4.0, 6.0)), duration_s=10)
    assert word.start < 2.0
