"""--loudness on the whole way: measured with a meter that is not the one that set it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from audio.ffmpeg import ffmpeg_program
from audio.probe import probe
from pipeline.run import Settings
from tests.paths import SEED
from tests.pipeline.test_run import run


def ebur128(path: Path) -> float:
    """Integrated loudness in LUFS by ffmpeg's EBU R128 meter."""
    command = [ffmpeg_program(), "-nostdin", "-hide_banner", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", done.stderr.decode())[-1])


def test_clean_audio_is_as_loud_as_asked_and_made_again_when_the_wish_changes(harbour, tmp_path):
    plain = run(harbour, tmp_path)
    before = ebur128(tmp_path / "clean.mp3")
    assert abs(before + 16.0) > 2.0  # else the test could not fail
    run(harbour, tmp_path, settings=Settings(loudness=True))
    assert ebur128(tmp_path / "clean.mp3") == pytest.approx(-16.0, abs=1.0)
    assert probe(tmp_path / "clean.mp3").duration == pytest.approx(plain.cuts.clean_duration, abs=0.08)
    run(harbour, tmp_path)
    assert ebur128(tmp_path / "clean.mp3") == pytest.approx(before, abs=0.2)


def test_real_speech_too(tmp_path):
    from audio.cut import cut_audio
    from pipeline.timeline import CutList, Span

    cuts = CutList.of([Span(90.0, 1068.0)], duration=probe(SEED / "audio.mp3").duration)
    cut_audio(SEED / "audio.mp3", cuts, tmp_path / "clean.mp3", loudness=-16.0)
    assert ebur128(tmp_path / "clean.mp3") == pytest.approx(-16.0, abs=1.0)
    assert probe(tmp_path / "clean.mp3").duration == pytest.approx(cuts.clean_duration, abs=0.05)
