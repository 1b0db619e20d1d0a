"""The targets of speed and memory, and what is measured: ``python -m tests.bench.judged [--stock S] [--three-hours]``.

For an idle machine. Start-up counts: every figure is of a fresh ``cleancast run``. Twenty minutes of the plain
composition beside it take ten minutes and more, so ``--stock`` says how many seconds of sound it gets.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from tests.bench.measured import in_turn
from tests.bench.whole import OURS, PLAIN

HOUR_S = 3600.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--stock", type=float, default=180.0, help="seconds of sound for the comparison (0: none)")
    options.add_argument("--three-hours", action="store_true")
    chosen = options.parse_args()
    print("| | measured | must | aim |\n|---|---|---|---|")
    short, long = stages_of(1), stages_of(20)
    (hour,) = in_turn("long", ["60 minutes"], HOUR_S, repeats=1)
    wall, cpu = (each / long["seconds"] for each in long["fresh"])
    networks = sum(long["warm"][name][1] for name in ("diarize", "transcribe")) / (os.cpu_count() or 1)
    row("the whole way, 20 and 60 minutes, wall per second", f"{wall:.3f}, {hour['wall']:.3f}", "0.033", "0.027")
    row("the same, CPU seconds per second", f"{cpu:.3f}, {hour['cpu']:.3f}", "0.060", "0.050")
    row("one minute, cold, wall", f"{short['fresh'][0]:.1f} s", "6 s", "4 s")
    row("wall over (networks' CPU / cores), 20 minutes", f"{long['fresh'][0] / networks:.2f}", "1.35", "1.15")
    if chosen.three_hours:
        (three,) = in_turn("long", ["180 minutes"], 3 * HOUR_S, repeats=1)
        row("three hours, peak memory", f"{three['peak_mib']:.0f} MiB", "2560 MiB", "2048 MiB")
    if chosen.stock:
        plain, ours = in_turn("whole", [PLAIN, OURS], chosen.stock, repeats=1)
        ratio = plain["wall"] / ours["wall"]
        row(f"against openai-whisper and stock pyannote, {chosen.stock:.0f} s of sound", f"{ratio:.1f}x", "15x", "25x")


def stages_of(minutes: int) -> dict[str, Any]:
    """What ``tests.bench.stages`` measures of one length, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.stages", "--one", str(minutes)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def row(name: str, *cells: str) -> None:
    """Print a row as soon as it is known."""
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
