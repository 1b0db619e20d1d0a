import numpy as np
import pytest

from pipeline.ads.cutting.silence import SHORTEST_S, find_pauses
from pipeline.timeline import Waveform

RATE = 16_000


def tone(seconds: float, level_db: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * 200 * time)).astype(np.float32)


def pauses(*parts: tuple[float, float]) -> list[tuple[float, float]]:
    sound = np.concatenate([tone(*part) for part in parts])
    return [(span.start, span.end) for span in find_pauses(Waveform(sound, RATE)).spans]


def test_silence_between_voices_is_found_to_the_frame():
    (found,) = pauses((3, -10), (0.5, -90), (3, -10))
    assert found == pytest.approx((3.0, 3.5), abs=0.03)


def test_what_is_quiet_is_relative_to_the_voices_around():
    assert len(pauses((40, -10), (0.5, -45), (40, -10))) == 1
    assert pauses((40, -30), (0.5, -45), (40, -30)) == []


def test_music_under_a_voice_is_no_pause():
    assert pauses((5, -10), (1, -25), (5, -10)) == []


def test_the_stop_of_a_consonant_is_no_pause():
    assert pauses((3, -10), (SHORTEST_S / 2, -90), (3, -10)) == []


def test_an_episode_of_nothing_and_one_shorter_than_a_frame():
    assert len(find_pauses(Waveform(np.zeros(RATE, np.float32), RATE)).spans) == 1
    assert find_pauses(Waveform(np.zeros(10, np.float32), RATE)).spans == ()
