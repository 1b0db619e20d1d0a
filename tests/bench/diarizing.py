"""Diarization beside the stock pipeline and a peer: ``python -m tests.bench.diarizing`` in turn, as a table.

``python -m tests.bench.diarizing TOOL SECONDS`` is one measurement in this process and prints one line of JSON. Loading
the networks is outside the measured time, everything from samples to turns is inside. DER: collar 0, overlap scored.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

from pipeline.formats.rttm import parse_rttm
from pipeline.scores.turns import score_turns
from pipeline.timeline import Span, Turn, Waveform
from tests.bench.hearing import SEED, samples

STOCK, OURS = "pyannote stock, same networks", "ours, shared trunk"
Diarize = Callable[[], Iterable[Turn]]


def ours(wave: Waveform) -> Diarize:
    """This project's diarizer, as the pipeline calls it."""
    from models.pyannote_diarizer import PyannoteDiarizer

    diarizer = PyannoteDiarizer()
    diarizer.diarize(wave.slice(Span(0.0, 5.0)))
    return lambda: diarizer.diarize(wave).turns


def stock(wave: Waveform) -> Diarize:
    """``pyannote.audio``'s own pipeline, its default step, on segmentation-3.0 and CAM++, agglomerative clustering."""
    import torch

    from models.campplus import load_campplus
    from models.pyannote_diarizer import diarization_from_pyannote
    from models.pyannote_segmentation import load_segmentation
    from models.shared_trunk import assemble
    from models.weights import locate

    networks = load_segmentation(locate("segmentation-3.0")), load_campplus(locate("campplus"))
    pipeline: Any = assemble(*networks, step=0.1, shared=False)
    sound = {"waveform": torch.from_numpy(wave.samples.copy())[None], "sample_rate": wave.sample_rate, "uri": "seed"}

    def diarize() -> Iterable[Turn]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return diarization_from_pyannote(pipeline(sound), duration=wave.duration).turns

    return diarize


def senko(wave: Waveform) -> Diarize:
    """The fastest peer on a CPU; not installed by the bench, its row is left out where it is missing."""
    import senko  # type: ignore[import-not-found]

    diarizer = senko.Diarizer(device="cpu", warmup=True, quiet=True)
    import tempfile
    import wave as wav

    import numpy as np

    path = tempfile.mkstemp(suffix=".wav")[1]
    with wav.open(path, "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(wave.sample_rate)
        file.writeframes((np.clip(wave.samples, -1, 1) * 32767).astype(np.int16).tobytes())
    return lambda: [Turn(s["start"], s["end"], s["speaker"]) for s in diarizer.diarize(path)["merged_segments"]]


TOOLS: dict[str, Callable[[Waveform], Diarize]] = {STOCK: stock, OURS: ours, "senko": senko}


def measure(tool: str, seconds: float) -> dict[str, float | str]:
    """CPU and wall seconds per second of audio, DER against the rendering's turns, voices, peak memory in MiB."""
    wave = samples(seconds)
    diarize = TOOLS[tool](wave)
    cpu, wall = time.process_time(), time.perf_counter()
    turns = tuple(diarize())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    truth = parse_rttm((SEED / "reference.rttm").read_text(encoding="utf-8"))
    errors = score_turns(truth, turns, scored=(Span(0.0, wave.duration),))
    return {
        "tool": tool,
        "cpu": cpu / wave.duration,
        "wall": wall / wave.duration,
        "der": errors.rate or 0.0,
        "voices": len({turn.speaker for turn in turns}),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def compare(seconds: float, repeats: int) -> str:
    """A Markdown table of medians over interleaved runs in fresh processes; ratios are to the stock pipeline."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for _ in range(repeats):
        for tool in TOOLS:
            command = [sys.executable, "-m", "tests.bench.diarizing", tool, str(seconds)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                runs.setdefault(tool, []).append(json.loads(done.stdout.splitlines()[-1]))
            else:
                print(f"{tool}: {(done.stderr.splitlines() or ['failed'])[-1]}", file=sys.stderr)
    middle = {
        tool: {k: median(run[k] for run in found) for k in found[0] if k != "tool"} for tool, found in runs.items()
    }
    lines = ["| tool | CPU s per s | ratio | wall s per s | DER | voices | peak MiB |", "|---|---|---|---|---|---|---|"]
    for tool, row in middle.items():
        ratio = row["cpu"] / middle[STOCK]["cpu"] if STOCK in middle else float("nan")
        lines.append(
            f"| {tool} | {row['cpu']:.3f} | {ratio:.3f} | {row['wall']:.3f} | {100 * row['der']:.1f} % "
            f"| {row['voices']:.0f} | {row['peak_mib']:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], float(sys.argv[2]))))
    else:
        print(compare(seconds=300.0, repeats=3))
