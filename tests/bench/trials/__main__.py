"""Kills and faults at random, against runs that nothing disturbs.

    python -m tests.bench.trials --kills 200 --faults 1000

Scripted networks, a server on this machine. Each trial is a line of --log, and the table is made of all its lines, so
that many short runs with different --seed make one table. What went wrong is printed at once.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from pathlib import Path

from tests.bench.trials.faults import TRIALS, fault_trial
from tests.bench.trials.kills import kill_trial
from tests.bench.trials.scene import scene


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--kills", type=int, default=0)
    words.add_argument("--faults", type=int, default=0)
    words.add_argument("--only", default="", help="a word of the kind of fault")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--minutes", type=float, default=60.0, help="begin no trial after so many")
    words.add_argument("--log", type=Path, default=Path("out/trials.jsonl"))
    chosen = words.parse_args()
    if chosen.kills or chosen.faults:
        run_trials(chosen)
    print(table([json.loads(line) for line in chosen.log.read_text().splitlines()]))


def run_trials(chosen: argparse.Namespace) -> None:
    chance, until = random.Random(chosen.seed), time.monotonic() + 60 * chosen.minutes
    kinds = [trial for trial, kind in TRIALS.items() if chosen.only in kind]
    chosen.log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder) / "trials") as made, chosen.log.open("a") as log:
        shutil.copytree(made.root / "in", made.root / "kept")
        for number in range(chosen.kills + chosen.faults):
            if time.monotonic() > until:
                break
            if number < chosen.kills:
                row = {"part": "kill", **kill_trial(made, chance)}
            else:
                row = {"part": "fault", **fault_trial(made, chance, chance.choice(kinds))}
            row["seed"], row["number"] = chosen.seed, number
            log.write(json.dumps(row, ensure_ascii=False) + "\n")
            log.flush()
            if not row["good"]:
                print(json.dumps(row, ensure_ascii=False), flush=True)


def table(rows: list[dict[str, object]]) -> str:
    """Trials, those that disturbed anything, those after which all was as it must be, and silent losses, by kind."""
    kinds = sorted({(str(row["part"]), str(row["kind"])) for row in rows}, reverse=True)
    lines = ["| Fault | trials | met | equal after the next run | lost in silence |", "|---|---|---|---|---|"]
    for part, kind in [*kinds, ("", "all")]:
        those = [row for row in rows if kind == "all" or (row["part"], row["kind"]) == (part, kind)]
        met = sum(bool(row["hits"]) for row in those)
        good, silent = (sum(bool(row.get(name)) for row in those) for name in ("good", "silent"))
        shown = f"{part} of {kind}" if part == "kill" else kind
        lines.append(f"| {shown} | {len(those)} | {met} | {good} | {silent} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
