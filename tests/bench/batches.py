"""Episodes per hour of a batch against a plain loop, on the same recordings: python -m tests.bench.batches [FOLDER]

Without a folder: eight pieces of the seed rendering. Each way starts from an empty output folder; the ways take turns,
and the middle of the rounds counts. Prints a table, whether every way gave the same bytes, and what large archives
would take at that pace.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path
from statistics import median

from audio.decode import decode
from audio.probe import probe
from pipeline.sources import Recording, find_recordings
from pipeline.timeline import Span

ROOT = Path(__file__).resolve().parent.parent.parent
PIECES, PIECE_S = 8, 60.0
LEFT_OUT = ("timings.json", "batch.json")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("folder", type=Path, nargs="?")
    words.add_argument("--rounds", type=int, default=1)
    words.add_argument("--ray", action="store_true", help="also on a Ray cluster of this machine, 1 and 2 actors")
    words.add_argument("--ways", default="", help="only these, separated by commas")
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as pieces:
        measure(chosen.folder or cut_seed(Path(pieces)), chosen)


def measure(folder: Path, chosen: argparse.Namespace) -> None:
    files = [entry.place for entry in find_recordings([str(folder)]) if isinstance(entry, Recording)]
    ways = {"loop": None, "jobs 1": ["--jobs", "1"], "jobs 2": ["--jobs", "2"]}
    if chosen.ray:
        ways |= {"ray 1": ["--on", "ray", "--jobs", "1"], "ray 2": ["--on", "ray", "--jobs", "2"]}
    if chosen.ways:
        ways = {name: ways[name] for name in chosen.ways.split(",")}
    took: dict[str, list[float]] = {name: [] for name in ways}
    trees: dict[str, dict[str, bytes]] = {}
    for _ in range(chosen.rounds):
        for name, options in ways.items():
            with tempfile.TemporaryDirectory() as out:
                began = time.monotonic()
                for sources in [[file] for file in files] if options is None else [files]:
                    cleancast(*sources, *(options or []), "-o", out)
                took[name].append(time.monotonic() - began)
                trees[name] = tree(Path(out))
    print(f"{len(files)} episodes, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    first = median(next(iter(took.values())))
    for name, seconds in took.items():
        middle = median(seconds)
        print(f"{name:8} {middle:8.1f} s  {3600 * len(files) / middle:7.1f} episodes an hour  {first / middle:5.2f}x")
    hours = sum(probe(file).duration for file in files) / 3600
    for name, seconds in took.items():
        machine = median(seconds) / 3600 / hours
        print(f"{name:8} 1,000 hours of sound take {1000 * machine:.0f} hours of this machine", end="")
        print(f", 1,000,000 take {1e6 * machine:.0f}")
    print("same bytes" if all(found == trees[next(iter(ways))] for found in trees.values()) else "BYTES DIFFER")


def cut_seed(folder: Path) -> Path:
    """Eight pieces of the seed rendering, a file each."""
    seed = decode(ROOT / "audio" / "seed" / "audio.mp3")
    for n in range(PIECES):
        piece = seed.slice(Span(n * PIECE_S, (n + 1) * PIECE_S))
        with wave.open(str(folder / f"piece-{n + 1}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(piece.sample_rate)
            file.writeframes((piece.samples * 32767).astype("<i2").tobytes())
    return folder


def cleancast(*words: str) -> None:
    command = [sys.executable, "-m", "pipeline", "run", *words]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def tree(out: Path) -> dict[str, bytes]:
    files = (p for p in out.rglob("*") if p.is_file() and p.name not in LEFT_OUT)
    return {str(p.relative_to(out)): p.read_bytes() for p in files}


if __name__ == "__main__":
    main()
