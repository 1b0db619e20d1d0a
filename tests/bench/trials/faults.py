"""A fault, a run that meets it, and a run with nothing wrong, of which the outputs are compared.

A trial is good where the outputs are then those of an undisturbed run. What differs nevertheless, or differed when the
run that met the fault ended with status 0, is lost in silence, or that run said so.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.trials.scene import Scene, differing, outputs, publish

Trial = Callable[[Scene, random.Random], "Met"]
SAYING = ("cleancast:", "not used", "cannot", "could not", "failed", "FAILED", "truncated", "damaged", "missing")


@dataclass(frozen=True)
class Met:
    """What came of a run that met a fault. ``wanted``: other trees that are as good as an undisturbed run's.

    ``spare``: a copy of something on the web, a note or what was put there, which need not come back to the byte.
    ``met``: whether the fault came about. ``undo`` takes what was done away before the next run.
    """

    what: str
    command: str
    out: Path
    ended: tuple[int, str, str]
    wanted: tuple[dict[str, bytes], ...] = ()
    spare: str = ""
    met: bool = True
    undo: Callable[[], None] = lambda: None


def fault_trial(scene: Scene, chance: random.Random, trial: Trial, kind: str) -> dict[str, object]:
    """One fault, a run that meets it, and a run with nothing wrong."""
    try:
        met = trial(scene, chance)
    except TimeoutError:
        return {"kind": kind, "hits": 1, "good": False, "silent": False, "talk": "a run did not end"}
    finally:
        restore(scene)
    met.undo()
    scene.learn(met.command) if met.command not in scene.undisturbed else None
    wanted = (scene.undisturbed[met.command], *met.wanted)
    code, _, talk = met.ended
    at_once = _left(met, wanted)
    again, _, talk_again = scene.run(met.command, met.out)
    left = _left(met, wanted)
    said = code != 0 or any(word in talk for word in SAYING)
    traced = any(sign in text for sign in ("Traceback", "internal error") for text in (talk, talk_again))
    bad = bool(again or left or traced or (at_once and not said))
    return {
        "kind": kind,
        "what": met.what,
        "command": met.command,
        "hits": int(met.met),
        "silent": bool(left or at_once) and not said,
        "good": not bad,
        "left": left[:6],
        "at_once": at_once[:6],
        "talk": f"{code} {talk[-500:]} || {again} {talk_again[-300:]}" if bad else "",
    }


def _left(met: Met, wanted: tuple[dict[str, bytes], ...]) -> list[str]:
    """What differs from the likest of the trees that would be good."""
    found = outputs(met.out)
    return min(([name for name in differing(found, each) if name != met.spare] for each in wanted), key=len)


def restore(scene: Scene) -> None:
    """Recordings and web as they were."""
    for name in ("in", "own"):
        for file in (scene.root / "kept" / name).iterdir():
            target = scene.root / name / file.name
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            elif not target.is_file() or target.is_symlink() or target.read_bytes() != file.read_bytes():
                target.unlink(missing_ok=True)
            shutil.copy2(file, target)
    publish(scene.web, scene.root)
