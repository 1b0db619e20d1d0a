"""How long each stage of a run takes: ``python -m tests.bench.stages [MINUTES ...]`` prints a table.

The seed rendering, as long as asked for (1, 3 and 20 minutes), goes through a fresh ``cleancast run``, and twice
through one process: *cold*, and again with the networks loaded. A stage's CPU seconds are those of its process and of
the programs it started; what is loaded ahead, or made in a thread beside, is counted with the stage that it runs beside
and a second time in its own row.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import walk
from pipeline.batch.progress import Quiet
from pipeline.batch.single import run_one
from pipeline.settings import Settings
from tests.bench.long import repeated
from tests.bench.measured import write_sound
from tests.paths import ROOT

MINUTES = (1.0, 3.0, 20.0)
SHOWN_S = 0.05
"""Stages that take less than this are one row."""
OTHER, BETWEEN = "all other stages", "between the stages: hashes, files, pages"
BESIDE = " (beside)"
"""Ends the name of a stage that was made in a thread of its own."""


def used_s() -> float:
    """CPU seconds of this process and of programs it started that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def stages_timed() -> Iterator[dict[str, list[float]]]:
    """Wall and CPU seconds of each stage that is computed meanwhile, nested ones taken out of those around them."""
    found: dict[str, list[float]] = {}
    inside = [[0.0, 0.0]]
    compute = walk._compute

    def timed(stage: walk.Stage, *given: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            began, cpu = time.perf_counter(), time.thread_time()
            outcome = compute(stage, *given)
            found[f"{stage.name}{BESIDE}"] = [time.perf_counter() - began, time.thread_time() - cpu]
            return outcome
        began, cpu = time.perf_counter(), used_s()
        inside.append([0.0, 0.0])
        try:
            return compute(stage, *given)
        finally:
            took = [time.perf_counter() - began, used_s() - cpu]
            nested = inside.pop()
            inside[-1] = [a + b for a, b in zip(inside[-1], took, strict=True)]
            found[stage.name] = [a - b for a, b in zip(took, nested, strict=True)]

    walk._compute = timed  # type: ignore[assignment]
    try:
        yield found
    finally:
        walk._compute = compute


def measure(seconds: float) -> dict[str, Any]:
    """Stages of two runs in this process (networks loaded for the second), and a fresh program's whole run."""
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "episode.wav"
        write_sound(repeated(seconds), sound)
        rows: dict[str, dict[str, list[float]]] = {}
        for name in ("cold", "warm"):
            with stages_timed() as found:
                began, cpu = time.perf_counter(), used_s()
                run_one(sound, Settings(out=Path(folder) / name), reporter=Quiet())
                whole = [time.perf_counter() - began, used_s() - cpu]
            walked = [took for stage, took in found.items() if not stage.endswith(BESIDE)]
            within = [sum(each) for each in zip(*walked, strict=True)]
            rows[name] = {**found, BETWEEN: [a - b for a, b in zip(whole, within, strict=True)], "whole": whole}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began, cpu = time.perf_counter(), used_s()
        command = [sys.executable, "-m", "pipeline", "run", str(sound), "-o", f"{folder}/fresh"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return {"seconds": seconds, **rows, "fresh": [time.perf_counter() - began, used_s() - cpu], "peak_mib": peak}


def table(measured: list[dict[str, Any]]) -> str:
    """Wall and CPU seconds by stage, a pair of columns for each length, cold; the last rows compare with warm."""
    heads = [f"{found['seconds'] / 60:.0f} min, wall | CPU" for found in measured]
    names = dict.fromkeys(name for found in measured for name in found["cold"])
    shown = [
        n for n in names
        if n not in (BETWEEN, "whole") and any(found["cold"].get(n, [0.0])[0] >= SHOWN_S for found in measured)
    ]  # fmt: skip
    lines = ["| stage | " + " | ".join(heads) + " |", "|---" * (1 + 2 * len(measured)) + "|"]

    def row(name: str, pairs: list[list[float]]) -> None:
        lines.append(f"| {name} | " + " | ".join(f"{wall:.2f} | {cpu:.2f}" for wall, cpu in pairs) + " |")

    for name in shown:
        row(name, [found["cold"].get(name, [0.0, 0.0]) for found in measured])
    hidden = [n for n in names if n not in (*shown, BETWEEN, "whole") and not n.endswith(BESIDE)]
    row(OTHER, [[sum(found["cold"].get(n, [0.0, 0.0])[i] for n in hidden) for i in (0, 1)] for found in measured])
    row(BETWEEN, [found["cold"][BETWEEN] for found in measured])
    row("**in one process, networks to be loaded**", [found["cold"]["whole"] for found in measured])
    row("**the same again, networks loaded**", [found["warm"]["whole"] for found in measured])
    row("**`cleancast run`**", [found["fresh"] for found in measured])
    per_second = [[each / found["seconds"] for each in found["fresh"]] for found in measured]
    lines.append("| the same per second of sound | " + " | ".join(f"{w:.3f} | {c:.3f}" for w, c in per_second) + " |")
    over = [found["fresh"][0] / (sum(found["warm"][n][1] for n in ("diarize", "transcribe")) / 2) for found in measured]
    lines.append("| wall over (networks' CPU / 2 cores) | " + " | ".join(f"{share:.2f} | " for share in over) + " |")
    lines.append("| peak, MiB | " + " | ".join(f"{found['peak_mib']:.0f} | " for found in measured) + " |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("minutes", type=float, nargs="*", default=MINUTES)
    options.add_argument("--one", type=float, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        print(json.dumps(measure(60 * chosen.one)))
        return
    found = []
    for minutes in chosen.minutes:  # a process each, so that every length starts cold
        command = [sys.executable, "-m", "tests.bench.stages", "--one", str(minutes)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    print(table(found))


if __name__ == "__main__":
    main()
