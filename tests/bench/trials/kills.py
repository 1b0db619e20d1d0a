"""Kills at random moments: of the program, of it and all that it started, of one of its children."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.bench.trials.scene import COMMANDS, Scene, differing, kill_session, outputs
from tests.paths import ROOT

HOW = ("the program", "the program and all it started", "a child")
LATEST = 1.1  # of the time that an undisturbed run takes: some kills come too late
REAL_SHARE = 0.05  # of the trials start the command itself, with its worker processes


def kill_trial(scene: Scene, chance: random.Random) -> dict[str, object]:
    """One to three kills of one command, a run to the end, and what differs from an undisturbed run."""
    command, how = chance.choice(sorted(COMMANDS)), chance.choice(HOW)
    real = chance.random() < REAL_SHARE and command.startswith(("run", "feed"))
    scene.learn(command)
    out, hits = scene.begun(command), 0
    for _ in range(chance.randint(1, 3)):
        wait_s = chance.uniform(0.0, LATEST) * scene.took_s[command] * (4 if real else 1)
        hits += (_kill_real if real else _kill)(scene, command, out, how, wait_s, chance)
    code, _, talk = scene.run(command, out)
    left = differing(outputs(out), scene.undisturbed[command])
    return {
        "kind": f"{how}{', the command with its workers' if real else ''}",
        "command": command,
        "hits": hits,
        "good": code == 0 and not left,
        "left": left[:6],
        "talk": talk[-400:] if code or left else "",
    }


def _kill(scene: Scene, command: str, out: Path, how: str, wait_s: float, chance: random.Random) -> bool:
    """Whether something was killed."""
    scene.warm.start(*scene.words(command, out), **scene.tomorrow())
    hit = False
    if not scene.warm.ended_within(wait_s):
        hit = _strike(scene.warm.pid, how, chance)
    scene.warm.end()
    return hit


def _kill_real(scene: Scene, command: str, out: Path, how: str, wait_s: float, chance: random.Random) -> bool:
    words = [sys.executable, "-m", "pipeline", *scene.words(command, out), "--jobs", "2"]
    process = subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, **scene.tomorrow()},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    hit = False
    try:
        process.wait(timeout=wait_s)
    except subprocess.TimeoutExpired:
        hit = _strike(process.pid, how, chance)
    process.wait(timeout=300)
    return hit


def _strike(pid: int, how: str, chance: random.Random) -> bool:
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        children = psutil.Process(pid).children(recursive=True)
        if how == "a child":
            until = time.monotonic() + 0.5
            while not children and time.monotonic() < until:
                children = psutil.Process(pid).children(recursive=True)
            if not children:
                return False
            os.kill(chance.choice(children).pid, signal.SIGKILL)
            return True
        if how == "the program":
            os.kill(pid, signal.SIGKILL)
            return True
        for child in children:  # workers lead sessions of their own
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
        kill_session(pid)
        return True
    return False
