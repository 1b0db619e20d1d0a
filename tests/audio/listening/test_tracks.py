"""Separate recordings on one clock: what of each is found in the mix, and when."""

import struct

import numpy as np
import pytest

from audio.decode import decode
from audio.listening.tracks import list_tracks, mix_tracks
from tests.audio.made import convert, peak_hertz, tone, write_wav


def test_tracks_are_mixed_each_at_its_start(tmp_path):
    low = write_wav(tmp_path / "low.wav", tone(1.0, 300))
    high = write_wav(tmp_path / "high.wav", np.stack([tone(0.5, 900, rate=44_100)] * 2, axis=1), rate=44_100)
    found = [*list_tracks(low), *list_tracks(high)]
    alone = [tmp_path / "a.flac", tmp_path / "b.flac"]
    mix_tracks(found, [0.0, 1.5], tmp_path / "mix.flac", alone, comment="these")
    mix = decode(tmp_path / "mix.flac")
    assert mix.duration == pytest.approx(2.0, abs=0.05)
    assert peak_hertz(mix.samples[3200:12_800]) == pytest.approx(300, abs=5)
    assert peak_hertz(mix.samples[25_600:30_400]) == pytest.approx(900, abs=5)
    late = decode(alone[1]).samples
    assert np.abs(late[:23_000]).max() < 1e-3 and np.abs(late[24_500:31_000]).max() > 0.1


def test_streams_of_one_file_are_tracks_with_their_titles(tmp_path):
    one, two = (write_wav(tmp_path / f"{n}.wav", tone(0.5, 300 * n)) for n in (1, 2))
    titles = ("-metadata:s:a:0", "title=Ann", "-metadata:s:a:1", "title=Ben")
    both = convert(one, tmp_path / "both.mka", "-i", str(two), "-map", "0", "-map", "1", *titles)
    assert [(t.stream, t.title, t.rate, t.mono) for t in list_tracks(both)] == [
        (0, "Ann", 16_000, True),
        (1, "Ben", 16_000, True),
    ]


def test_a_broadcast_wav_says_when_it_begins(tmp_path):
    path = write_wav(tmp_path / "late.wav", tone(0.5))
    data = path.read_bytes()
    chunk = bytes(256 + 32 + 32 + 10 + 8) + struct.pack("<Q", 16_000 * 90) + bytes(256)
    body = data[12:36] + b"bext" + struct.pack("<I", len(chunk)) + chunk + data[36:]
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body)
    (track,) = list_tracks(path)
    assert (track.begins, track.dated) == (90.0, True)


def test_a_matroska_file_that_starts_late_begins_then(tmp_path):
    late = ("-c:a", "flac", "-output_ts_offset", "3.5")
    path = convert(write_wav(tmp_path / "a.wav", tone(0.5)), tmp_path / "a.mka", *late)
    (track,) = list_tracks(path)
    assert (round(track.begins, 2), track.dated) == (3.5, False)
