"""Every format in; every damage told."""

import hashlib
import os

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, decode, hash_recording
from audio.mixdown import BLOCK, Mixdown
from pipeline.errors import AudioError
from tests.audio.made import convert, level, peak_hertz, tone, write_wav


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tone")
    return write_wav(folder / "tone.wav", tone(3.0, 500.0, rate=44_100), 44_100)


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "m4a", "ogg", "opus", "wma", "aiff", "mkv", "aac"])
def test_every_format_gives_the_same_tone(source, tmp_path, ending):
    wave = decode(convert(source, tmp_path / f"x.{ending}"))
    assert wave.sample_rate == SAMPLE_RATE
    assert wave.samples.dtype == np.float32
    assert wave.duration == pytest.approx(3.0, abs=0.15)  # wma and aac pad to whole frames
    assert peak_hertz(wave.samples) == pytest.approx(500, abs=2)
    assert level(wave.samples[8_000:40_000]) == pytest.approx(level(tone(3.0, 500.0)), rel=0.1)


def test_progress_never_falls_and_ends_at_one(source):
    seen = []
    decode(source, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_opposite_channels_do_not_cancel(tmp_path):
    voice = tone(2.0)
    wave = decode(write_wav(tmp_path / "x.wav", np.stack([voice, -voice], axis=1)))
    assert level(wave.samples) == pytest.approx(level(voice), rel=0.05)


def test_agreeing_channels_are_averaged(tmp_path):
    voice, other = tone(2.0), tone(2.0, 1000.0)
    wave = decode(write_wav(tmp_path / "x.wav", np.stack([voice, other], axis=1)))
    np.testing.assert_allclose(wave.samples, (voice + other) / 2, atol=1e-3)


def test_the_mix_is_the_same_however_the_stream_is_sliced():
    random = np.random.default_rng(1)
    left = random.uniform(-0.5, 0.5, 5 * BLOCK).astype(np.float32)
    frames = np.stack([left, np.where(np.arange(5 * BLOCK) < 2 * BLOCK, left, -left)], axis=1)
    whole = Mixdown(2).mix(frames)
    mixdown = Mixdown(2)
    np.testing.assert_array_equal(
        whole, np.concatenate([mixdown.mix(frames[a : a + BLOCK]) for a in range(0, 5 * BLOCK, BLOCK)])
    )
    assert level(whole[4 * BLOCK :]) == pytest.approx(level(left), rel=0.1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("text.mp3", b"Dear listener,\nthis is a letter.\n" * 50, "is not an audio file"),
        ("empty.mp3", b"", r"is empty \(0 bytes\)"),
        ("zeros.wav", bytes(5000), "is not an audio file"),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.ts\n", "is not an audio file"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile other.wav\n", "is not an audio file"),
    ],
)
def test_what_is_no_sound_is_told_in_one_sentence(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AudioError, match=says) as caught:
        decode(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        decode(tmp_path / "nothing.mp3")
    with pytest.raises(AudioError, match="is a folder"):
        decode(tmp_path)
    with pytest.raises(AudioError, match="cannot be opened"):
        decode("a\0b.mp3")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_told(source, tmp_path):
    copy = convert(source, tmp_path / "x.mp3")
    copy.chmod(0)
    with pytest.raises(AudioError, match="cannot be read; check"):
        decode(copy)


def test_a_cut_off_file_gives_what_is_there_and_says_what_is_not(tmp_path):
    whole = write_wav(tmp_path / "whole.wav", tone(60.0))
    half = tmp_path / "half.flac"
    data = convert(whole, tmp_path / "whole.flac").read_bytes()
    half.write_bytes(data[: len(data) // 2])
    told = []
    wave = decode(half, warn=told.append)
    assert 20 < wave.duration < 40
    assert len(told) == 1
    assert "says it lasts 1:00" in told[0]
    assert "missing" in told[0]


def test_a_whole_file_gives_no_warning(source):
    told = []
    decode(source, warn=told.append)
    assert told == []


def test_not_a_number_is_made_finite(tmp_path):
    import struct

    samples = tone(1.0)
    samples[100:200] = np.nan
    samples[300:310] = np.inf
    body = samples.astype("<f4").tobytes()
    head = (
        b"RIFF"
        + struct.pack("<I", 36 + len(body))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 3, 1, 16_000, 64_000, 4, 32)
    )
    (tmp_path / "x.wav").write_bytes(head + b"data" + struct.pack("<I", len(body)) + body)
    wave = decode(tmp_path / "x.wav")
    assert np.isfinite(wave.samples).all()
    assert np.abs(wave.samples).max() <= 1.0
    assert level(wave.samples[8000:]) > 0.2


def test_the_hash_is_of_the_bytes(source):
    assert hash_recording(source) == hashlib.sha256(source.read_bytes()).hexdigest()
