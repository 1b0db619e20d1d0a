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

from tests.bench.trials.answers import bad_answers
from tests.bench.trials.disk import (
    another_clock,
    asked_to_stop,
    failing_call,
    failing_read,
    full_disk,
    limited,
    odd_surroundings,
    two_at_once,
)
from tests.bench.trials.faults import Trial, fault_trial
from tests.bench.trials.files import (
    damaged_before_an_edit,
    damaged_cache,
    damaged_feed_state,
    damaged_file,
    exchanged_files,
    obstacle,
    replaced_recording,
    strange_neighbour,
)
from tests.bench.trials.kills import kill_trial
from tests.bench.trials.programs import bad_program
from tests.bench.trials.scene import scene

TRIALS: dict[str, Trial] = {
    "a damaged file of a finished episode": damaged_file,
    "a damaged file of an episode that is edited": damaged_before_an_edit,
    "a damaged file of a feed": damaged_feed_state,
    "a file of another episode, or of other settings": exchanged_files,
    "a folder, a link or a pipe where a file goes": obstacle,
    "something of nobody's in the output folder": strange_neighbour,
    "a damaged cache": damaged_cache,
    "a recording that changes during the run": replaced_recording,
    "a disk that is full from the n-th write on": full_disk,
    "a read that fails": failing_read,
    "a call of the system that fails": failing_call,
    "a limit on files": limited,
    "odd surroundings": odd_surroundings,
    "a signal": asked_to_stop,
    "another clock": another_clock,
    "two runs at once": two_at_once,
    "an ffmpeg that fails, or lies": bad_program,
    "bad answers of a server": bad_answers,
}


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
    kinds = [kind for kind in TRIALS if chosen.only in kind]
    chosen.log.parent.mkdir(parents=True, exist_ok=True)
    memory = Path("/dev/shm")  # where there is such a thing: a trial waits for no disk
    place = memory if memory.is_dir() else None
    with (
        tempfile.TemporaryDirectory(dir=place) as folder,
        scene(Path(folder) / "trials") as made,
        chosen.log.open("a") as log,
    ):
        for name in ("in", "own"):
            shutil.copytree(made.root / name, made.root / "kept" / name)
        for number in range(chosen.kills + chosen.faults):
            if time.monotonic() > until:
                break
            if number < chosen.kills:
                row = {"part": "kill", **kill_trial(made, chance)}
            else:
                kind = chance.choice(kinds)
                row = {"part": "fault", **fault_trial(made, chance, TRIALS[kind], kind)}
            row["seed"], row["number"] = chosen.seed, number
            log.write(json.dumps(row, ensure_ascii=False) + "\n")
            log.flush()
            if not row["good"]:
                print(json.dumps(row, ensure_ascii=False), flush=True)


def table(rows: list[dict[str, object]]) -> str:
    """Trials, those that disturbed anything, those after which all was as it must be, and silent losses, by kind."""
    kinds = sorted({(str(row["part"]), str(row["kind"])) for row in rows}, reverse=True)
    lines = ["| Fault | trials | met | equal after the next run | lost, and said | lost in silence |"]
    lines.append("|---|---|---|---|---|---|")
    for part, kind in [*kinds, ("", "all")]:
        those = [row for row in rows if kind == "all" or (row["part"], row["kind"]) == (part, kind)]
        met = sum(bool(row["hits"]) for row in those)
        good, silent = (sum(bool(row.get(name)) for row in those) for name in ("good", "silent"))
        shown = f"{part} of {kind}" if part == "kill" else kind
        lines.append(f"| {shown} | {len(those)} | {met} | {good} | {len(those) - good - silent} | {silent} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
