"""Whisper through CTranslate2 (faster-whisper's engine): int8 on a CPU, float16 on a GPU."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.whisper.layout import read_weights, write_ctranslate2
from models.whisper.network import MOST_TOKENS, TOKEN_S, Aligned, Decoded, DecodingOptions, find_whisper
from models.whisper.transcription import no_times, suppressed_tokens, tokenizer_for, transcribe_speech
from pipeline.ports import Progress, silent
from pipeline.timeline import Span, Transcript, Waveform

BATCH = 8
"""Windows decoded at once: beyond eight a CPU gains nothing and memory grows."""


class FasterWhisperTranscriber:
    """Transcriber port on CTranslate2. ``model``: a Whisper size, or a path; ``device``: cpu or cuda."""

    def __init__(self, model: str = "base", device: str = "cpu", *, threads: int | None = None) -> None:
        self.model = model
        self.device = device
        self.threads = threads or os.cpu_count() or 1
        self._network: CTranslate2Network | None = None

    def transcribe(
        self, wave: Waveform, speech: Sequence[Span], *, language: str | None = None, progress: Progress = silent
    ) -> Transcript:
        network = self.load()
        return transcribe_speech(
            network, wave, speech, language=language, model=self.model, batch=BATCH, progress=progress
        )

    def load(self) -> CTranslate2Network:
        """The network, loaded the first time. Raises WeightsError."""
        if self._network is None:
            self._network = CTranslate2Network(find_whisper(self.model), self.device, threads=self.threads)
        return self._network


class CTranslate2Network:
    """The network of a CTranslate2 folder, or of an openai-whisper checkpoint, which is translated once, beside it."""

    def __init__(self, path: Path, device: str = "cpu", *, threads: int = 1) -> None:
        import ctranslate2
        import torch

        folder = path if (path / "model.bin").is_file() else _translated(path)
        kind, _, number = device.partition(":")
        self.network = ctranslate2.models.Whisper(
            str(folder),
            device=kind,
            device_index=int(number or 0),
            compute_type="int8" if kind == "cpu" else "float16",
            inter_threads=threads,
            intra_threads=1,
        )
        self.device = torch.device(device)
        self.n_mels = self.network.n_mels
        multilingual = self.network.is_multilingual
        self.n_vocab = 51865 + (self.network.n_mels == 128) if multilingual else 51864

    def encode(self, mels: np.ndarray) -> Any:
        import ctranslate2

        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(mels, dtype=np.float32))
        return Batch(self.network.encode(view, to_cpu=False))

    def languages(self, encoded: Batch) -> list[Mapping[str, float]]:
        return [
            {token.strip("<|>"): probability for token, probability in row}
            for row in self.network.detect_language(encoded.view)
        ]

    def decode(self, encoded: Batch, prompt: Sequence[int], options: DecodingOptions) -> list[Decoded]:
        tokenizer = tokenizer_for(self.n_vocab, "en")
        results = self.network.generate(
            encoded.view,
            [list(prompt)] * len(encoded),
            beam_size=options.beams,
            no_repeat_ngram_size=options.no_repeat,
            max_length=len(prompt) + MOST_TOKENS,
            suppress_tokens=suppressed_tokens(tokenizer),
            return_scores=True,
            return_no_speech_prob=True,
        )
        decoded = []
        for result in results:
            tokens = tuple(token for token in result.sequences_ids[0] if token < tokenizer.eot)
            total = result.scores[0] * len(result.sequences_ids[0])  # CTranslate2 divides by the length
            decoded.append(Decoded(tokens, total / (len(tokens) + 1), result.no_speech_prob))
        return decoded

    def align(
        self, encoded: Batch, prompt: Sequence[int], tokens: Sequence[Sequence[int]], frames: Sequence[int]
    ) -> list[Aligned]:
        if not any(tokens):
            return [no_times(0) for _ in tokens]
        results = self.network.align(encoded.view, list(prompt), [list(row) for row in tokens], list(frames))
        return [_aligned(result, len(row)) for result, row in zip(results, tokens, strict=True)]


class Batch:
    """CTranslate2's encoder output, sliced by windows."""

    def __init__(self, view: Any) -> None:
        self.view = view

    def __len__(self) -> int:
        return int(self.view.shape[0])

    def __getitem__(self, rows: slice | list[int]) -> Batch:
        import ctranslate2

        return Batch(ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(self.view)[rows])))


def _aligned(result: Any, count: int) -> Aligned:
    """Start times from the path of the alignment: a token begins at the first step that is its."""
    if not count:
        return no_times(0)
    pairs = np.array(result.alignments)
    first = np.concatenate([[True], np.diff(pairs[:, 0]) > 0])
    return Aligned(pairs[first, 1] * TOKEN_S, np.array(result.text_token_probs))


def _translated(path: Path) -> Path:
    folder = path.parent / f"{path.stem}-ctranslate2" if path.is_file() else path / "ctranslate2"
    if not (folder / "model.bin").is_file():
        partial = folder.with_name(folder.name + ".partial")
        partial.mkdir(parents=True, exist_ok=True)
        write_ctranslate2(read_weights(path), partial)
        partial.replace(folder)
    return folder
