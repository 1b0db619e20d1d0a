"""What a GPU makes of this project, in five minutes: ``python -m tests.bench.gpu [--device cuda] [--seconds 600]``.

openai-whisper's own ``transcribe`` with word times, ours in batches, and the whole way with each Whisper size that is
on this machine: seconds of sound in a second of wall time, to stock, and the most memory of the device. From this
table the batch (``models/whisper/openai_engine.py``) and the precision (``models/whisper/choice.py``) are chosen. With
``--device cpu --seconds 30`` the script itself is tried.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from models.machine import read_machine
from models.weights.installed import list_weights
from models.whisper.choice import choose_engine
from models.whisper.openai_engine import OpenaiWhisperTranscriber
from pipeline.timeline import Span, Waveform
from tests.bench.hearing import samples, speech_of, stock_whisper
from tests.bench.long import repeated
from tests.bench.whole import run_cleancast

BATCHES = (1, 8, 16, 32, 64, 128)
SIZES = ("base", "turbo")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--device", default="cuda")
    options.add_argument("--seconds", type=float, default=600.0)
    chosen = options.parse_args()
    wave = samples(chosen.seconds)
    speech = speech_of(wave)
    print(f"{chosen.device}, {wave.duration:.0f} s of sound, torch {torch.__version__}")
    print("| what | seconds of sound a second | to stock | device memory, MiB |\n|---|---|---|---|")
    stock = _row("openai-whisper, word times", stock_whisper(wave, word_times=True, device=chosen.device), wave, None)
    for precision in _precisions(chosen.device):
        for batch in BATCHES:
            ours = OpenaiWhisperTranscriber("base", chosen.device, precision=precision, batch=batch)
            ours.transcribe(wave.slice(Span(0.0, 30.0)), [Span(0.0, 30.0)], language="en")  # load and warm up
            hear = _hearing(ours, wave, speech)
            _row(f"ours, {precision}, {batch} windows at once", hear, wave, stock)
    here = {found.weights.name for found in list_weights() if found.present}
    for size in SIZES:
        if f"whisper-{size}" not in here:
            print(f"| the whole way, {size} | its weights are not here: cleancast models pull whisper-{size} | | |")
            continue
        figures = run_cleancast(repeated(wave.duration), "--device", chosen.device, "--model", size)
        print(f"| the whole way with start-up, {size} | {1 / figures['wall']:.1f} | | |")


def _precisions(device: str) -> tuple[str, ...]:
    if device == "cuda":
        return ("float16", "bfloat16")
    return (choose_engine(read_machine(), engine="openai-whisper", device=device).precision,)


def _hearing(ours: OpenaiWhisperTranscriber, wave: Waveform, speech: list[Span]) -> Callable[[], str]:
    return lambda: ours.transcribe(wave, speech, language="en").text


def _row(name: str, hear: Callable[[], str], wave: Waveform, stock: float | None) -> float:
    """Print a row; seconds of sound in a second."""
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    hear()
    speed = wave.duration / (time.perf_counter() - began)
    memory = f"{torch.cuda.max_memory_allocated() / 2**20:.0f}" if on_gpu else ""
    print(f"| {name} | {speed:.1f} | {f'{speed / stock:.1f}x' if stock else ''} | {memory} |", flush=True)
    return speed


if __name__ == "__main__":
    main()
