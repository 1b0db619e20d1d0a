"""Small sound files made on the spot."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np

from audio.ffmpeg import ffmpeg_program


def tone(seconds: float, hertz: float = 440.0, *, rate: int = 16_000, level: float = 0.3) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def write_wav(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    """16 bit PCM of samples (n,) or (n, channels)."""
    frames = samples if samples.ndim == 2 else samples[:, None]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(frames.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(frames, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def convert(source: Path, target: Path, *options: str) -> Path:
    """``source`` in the format of ``target``'s ending."""
    command = [ffmpeg_program(), "-nostdin", "-y", "-loglevel", "error", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def level(samples: np.ndarray) -> float:
    return float(np.sqrt((samples.astype(np.float64) ** 2).mean())) if len(samples) else 0.0


def peak_hertz(samples: np.ndarray, rate: int = 16_000) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))
