"""``python -m tests.bench``: every tool on the same sound in the same run, A-B-A-B, medians; writes ``bench.json``."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tests.bench.hearing import TOOLS

BASE = "faster-whisper, batched, word times"
"""The peer that ours is held against: the same weights, the same output."""

PACKAGES = ("openai-whisper", "faster-whisper", "ctranslate2", "torch", "numpy")


def main() -> None:
    options = argparse.ArgumentParser(description="Speed and accuracy of transcription beside other tools.")
    options.add_argument("--seconds", type=float, default=300.0, help="how much of the seed rendering (default 300)")
    options.add_argument("--repeats", type=int, default=3, help="runs of each tool (default 3)")
    options.add_argument("--only", default="", help="tools whose name contains this")
    options.add_argument("--out", type=Path, default=Path("bench.json"))
    chosen = options.parse_args()
    names = [name for name in TOOLS if chosen.only in name]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for turn in range(chosen.repeats):
        for name in names:
            print(f"{turn + 1}/{chosen.repeats} {name}", file=sys.stderr, flush=True)
            runs[name].append(_run(name, chosen.seconds))
    rows = [_row(name, runs[name]) for name in names]
    bench = {
        "version": 1,
        "seconds": chosen.seconds,
        "repeats": chosen.repeats,
        "machine": {"processor": _processor(), "system": platform.platform()},
        "versions": {package: version(package) for package in PACKAGES},
        "hearing": rows,
    }
    chosen.out.write_text(json.dumps(bench, indent=1) + "\n", encoding="utf-8")
    print(_table(rows))


def _run(name: str, seconds: float) -> dict[str, float]:
    """One measurement in a fresh process, so that peak memory and caches are its own."""
    command = [sys.executable, "-m", "tests.bench.hearing", name, str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _row(name: str, runs: list[dict[str, float]]) -> dict[str, object]:
    row: dict[str, object] = {"tool": name}
    for key in ("cpu", "wall", "wer", "peak_mib"):
        values = [run[key] for run in runs]
        row[key] = round(median(values), 4)
        row[f"{key}_range"] = [round(min(values), 4), round(max(values), 4)]
    return row


def _table(rows: list[dict[str, object]]) -> str:
    """A Markdown table; the ratio is of CPU seconds to the peer's."""
    base = next((row["cpu"] for row in rows if row["tool"] == BASE), None)
    lines = ["| tool | CPU s per s | ratio | wall s per s | WER | peak MiB |", "|---|---|---|---|---|---|"]
    for row in rows:
        ratio = f"{row['cpu'] / base:.2f}" if base else ""  # type: ignore[operator]
        lines.append(
            f"| {row['tool']} | {row['cpu']:.3f} | {ratio} | {row['wall']:.3f} "
            f"| {100 * row['wer']:.1f} % | {row['peak_mib']:.0f} |"  # type: ignore[operator]
        )
    return "\n".join(lines)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
