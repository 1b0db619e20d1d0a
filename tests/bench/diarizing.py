"""One diarization by one tool, measured: ``python -m tests.bench.diarizing TOOL SECONDS`` prints one line of JSON.

Loading the networks is outside the measured time, everything from samples to turns is inside. DER: collar 0, overlap
scored, against the turns of the seed rendering.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline.formats.records.rttm import parse_rttm
from pipeline.scores.speakers.turns import count_voices, score_turns
from pipeline.timeline import Span, Turn, Waveform
from tests.bench.hearing import SEED, samples
from tests.bench.measured import clocked, write_sound

STOCK, OURS = "pyannote stock, same networks", "ours, shared trunk"
Diarize = Callable[[], Iterable[Turn]]


def ours(wave: Waveform) -> Diarize:
    """This project's diarizer, as the pipeline calls it."""
    from pipeline.settings import Settings
    from pipeline.wiring import tools_for

    diarizer = tools_for(Settings()).diarizer()
    diarizer.diarize(wave.slice(Span(0.0, 5.0)))
    return lambda: diarizer.diarize(wave).turns


def stock(wave: Waveform) -> Diarize:
    """``pyannote.audio``'s own pipeline, its default step, on segmentation-3.0 and CAM++, agglomerative clustering."""
    import torch

    from models.diarization.diarizer import heard_from_pyannote
    from tests.bench.stock_pyannote import stock_pipeline

    pipeline: Any = stock_pipeline()
    sound = {"waveform": torch.from_numpy(wave.samples.copy())[None], "sample_rate": wave.sample_rate, "uri": "seed"}

    def diarize() -> Iterable[Turn]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return heard_from_pyannote(pipeline(sound)).turns

    return diarize


def senko(wave: Waveform) -> Diarize:
    """The fastest peer on a CPU, which reads files; installed by ``make bench`` alone."""
    import senko  # type: ignore[import-not-found]

    diarizer = senko.Diarizer(device="cpu", warmup=True, quiet=True)
    _, path = tempfile.mkstemp(suffix=".wav")
    write_sound(wave, Path(path))

    def diarize() -> Iterable[Turn]:
        found = diarizer.diarize(path)["merged_segments"]
        return [Turn(s["start"], s["end"], s["speaker"]) for s in found]

    return diarize


TOOLS: dict[str, Callable[[Waveform], Diarize]] = {STOCK: stock, OURS: ours, "senko": senko}


def measure(tool: str, seconds: float) -> dict[str, float]:
    """CPU and wall seconds per second of sound, DER against the rendering's turns, voices, peak memory in MiB."""
    wave = samples(seconds)
    turns, figures = clocked(TOOLS[tool](wave), seconds=wave.duration)
    truth = parse_rttm((SEED / "reference.rttm").read_text(encoding="utf-8"))
    errors = score_turns(truth, tuple(turns), scored=(Span(0.0, wave.duration),))
    return {**figures, "der": errors.rate or 0.0, "voices": count_voices(tuple(turns))}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]))))
