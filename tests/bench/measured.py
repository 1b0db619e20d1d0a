"""Measuring one tool in a process of its own, and tools in turn: medians and ranges, never a single run."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import wave as wav
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np

from pipeline.timeline import Waveform

Row = dict[str, Any]
T = TypeVar("T")


def clocked(work: Callable[[], T], *, seconds: float) -> tuple[T, dict[str, float]]:
    """What ``work`` gives, with CPU and wall seconds per second of its ``seconds`` of sound, and peak memory in MiB."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return result, {"cpu": cpu / seconds, "wall": wall / seconds, "peak_mib": peak}


def in_turn(module: str, tools: Iterable[str], seconds: float, *, repeats: int) -> list[Row]:
    """Rows of ``python -m tests.bench.MODULE TOOL SECONDS``: every tool once, then every tool again (A-B-A-B).

    A tool that cannot run here has a row that says why, and no figures.
    """
    runs: dict[str, list[Row]] = {tool: [] for tool in tools}
    failed: dict[str, str] = {}
    for turn in range(repeats):
        for tool in runs.keys() - failed.keys() if turn else runs:
            print(f"{turn + 1}/{repeats} {tool}", file=sys.stderr, flush=True)
            command = [sys.executable, "-m", f"tests.bench.{module}", tool, str(seconds)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                failed[tool] = (done.stderr.splitlines() or ["it failed"])[-1]
            else:
                runs[tool].append(json.loads(done.stdout.splitlines()[-1]))
    return [{"tool": tool, "failed": failed[tool]} if tool in failed else middle(tool, runs[tool]) for tool in runs]


def middle(tool: str, runs: Sequence[Mapping[str, float]]) -> Row:
    """The median of each figure, and its least and largest."""
    row: Row = {"tool": tool, "runs": len(runs)}
    for name in runs[0]:
        values = [run[name] for run in runs]
        row[name] = round(median(values), 4)
        row[f"{name}_range"] = [round(min(values), 4), round(max(values), 4)]
    return row


def write_sound(wave: Waveform, path: Path) -> None:
    """The samples as a 16-bit WAV file."""
    with wav.open(str(path), "wb") as file:
        file.setparams((1, 2, wave.sample_rate, 0, "NONE", ""))
        file.writeframes((np.clip(wave.samples, -1, 1) * 32767).astype("<i2").tobytes())
