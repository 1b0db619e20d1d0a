"""Episodes per hour of a batch against a plain loop, on the same recordings: python -m tests.bench.batches [FOLDER]

No episode is told of others (a loop could only tell forward), so that every way does the same work.
Without a folder: eight pieces of the seed rendering. Each way starts from an empty output folder; the ways take turns,
and the middle of the rounds counts. Prints a table, whether every way gave the same bytes, and what large archives
would take at that pace.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from audio.decode import decode
from audio.probe import probe
from pipeline.batch.sources import Recording, find_recordings
from pipeline.timeline import Span
from tests.bench.measured import Row, write_sound
from tests.paths import ROOT
from tests.trees import tree

PIECES, PIECE_S = 8, 60.0
WAYS: dict[str, Sequence[str] | None] = {
    "a loop over `cleancast run`": None,
    "`--jobs 1`": ["--jobs", "1"],
    "`--jobs 2`": ["--jobs", "2"],
}
RAY_WAYS: dict[str, Sequence[str] | None] = {
    "`--on ray --jobs 1`": ["--on", "ray", "--jobs", "1"],
    "`--on ray --jobs 2`": ["--on", "ray", "--jobs", "2"],
}
LEFT_OUT = ("batch.json",)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("folder", type=Path, nargs="?")
    words.add_argument("--rounds", type=int, default=1)
    words.add_argument("--ray", action="store_true", help="also on a Ray cluster of this machine, 1 and 2 actors")
    chosen = words.parse_args()
    print(table(compare(chosen.folder, rounds=chosen.rounds, ray=chosen.ray)))


def compare(folder: Path | None = None, *, rounds: int = 1, ray: bool = False) -> list[Row]:
    """A row for each way: episodes an hour, and hours of this machine for 1,000 hours of sound.

    ``same_bytes``: whether the outputs equal those of the plain loop.
    """
    with tempfile.TemporaryDirectory() as pieces:
        return _compare(folder or cut_seed(Path(pieces)), WAYS | (RAY_WAYS if ray else {}), rounds)


def _compare(folder: Path, ways: Mapping[str, Sequence[str] | None], rounds: int) -> list[Row]:
    files = [entry.place for entry in find_recordings([str(folder)]) if isinstance(entry, Recording)]
    hours = sum(probe(file).duration for file in files) / 3600
    took: dict[str, list[float]] = {name: [] for name in ways}
    trees: dict[str, dict[str, bytes]] = {}
    for turn in range(rounds):
        for name, options in ways.items():
            print(f"{turn + 1}/{rounds} {name}", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory() as out:
                began = time.monotonic()
                for sources in [[file] for file in files] if options is None else [files]:
                    cleancast(*sources, *(options or []), "-o", out, "--no-memory")
                took[name].append(time.monotonic() - began)
                trees[name] = tree(Path(out), *LEFT_OUT)
    return [
        {
            "tool": name,
            "runs": rounds,
            "episodes_an_hour": round(3600 * len(files) / median(seconds), 1),
            "hours_for_1000": round(1000 * median(seconds) / 3600 / hours, 1),
            "same_bytes": trees[name] == trees[next(iter(ways))],
        }
        for name, seconds in took.items()
    ]


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| way | episodes an hour | to the loop | hours for 1,000 hours of sound | same bytes |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = row["episodes_an_hour"] / rows[0]["episodes_an_hour"]
        same = "yes" if row["same_bytes"] else "NO"
        lines.append(
            f"| {row['tool']} | {row['episodes_an_hour']:.0f} | {ratio:.2f}x | {row['hours_for_1000']:.0f} | {same} |"
        )
    return "\n".join(lines)


def cut_seed(folder: Path) -> Path:
    """Eight pieces of the seed rendering, a file each."""
    seed = decode(ROOT / "audio" / "seed" / "audio.mp3")
    for n in range(PIECES):
        piece = seed.slice(Span(n * PIECE_S, (n + 1) * PIECE_S))
        write_sound(piece, folder / f"piece-{n + 1}.wav")
    return folder


def cleancast(*words: str) -> None:
    command = [sys.executable, "-m", "pipeline", "run", *words]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


if __name__ == "__main__":
    main()
