"""Sound made and shaped with numpy: music, rooms, telephones, levels. All arrays float32, shape (n,), mono, 24 kHz."""

from __future__ import annotations

import numpy as np

from audio.rendering.kokoro import SAMPLE_RATE

FRAME_S = 0.01  # the grain of every energy below
SPEECH_FLOOR_DB = 40.0  # a frame this far under the voice's loud frames is silence
LOUD_PERCENTILE = 95
HANGOVER_S = 0.03  # soft ends of consonants on both sides of a stretch


def decibels(gain_db: float) -> float:
    return float(10 ** (gain_db / 20))


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


def frame_energies(samples: np.ndarray) -> np.ndarray:
    """Root mean square of each 10 ms, the rest that fills no frame left out."""
    size = round(FRAME_S * SAMPLE_RATE)
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    return np.asarray(np.sqrt((whole.astype(np.float64) ** 2).mean(axis=1)))


def voiced_stretches(samples: np.ndarray, *, gap_s: float) -> tuple[tuple[float, float], ...]:
    """Where a dry voice sounds, (start, end) in seconds; pauses shorter than ``gap_s`` belong to the stretch."""
    energies = frame_energies(samples)
    if not len(energies) or not energies.max() > 0:
        return ()
    threshold = np.percentile(energies[energies > 0], LOUD_PERCENTILE) * decibels(-SPEECH_FLOOR_DB)
    stretches: list[list[float]] = []
    for frame in np.flatnonzero(energies > threshold):
        start, end = frame * FRAME_S - HANGOVER_S, (frame + 1) * FRAME_S + HANGOVER_S
        if stretches and start - stretches[-1][1] < gap_s:
            stretches[-1][1] = end
        else:
            stretches.append([max(0.0, start), end])
    duration = len(samples) / SAMPLE_RATE
    return tuple((start, min(end, duration)) for start, end in stretches)


def to_level(samples: np.ndarray, level_db: float) -> np.ndarray:
    """The sound with its speaking frames at ``level_db`` (root mean square, full scale is 0 dB)."""
    energies = frame_energies(samples)
    loud = energies[energies > energies.max() * decibels(-SPEECH_FLOOR_DB)]
    return np.asarray(samples * (decibels(level_db) / np.sqrt((loud**2).mean())), dtype=np.float32)


def band(samples: np.ndarray, low_hz: float, high_hz: float, *, order: int = 4) -> np.ndarray:
    """Only what lies between two frequencies, with the slopes of a Butterworth filter and no delay."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    gain = 1 / np.sqrt(1 + (hertz / high_hz) ** (2 * order))
    gain /= np.sqrt(1 + (low_hz / np.maximum(hertz, 1e-3)) ** (2 * order))
    return np.fft.irfft(spectrum * gain, len(samples)).astype(np.float32)


def in_room(samples: np.ndarray, random: np.random.Generator, *, wet_db: float, decay_s: float) -> np.ndarray:
    """The voice with the short echo of a furnished room: decaying noise as its impulse response."""
    length = round(3 * decay_s * SAMPLE_RATE)
    tail = random.standard_normal(length) * np.exp(-np.arange(length) / (decay_s * SAMPLE_RATE))
    tail[: round(0.004 * SAMPLE_RATE)] = 0  # the first wall is more than a metre away
    tail *= decibels(wet_db) / np.sqrt((tail**2).sum())
    size = 1 << (len(samples) + length).bit_length()
    echo = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)]
    return np.asarray(samples + echo, dtype=np.float32)


def pressed(samples: np.ndarray, drive: float) -> np.ndarray:
    """A cheap microphone's or transmitter's soft limiting."""
    peak = float(np.abs(samples).max()) or 1.0
    return np.asarray(np.tanh(samples / peak * drive) / np.tanh(drive) * peak, dtype=np.float32)


def room_tone(seconds: float, random: np.random.Generator, level_db: float) -> np.ndarray:
    """Low-passed noise that never repeats, such as air conditioning behind a studio door."""
    noise = random.standard_normal(round(seconds * SAMPLE_RATE))
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
    spectrum *= 1 / np.sqrt(np.maximum(hertz, 30.0))
    tone = np.fft.irfft(spectrum, len(noise))
    return np.asarray(tone * (decibels(level_db) / tone.std()), dtype=np.float32)


def note(midi: float, seconds: float, *, decay_s: float, partials: int = 6) -> np.ndarray:
    """One plucked tone: harmonics that fade faster the higher they are."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    tone = sum(
        np.sin(2 * np.pi * hertz * k * time) / k**1.3 * np.exp(-time * k**0.5 / decay_s) for k in range(1, partials + 1)
    )
    attack = np.minimum(1.0, time / 0.008)
    return np.asarray(tone * attack, dtype=np.float32)


def sting(seconds: float, chord: tuple[int, ...]) -> np.ndarray:
    """A short rising figure that ends on its chord, to say that something else begins."""
    music = silence(seconds)
    for step, midi in enumerate(chord):
        add(music, 0.5 * note(midi, seconds - 0.16 * step, decay_s=0.5), 0.16 * step)
    at = 0.16 * len(chord)
    for midi in chord:
        add(music, 0.6 * note(midi - 12, seconds - at, decay_s=0.7), at)
    return fade(to_level(music, -20.0), in_s=0.005, out_s=0.4)


def bed(seconds: float, chords: tuple[tuple[int, ...], ...], *, beat_s: float) -> np.ndarray:
    """Quiet music to be spoken over: broken chords, two bars each."""
    music = silence(seconds)
    for beat in range(int(seconds / beat_s)):
        chord = chords[beat // 8 % len(chords)]
        add(music, note(chord[beat % len(chord)], 1.5, decay_s=0.45), beat * beat_s)
        if beat % 8 == 0:
            add(music, 1.2 * note(chord[0] - 12, 3.0, decay_s=1.2), beat * beat_s)
    return music


def add(target: np.ndarray, sound: np.ndarray, at_s: float) -> None:
    """Mix ``sound`` into ``target`` in place; what would hang over the end is dropped."""
    first = round(at_s * SAMPLE_RATE)
    room = max(0, len(target) - first)
    target[first : first + len(sound)] += sound[:room]


def fade(samples: np.ndarray, *, in_s: float, out_s: float) -> np.ndarray:
    shaped = samples.copy()
    for seconds, rising in ((in_s, True), (out_s, False)):
        size = min(len(shaped), round(seconds * SAMPLE_RATE))
        if size:
            ramp = np.linspace(0, 1, size, dtype=np.float32)
            if rising:
                shaped[:size] *= ramp
            else:
                shaped[-size:] *= ramp[::-1]
    return shaped
