from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.scripted import ScriptedDiarizer, ScriptedEncoder, ScriptedTranscriber
from pipeline.timeline import Span, Turn, Waveform, Word

WAVE = Waveform(np.zeros(16000 * 10, dtype=np.float32), 16000)


def test_only_words_in_speech_are_heard() -> None:
    words = [Word(0.0, 1.0, "in"), Word(4.0, 5.0, "music"), Word(12.0, 13.0, "after")]
    transcript = ScriptedTranscriber(words).transcribe(WAVE, [Span(0.0, 2.0), Span(11.0, 14.0)])
    assert transcript.text == "in" and transcript.language == "en"


def test_exclusive_turns_give_each_moment_to_one() -> None:
    turns = [Turn(0, 4, "a"), Turn(3, 6, "b"), Turn(5, 5.5, "c"), Turn(8, 20, "a")]
    diarization = ScriptedDiarizer(turns).diarize(WAVE)
    assert [(t.start, t.end, t.speaker) for t in diarization.exclusive] == [(0, 4, "a"), (4, 6, "b"), (8, 10, "a")]
    assert diarization.speech == (Span(0, 6), Span(8, 10))
    assert set(diarization.voices) == {"a", "b", "c"}


@given(st.lists(st.text(max_size=30), max_size=8))
def test_vectors_have_unit_length_and_repeat(sentences: list[str]) -> None:
    encoder = ScriptedEncoder()
    vectors = encoder.encode(sentences)
    assert vectors.shape == (len(sentences), 64) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(vectors, ScriptedEncoder().encode(sentences))


def test_shared_words_are_near() -> None:
    a, b, c = ScriptedEncoder().encode(["the cat sat down", "the cat stood up", "quarterly interest rates"])
    assert a @ b > a @ c
