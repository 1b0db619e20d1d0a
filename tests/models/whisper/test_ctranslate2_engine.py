"""Real weights on real speech; the clips are development data and not in the repository."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from models.whisper.ctranslate2_engine import FasterWhisperTranscriber
from pipeline.errors import WeightsError
from pipeline.timeline import Span, Transcript, Waveform
from tests.paths import SHARED
from tests.weights import need

SPEECH = SHARED / "data" / "speech"


def load(name: str) -> Waveform:
    """A development clip at 16 kHz, or a skip that says why."""
    if not (SPEECH / name).exists():
        pytest.skip(f"the development clip {name} is not here")
    faster_whisper = pytest.importorskip("faster_whisper")
    return Waveform(faster_whisper.decode_audio(str(SPEECH / name)), 16000)


@pytest.mark.weights
def test_a_famous_sentence_is_heard_with_times() -> None:
    need("whisper-tiny.en")
    wave = load("jfk.flac")
    speech = [Span(0.3, 2.3), Span(3.25, 4.4), Span(5.3, 7.7), Span(8.1, 10.6)]  # he pauses
    transcript = FasterWhisperTranscriber("tiny.en").transcribe(wave, speech)
    assert "my fellow Americans" in transcript.text and transcript.text.endswith("for your country.")
    assert transcript.language == "en"
    check_order(transcript, wave)
    ask = next(word for word in transcript.words if word.text.lower() == "ask")
    assert 3.2 < ask.start < 3.6


@pytest.mark.weights
def test_two_runs_give_the_same_words() -> None:
    need("whisper-tiny.en")
    wave = load("ted_60.m4a")
    speech = [Span(0.0, 29.0), Span(29.5, wave.duration)]
    first = FasterWhisperTranscriber("tiny.en", threads=2).transcribe(wave, speech)
    assert first == FasterWhisperTranscriber("tiny.en", threads=2).transcribe(wave, speech)
    check_order(first, wave)


@pytest.mark.weights
def test_the_language_is_heard() -> None:
    need("whisper-base")
    wave = load("jfk.flac")
    transcript = FasterWhisperTranscriber("base").transcribe(wave, [Span(0.0, wave.duration)])
    assert transcript.language == "en" and "country" in transcript.text


@pytest.mark.weights
def test_silence_has_no_words() -> None:
    need("whisper-tiny.en")
    wave = Waveform(np.zeros(16000 * 5, dtype=np.float32), 16000)
    assert FasterWhisperTranscriber("tiny.en").transcribe(wave, []).words == ()


def test_missing_weights_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "CLEANCAST_CACHE", str(tmp_path))
    wave = Waveform(np.zeros(16000, dtype=np.float32), 16000)
    with pytest.raises(WeightsError, match="cleancast models pull whisper-base"):
        FasterWhisperTranscriber("base").transcribe(wave, [Span(0.0, 1.0)])


def check_order(transcript: Transcript, wave: Waveform) -> None:
    assert all(a.end <= b.start for a, b in pairwise(transcript.words))
    assert all(0 <= w.start < w.end <= wave.duration and w.text == w.text.strip() for w in transcript.words)
