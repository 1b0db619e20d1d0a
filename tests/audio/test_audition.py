"""What was cut, to be heard in a minute."""

import numpy as np
import pytest

from audio.audition import BEEP_HZ, BEEP_MS, CONTEXT_S, INSIDE_S, write_audition
from audio.decode import decode
from pipeline.errors import AudioError, StoreError
from pipeline.timeline import CutList, Span
from tests.audio.made import convert, peak_hertz, tone, write_wav


def test_the_edges_of_every_cut_with_a_beep_between(tmp_path):
    samples = tone(60.0, 440.0)
    for first, last in ((10, 40), (50, 52)):
        samples[first * 16_000 : last * 16_000] = tone(last - first, 2000.0)
    source = convert(write_wav(tmp_path / "x.wav", samples), tmp_path / "x.mp3")
    cuts = CutList.of([Span(10.0, 40.0), Span(50.0, 52.0)], duration=60.0)
    write_audition(source, cuts, tmp_path / "removed.mp3")
    heard = decode(tmp_path / "removed.mp3").samples
    long, short = 2 * (CONTEXT_S + INSIDE_S), 2.0 + 2 * CONTEXT_S
    assert len(heard) / 16_000 == pytest.approx(long + short + 2 * BEEP_MS / 1000, abs=0.1)

    def hertz(at):
        return peak_hertz(heard[round((at - 0.05) * 16_000) : round((at + 0.05) * 16_000)])

    assert [round(hertz(at), -1) for at in (1.0, 3.0, 7.0, 9.0)] == [440, 2000, 2000, 440]
    assert hertz(long + BEEP_MS / 2000) == pytest.approx(BEEP_HZ, abs=12)
    assert np.abs(heard).max() < 0.5
    assert sorted(p.name for p in tmp_path.iterdir()) == ["removed.mp3", "x.mp3", "x.wav"]


def test_nothing_cut_is_nothing_to_hear(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(1.0))
    with pytest.raises(AudioError, match="nothing is cut"):
        write_audition(source, CutList.of([], duration=1.0), tmp_path / "removed.mp3")
    with pytest.raises(StoreError, match="cannot be written"):
        write_audition(source, CutList.of([Span(0.2, 0.5)], duration=1.0), tmp_path / "none" / "removed.mp3")
