"""Files with several audio streams: the one with speech is heard, or the one that is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from audio.decode import decode
from audio.ffmpeg import ffmpeg_program, run_quietly
from audio.listening.streams import choose_stream, count_streams, extract_stream
from audio.probe import probe
from pipeline.errors import AudioError
from tests.audio.made import peak_hertz, tone, write_wav

RATE = 16_000


def syllables(seconds: float, hertz: float) -> np.ndarray:
    """A tone that comes and goes four times a second and pauses, as speech does."""
    at = np.arange(round(seconds * RATE)) / RATE
    return (tone(seconds, hertz) * (np.sin(2 * np.pi * 4 * at) > 0.2) * (at % 2 < 1.6)).astype(np.float32)


@pytest.fixture
def several(tmp_path):
    """Three streams: silence, a steady tone of 300 Hz, and syllables of 700 Hz."""
    sounds = [np.zeros(RATE * 6, np.float32), tone(6.0, 300.0), syllables(6.0, 700.0)]
    files = [write_wav(tmp_path / f"{n}.wav", sound) for n, sound in enumerate(sounds)]
    target = tmp_path / "several.mkv"
    inputs = [word for file in files for word in ("-i", str(file))]
    maps = [word for n in range(3) for word in ("-map", f"{n}:a")]
    code, _, talk = run_quietly(
        [ffmpeg_program(), "-nostdin", "-v", "error", *inputs, *maps, "-c:a", "flac", str(target)]
    )
    assert code == 0, talk
    return target


def test_the_stream_with_speech_is_heard_and_that_is_said(several):
    assert (count_streams(several), choose_stream(several), probe(several).streams) == (3, 2, 3)
    said = []
    assert peak_hertz(decode(several, warn=said.append).samples) == pytest.approx(700, abs=20)
    assert said == ["stream 3 of its 3 audio streams is used, which sounds most of speech; --stream takes another"]


def test_a_stream_is_taken_out_as_it_is_and_once(several, tmp_path):
    taken = extract_stream(several, 2, tmp_path / "streams")
    written = taken.stat().st_mtime_ns
    assert count_streams(taken) == 1 and peak_hertz(decode(taken).samples) == pytest.approx(300, abs=20)
    assert extract_stream(several, 2, tmp_path / "streams").stat().st_mtime_ns == written
    with pytest.raises(AudioError, match="has 3 audio streams; there is no stream 4"):
        extract_stream(several, 4, tmp_path / "streams")
