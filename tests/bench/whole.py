"""The whole way on the seed rendering, measured: ``python -m tests.bench.whole TOOL SECONDS`` prints one line of JSON.

A fresh ``cleancast run`` of everything: start, loading the networks, all stages, all outputs. Beside it the plain
composition: openai-whisper with word times and then pyannote's pipeline, in one process, nothing else.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.timeline import Waveform
from tests.bench import diarizing, hearing
from tests.bench.measured import clocked, write_sound
from tests.paths import ROOT

PLAIN = "openai-whisper with word times, then pyannote stock"
OURS = "cleancast run, every stage and output"


def run_cleancast(wave: Waveform, *words: str) -> dict[str, float]:
    """CPU (of all its processes) and wall seconds per second of sound, and peak memory in MiB, of ``cleancast run``."""
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "episode.wav"
        write_sound(wave, sound)
        began = time.perf_counter()
        command = [sys.executable, "-m", "pipeline", "run", str(sound), "-o", f"{folder}/out", *words]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        took = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    return {"cpu": cpu / wave.duration, "wall": took / wave.duration, "peak_mib": used.ru_maxrss / 1024}


def run_plain(wave: Waveform) -> dict[str, float]:
    """The plain composition, whose loading is not counted."""
    hear = hearing.TOOLS["openai-whisper, word times"](wave)
    diarize = diarizing.TOOLS[diarizing.STOCK](wave)
    _, figures = clocked(lambda: (hear(), tuple(diarize())), seconds=wave.duration)
    return figures


TOOLS: dict[str, Callable[[Waveform], dict[str, float]]] = {PLAIN: run_plain, OURS: run_cleancast}


if __name__ == "__main__":
    print(json.dumps(TOOLS[sys.argv[1]](hearing.samples(float(sys.argv[2])))))
