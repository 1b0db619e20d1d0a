"""The targets of speed and memory, and what is measured: ``python -m tests.bench.judged [--minutes M]``.

For an idle machine. Start-up counts: every figure is of a fresh ``cleancast run``. Twenty minutes of the plain
composition beside it take ten minutes and more, so ``--stock`` says how many seconds of sound it gets; with
``--minutes 5`` everything takes under ten. A run that fails is said in its row, and the others go on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence

from tests.bench.measured import Row, in_turn
from tests.bench.whole import OURS, PLAIN

HOUR_S = 3600.0
CORES = os.cpu_count() or 1


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--stock", type=float, default=180.0, help="seconds of sound for the comparison (0: none)")
    options.add_argument("--minutes", type=float, help="the length of everything, instead of 20 and 60 minutes")
    options.add_argument("--three-hours", action="store_true")
    chosen = options.parse_args()
    print("| | measured | must | aim |\n|---|---|---|---|")
    short, long = stages_of(1), stages_of(chosen.minutes or 20)
    hour = [] if chosen.minutes else in_turn("long", ["60 minutes"], HOUR_S, repeats=1)
    length = f"{chosen.minutes:g}" if chosen.minutes else "20 and 60"
    wall, cpu = (figures([long, *hour], name) for name in ("wall", "cpu"))
    row(f"the whole way, {length} minutes, wall per second", wall, "0.033", "0.027")
    row("the same, CPU seconds per second", cpu, "0.060", "0.050")
    row("one minute, cold, wall", told(short, lambda: f"{short['seconds'] * short['wall']:.1f} s"), "6 s", "4 s")
    over = told(long, lambda: f"{long['wall'] * long['seconds'] * CORES / long['networks']:.2f}")
    row(f"wall over (networks' CPU / cores), {length.split()[0]} minutes", over, "1.35", "1.15")
    (words,) = in_turn("ad_words", ["three hours"], 3 * HOUR_S, repeats=3)
    took = told(words, lambda: f"{words['wall_s']:.1f} s")
    row("ads in three hours of words, start-up included", took, "30 s", "15 s")
    if chosen.three_hours:
        (three,) = in_turn("long", ["180 minutes"], 3 * HOUR_S, repeats=1)
        peak = told(three, lambda: f"{three['peak_mib']:.0f} MiB")
        row("three hours, peak memory", peak, "2560 MiB", "2048 MiB")
    if chosen.stock:
        seconds = 60 * chosen.minutes if chosen.minutes else chosen.stock
        plain, ours = in_turn("whole", [PLAIN, OURS], seconds, repeats=1)
        ratio = told({**plain, **ours}, lambda: f"{plain['wall'] / ours['wall']:.1f}x")
        row(f"against openai-whisper and stock pyannote, {seconds:.0f} s of sound", ratio, "15x", "25x")


def stages_of(minutes: float) -> Row:
    """What ``tests.bench.stages`` measures of one length, in a process of its own; why not, where it fails."""
    command = [sys.executable, "-m", "tests.bench.stages", "--one", str(minutes)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        return {"failed": (done.stderr.splitlines() or ["it failed"])[-1]}
    found = json.loads(done.stdout.splitlines()[-1])
    wall, cpu = (each / found["seconds"] for each in found["fresh"])
    networks = sum(found["warm"][name][1] for name in ("diarize", "transcribe"))
    return {"seconds": found["seconds"], "wall": wall, "cpu": cpu, "networks": networks}


def told(measured: Row, figure: Callable[[], str]) -> str:
    """A figure of what was measured, or why there is none.

    >>> told({"failed": "killed"}, lambda: "0.033"), told({}, lambda: "0.033")
    ('not measured: killed', '0.033')
    """
    return f"not measured: {measured['failed']}" if "failed" in measured else figure()


def figures(measured: Sequence[Row], name: str) -> str:
    """A figure of each length."""

    def figure(each: Row) -> str:
        return told(each, lambda: f"{each[name]:.3f}")

    return ", ".join(map(figure, measured))


def row(name: str, *cells: str) -> None:
    """Print a row as soon as it is known."""
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
