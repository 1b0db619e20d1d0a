"""Sound to look at and to listen to at the desk: peaks of a whole recording, and short stretches of it as WAV."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from audio.ffmpeg import INPUT_LIMITS, check_readable, ffmpeg_program, file_url, run_quietly, running
from audio.listening.streams import choose_stream
from pipeline.errors import AudioError
from pipeline.timeline import Span

PEAKS_A_SECOND = 25
"""A pixel of a waveform that shows a minute in 1,500 pixels."""
PEAK_RATE = 8_000
CLIP_RATE = 24_000
LONGEST_CLIP_S = 120.0
_CHUNK = 1 << 16


def read_peaks(source: str | Path) -> bytes:
    """The largest level in each 1 / ``PEAKS_A_SECOND`` of a recording, a byte each: 0 is silence, 255 full scale.

    Raises AudioError when it holds no sound that can be read.
    """
    path = check_readable(source)
    size = PEAK_RATE // PEAKS_A_SECOND * 2
    stream = _input(path).output("pipe:", format="s16le", acodec="pcm_s16le", ar=PEAK_RATE, ac=1)
    peaks, rest = bytearray(), b""
    with running(_compiled(stream)) as run:
        while data := run.read(_CHUNK):
            data = rest + data
            whole = len(data) // size * size
            rest = data[whole:]
            samples = np.frombuffer(data[:whole], "<i2").reshape(-1, size // 2)
            peaks += _levels(samples)
    if not peaks:
        raise AudioError(path, f"holds no sound ({run.talk[-1] if run.talk else 'nothing there'})")
    return bytes(peaks)


def _levels(samples: np.ndarray) -> bytes:
    highest = np.maximum(samples.max(axis=1, initial=0), -samples.min(axis=1, initial=0).astype(np.int32))
    return np.minimum(255, highest // 128).astype(np.uint8).tobytes()


def read_clip(source: str | Path, span: Span) -> bytes:
    """A stretch of a recording as WAV, mono. Raises AudioError when there is nothing, or it is too long for a clip."""
    path = check_readable(source)
    if span.duration > LONGEST_CLIP_S:
        raise AudioError(path, f"a clip is at most {LONGEST_CLIP_S:.0f} s long")
    stream = _input(path, ss=f"{span.start:.3f}", t=f"{span.duration:.3f}")
    raw = stream.output("pipe:", format="s16le", acodec="pcm_s16le", ar=CLIP_RATE, ac=1)
    _, data, talk = run_quietly(_compiled(raw))
    if not data:
        raise AudioError(path, f"cannot be read at {span.start:.0f} s ({talk[-1] if talk else 'nothing there'})")
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(CLIP_RATE)
        file.writeframes(data)
    return held.getvalue()


def _input(path: Path, **where: str) -> Any:
    return ffmpeg.input(file_url(path), **where, **INPUT_LIMITS)[f"a:{choose_stream(path)}"]


def _compiled(stream: Any) -> list[str]:
    return list(stream.global_args("-nostdin", "-hide_banner", "-loglevel", "error").compile(cmd=ffmpeg_program()))
