import numpy as np
import pytest

from pipeline.library.fingerprint import HOP_S, Prints, find_sound, fingerprint
from pipeline.timeline import Waveform

RATE = 16_000


def chatter(seconds: float, seed: int) -> np.ndarray:
    """Sound that changes like speech: noise whose bands come and go."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    sound = np.zeros(count)
    for low in np.geomspace(320, 2800, 24):
        gain = np.repeat(random.random(int(seconds * 8) + 2), RATE // 8)[:count]
        sound += gain * np.sin(2 * np.pi * low * (1 + 0.02 * random.random()) * time + random.random() * 6)
    return (0.02 * sound).astype(np.float32)


def wave(samples: np.ndarray) -> Waveform:
    return Waveform(samples.astype(np.float32), RATE)


SPOT = chatter(8, seed=1)
SHOW, OTHER = chatter(30, seed=2), chatter(30, seed=3)


@pytest.mark.parametrize("at_s", [0.0, 5.0, 11.333, 29.0])
def test_a_spot_is_found_where_it_is_heard_quieter_and_with_noise(at_s):
    place = round(at_s * RATE)
    sound = np.concatenate([SHOW[:place], 0.4 * SPOT, SHOW[place:]])
    sound += np.random.default_rng(9).normal(size=len(sound)) * 0.001
    known = [fingerprint(wave(SPOT), late_s=late) for late in (0, HOP_S / 2)]
    found = max((h for one in known if (h := find_sound(one, fingerprint(wave(sound))))), key=lambda h: h.duration)
    assert found.start - found.at == pytest.approx(at_s, abs=0.15)
    assert found.duration > 6


def test_another_recording_is_not_it():
    assert find_sound(fingerprint(wave(SPOT)), fingerprint(wave(np.concatenate([SHOW, OTHER])))) is None


def test_silence_is_like_nothing():
    nothing = wave(np.zeros(10 * RATE))
    assert not fingerprint(nothing).values.any()
    assert find_sound(fingerprint(nothing), fingerprint(nothing)) is None
    assert find_sound(fingerprint(wave(SPOT)), fingerprint(nothing)) is None


def test_too_short_to_have_prints():
    assert len(fingerprint(wave(SPOT[:100])).values) == 0
    assert find_sound(fingerprint(wave(SPOT[:100])), fingerprint(wave(SHOW))) is None


def test_prints_survive_their_text():
    values = np.array([0, 1, 2**32 - 1], np.uint32)
    assert Prints.of(values).values.tolist() == values.tolist()
