import numpy as np

from pipeline.ads.finding.find import find_ads
from pipeline.ads.finding.sound import sound_reasons
from pipeline.timeline import Span, Waveform
from tests.pipeline.ads.finding.test_find import AD, SHOW, SaysAd, spoken

RATE = 16_000
AT = Span(60.0, 80.0)


def talk(seconds: float, *, level_db: float = -20.0, seed: int = 0) -> np.ndarray:
    """Syllables of noise, four a second, with silence between them, no two equally loud."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    loudness = np.repeat(10 ** (random.normal(level_db, 1.0, int(seconds) + 1) / 20), RATE)[: len(time)]
    return (random.normal(size=len(time)) * loudness * ((time * 4) % 1 < 0.6)).astype(np.float32)


def episode(ad: np.ndarray) -> Waveform:
    return Waveform(np.concatenate([talk(60, seed=1), ad, talk(120, seed=2)]), RATE)


def reasons(ad: np.ndarray) -> list[str]:
    return [reason.text for reason in sound_reasons(episode(ad), [AT])[0]]


def test_an_ad_like_the_show_gives_no_reason():
    assert reasons(talk(20, seed=3)) == []


def test_another_loudness_is_a_reason():
    assert reasons(talk(20, level_db=-14, seed=3)) == ["6 dB louder than the show"]
    assert reasons(talk(20, level_db=-26, seed=3)) == ["6 dB quieter than the show"]


def test_music_under_the_voice_is_a_reason():
    bed = 0.02 * np.sin(2 * np.pi * 300 * np.arange(20 * RATE) / RATE).astype(np.float32)
    assert reasons(talk(20, seed=3) + bed) == ["music or noise under the voice, which the show has not"]


def test_a_show_too_short_to_compare_with_gives_none():
    wave = Waveform(np.concatenate([talk(10), talk(20, level_db=-6), talk(10)]), RATE)
    assert sound_reasons(wave, [Span(10, 30)]) == ((),)
    assert sound_reasons(wave, []) == ()


def test_the_sound_is_said_and_changes_no_chance():
    words = spoken(SHOW * 3 + AD + SHOW * 3)
    (alone,) = find_ads(words, model=SaysAd()).ads
    parts = [talk(alone.start, seed=1), talk(alone.duration, level_db=-12, seed=2)]
    wave = Waveform(np.concatenate([*parts, talk(words[-1].end - alone.end + 1, seed=3)]), RATE)
    (heard,) = find_ads(words, model=SaysAd(), wave=wave).ads
    assert heard.score == alone.score and heard.evidence[-1].kind == "sound"
