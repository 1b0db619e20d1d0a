"""Kokoro-82M: phonemes in, 24 kHz sound and the time of every phoneme out.

Letters become phonemes by espeak-ng, which kokoro-onnx carries. The network computes how long each phoneme lasts
but does not hand it out, so that one inner tensor is made an output before it is loaded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

SAMPLE_RATE = 24_000
STYLE_WIDTH = 256
MOST_PHONEMES = 510  # what the network's position table holds
DURATIONS = "/encoder/Clip_output_0"  # frames a phoneme lasts, one for each token


# The network was trained on one sign for each diphthong and affricate, espeak-ng writes two; American vowels have no
# length mark there, and a few vowels stand for one another.
_BOTH: tuple[tuple[str, str], ...] = (("a\u026a", "I"), ("a\u028a", "W"), ("e\u026a", "A"), ("\u0254\u026a", "Y"))
_BOTH += (("d\u0292", "\u02a4"), ("t\u0283", "\u02a7"), ("\u0259l", "\u1d4al"), ("\u0250", "\u0259"), ("r", "\u0279"))
_AMERICAN: tuple[tuple[str, str], ...] = (
    ("o\u028a", "O"),
    ("\u025c\u02d0", "\u025c\u0279"),
    ("\u025a", "\u0259\u0279"),
    ("\u027e", "T"),
)
_AMERICAN += (("o\u02d0", "\u0254"), ("\u02d0", ""))
_BRITISH = (("\u0259\u028a", "Q"), ("e\u0259", "\u025b\u02d0"), ("i\u0259", "\u026a\u0259"))


@dataclass
class Kokoro:
    """One network and its voices; ``cache`` keeps what was rendered, keyed by phonemes, voice and rate."""

    model: Path
    voices: Path
    cache: Path
    _styles: dict[str, np.ndarray] = field(default_factory=dict)

    def phonemize(self, text: str, *, language: str) -> str:
        """The text in the signs that the network was trained on, from those of espeak-ng."""
        signs = str(self._tokenizer.phonemize(text, language))
        for espeak, trained in (*_BOTH, *(_BRITISH if language == "en-gb" else _AMERICAN)):
            signs = signs.replace(espeak, trained)
        return signs

    def say(self, phonemes: str, *, voice: str, rate: float) -> tuple[np.ndarray, tuple[float, ...]]:
        """Samples float32, shape (n,), and len(phonemes) + 1 times: the start of each phoneme, the end of the last."""
        key = hashlib.sha256(f"{phonemes}|{voice}|{rate:.4f}".encode()).hexdigest()[:24]
        kept = self.cache / f"{key}.npz"
        if not kept.exists():
            samples, times = self._infer(phonemes, voice, rate)
            self.cache.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(".part.npz")
            np.savez(part, samples=(samples * 32767).round().astype(np.int16), times=times)
            part.rename(kept)
        with np.load(kept) as found:
            return found["samples"].astype(np.float32) / 32767, tuple(found["times"].tolist())

    def _infer(self, phonemes: str, voice: str, rate: float) -> tuple[np.ndarray, np.ndarray]:
        vocabulary = self._tokenizer.vocab
        unknown = {sign for sign in phonemes if sign not in vocabulary}
        if unknown or not 0 < len(phonemes) <= MOST_PHONEMES:
            raise ValueError(f"cannot say {len(phonemes)} phonemes, unknown among them: {sorted(unknown)}: {phonemes}")
        tokens = [0, *(vocabulary[sign] for sign in phonemes), 0]
        feed = {
            "tokens": np.array([tokens], dtype=np.int64),
            "style": self._style(voice)[len(phonemes) - 1][None],
            "speed": np.array([rate], dtype=np.float32),
        }
        samples, frames = self._session.run(["audio", DURATIONS], feed)
        samples = np.clip(np.asarray(samples, dtype=np.float32).ravel(), -1.0, 1.0)
        ends = np.cumsum(np.asarray(frames, dtype=np.float64).ravel())
        return samples, ends[: len(phonemes) + 1] / ends[-1] * len(samples) / SAMPLE_RATE

    def _style(self, voice: str) -> np.ndarray:
        if voice not in self._styles:
            self._styles[voice] = np.fromfile(self.voices / f"{voice}.bin", np.float32).reshape(-1, STYLE_WIDTH)
        return self._styles[voice]

    @cached_property
    def _tokenizer(self) -> Any:
        from kokoro_onnx.tokenizer import Tokenizer

        return Tokenizer()

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the same sums in the same order on every machine of a kind
        options.inter_op_num_threads = 1
        model = self.model.read_bytes() + _as_output(DURATIONS)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _as_output(tensor: str) -> bytes:
    """Protobuf that, put behind a serialised ONNX model, adds one output: messages laid end to end are merged.

    ModelProto.graph is field 7, GraphProto.output field 12, ValueInfoProto.name field 1, all length-delimited.
    """
    message = tensor.encode()
    for number in (1, 12, 7):
        if len(message) > 127:
            raise ValueError("a length above 127 needs a longer prefix")
        message = bytes([number << 3 | 2, len(message)]) + message
    return message
