"""Faults at random: damaged files, full disks, reads that fail, bad programs, replaced recordings, bad answers.

Each fault meets one command; then the command is run again with nothing wrong. A trial is good where the outputs are
then those of an undisturbed run, and the run that met the fault either had these outputs already or said what failed
and ended with a status that is not 0.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audio.ffmpeg import ffmpeg_program
from tests.bench.trials.scene import Scene, differing, publish, tree
from tests.pipeline.conftest import Thing

Trial = Callable[[Scene, random.Random], "Met"]


@dataclass(frozen=True)
class Met:
    """What came of a run that met a fault. ``wanted``: other trees that are as good as an undisturbed run's.

    ``spare``: a copy of something on the web, which may stay as it is until it is asked for again.
    """

    what: str
    command: str
    out: Path
    ended: tuple[int, str, str]
    wanted: tuple[dict[str, bytes], ...] = ()
    spare: str = ""


def fault_trial(scene: Scene, chance: random.Random, trial: Trial) -> dict[str, object]:
    """One fault, a run that meets it, and a run with nothing wrong."""
    try:
        met = trial(scene, chance)
    finally:
        publish(scene.web, scene.root)
        _restore(scene)
    wanted = (scene.undisturbed[met.command], *met.wanted)
    code, _, talk = met.ended
    at_once = _left(met, wanted)
    again, _, talk_again = scene.run(met.command, met.out)
    left = _left(met, wanted)
    silent = bool(at_once) and code == 0 and "cleancast" not in talk
    traced = "Traceback" in talk or "internal error" in talk
    return {
        "kind": TRIALS[trial],
        "what": met.what,
        "command": met.command,
        "hits": int(bool(at_once) or code != 0),
        "silent": silent,
        "good": again == 0 and not left and not silent and not traced,
        "left": left[:6],
        "at_once": at_once[:6],
        "talk": (talk[-500:] + " || " + talk_again[-300:]) if again or left or silent or traced else "",
    }


def _left(met: Met, wanted: tuple[dict[str, bytes], ...]) -> list[str]:
    """What differs from the likest of the trees that would be good."""
    found = tree(met.out)
    return min(([name for name in differing(found, each) if name != met.spare] for each in wanted), key=len)


# ---- files of the output folder


def _damage(data: bytes, chance: random.Random) -> tuple[str, bytes | None]:
    how = chance.choice(("cut off", "empty", "zeros", "a bit flipped", "garbage", "gone", "a page", "half zeros"))
    place = chance.randrange(max(1, len(data)))
    flipped = bytearray(data or b"\0")
    flipped[min(place, len(flipped) - 1)] ^= 1 << chance.randrange(8)
    return how, {
        "cut off": data[:place],
        "empty": b"",
        "zeros": bytes(len(data)),
        "a bit flipped": bytes(flipped),
        "garbage": chance.randbytes(min(len(data), 5000) or 10),
        "gone": None,
        "a page": b"<!DOCTYPE html><html><body>Not found</body></html>",
        "half zeros": data[:place] + bytes(len(data) - place),
    }[how]


def damaged_file(scene: Scene, chance: random.Random) -> Met:
    out = scene.finished("run")
    files = [p for p in sorted(out.rglob("*")) if p.is_file() and p.name != "batch.json"]
    file = chance.choice(files)
    how, data = _damage(file.read_bytes(), chance)
    file.unlink()
    if data is not None:
        file.write_bytes(data)
    what = f"{how}: {'/'.join(file.relative_to(out).parts[2:]) or file.name}"
    return Met(what, "run", out, scene.run("run", out))


def damaged_feed_state(scene: Scene, chance: random.Random) -> Met:
    out = scene.finished("feed")
    files = [p for p in sorted(out.rglob("*")) if p.is_file() and ("downloads" in p.parts or p.parent.parent == out)]
    file = chance.choice([p for p in files if p.suffix != ".wav"])
    how, data = _damage(file.read_bytes(), chance)
    file.unlink()
    if data is not None:
        file.write_bytes(data)
    spare = file.relative_to(out).as_posix() if "downloads" in file.parts else ""
    return Met(f"{how}: {file.name}", "feed", out, scene.run("feed", out), spare=spare)


# ---- the disk


def full_disk(scene: Scene, chance: random.Random) -> Met:
    command, number = chance.choice(("run", "feed", "follow")), chance.randint(1, 120)
    out = scene.out()
    return Met(f"write {number}", command, out, scene.run(command, out, FULL_AT=str(number)))


def failing_read(scene: Scene, chance: random.Random) -> Met:
    command, number = chance.choice(("run", "feed", "follow")), chance.randint(1, 60)
    out = scene.finished(command) if chance.random() < 0.5 else scene.out()
    return Met(f"read {number}", command, out, scene.run(command, out, READ_ERROR_AT=str(number)))


# ---- programs

FFMPEG_FAULTS = {
    "killed at once": "kill -9 $$",
    "killed on the way": '"$real" "$@" | head -c 50000; kill -9 $$',
    "crashed": "kill -SEGV $$",
    "less, and status 0": '"$real" "$@" | head -c 50000; exit 0',
    "status 1": '"$real" "$@"; exit 1',
    "nothing, and status 0": "exit 0",
    "half a file, and status 0": '"$real" "$@"; [ -f "$file" ] && truncate -s 9000 "$file"; exit 0',
    "an empty file, and status 0": '"$real" "$@"; [ -f "$file" ] && truncate -s 0 "$file"; exit 0',
    "no room": 'echo "x: No space left on device" >&2; exit 228',
    "not found": "exit 127",
    "talk and status 0": '"$real" "$@"; echo "Error while decoding" >&2; exit 0',
}


def bad_program(scene: Scene, chance: random.Random) -> Met:
    """An ffmpeg that misbehaves once, at its n-th start."""
    command, number = chance.choice(("run", "feed")), chance.randint(1, 30)
    how = chance.choice(sorted(FFMPEG_FAULTS))
    folder = scene.root / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    program = folder / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\nreal="{ffmpeg_program()}"\n'
        f"n=$(cat {folder}/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > {folder}/n\n"
        'for word; do case "$word" in file:*) file="${word#file:}";; esac; done\n'
        f'[ $n = {number} ] && {{ {FFMPEG_FAULTS[how]}; }}\nexec "$real" "$@"\n'
    )
    program.chmod(0o755)
    out = scene.out()
    ended = scene.run(command, out, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Met(f"{how}, start {number}", command, out, ended)


# ---- recordings


def replaced_recording(scene: Scene, chance: random.Random) -> Met:
    """A recording that becomes another, or is cut off, at a random moment of the run; and is put back afterwards."""
    out, file = scene.out(), scene.root / "in/ep1.wav"
    other = file.read_bytes()
    how = chance.choice(("another", "cut off", "empty", "gone", "longer"))
    data = {"another": other[:44] + other[44:][::-1], "cut off": other[: len(other) // 2], "empty": b"", "gone": None}
    data["longer"] = other + bytes(32_000)
    wait_s = chance.uniform(0.0, 1.0) * scene.took_s["run"]

    def replace() -> None:
        time.sleep(wait_s)
        if data[how] is None:
            file.unlink()
        else:
            (scene.root / "new").write_bytes(data[how] or b"")
            (scene.root / "new").replace(file)

    thread = threading.Thread(target=replace)
    thread.start()
    ended = scene.run("run", out)
    thread.join()
    if ended[0] == 0:  # all of the old one, or all of the new one: what a run on the new one alone would make
        fresh = scene.root / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        scene.run("run", fresh)
        return Met(how, "run", out, ended, (tree(fresh),))
    return Met(how, "run", out, ended)


# ---- answers


def bad_answers(scene: Scene, chance: random.Random) -> Met:
    """Faults in one to three things of a server, some of them only for the next few answers."""
    command, told = chance.choice(("feed", "follow")), []
    for path in chance.sample(sorted(scene.web.things), chance.randint(1, 3)):
        thing = scene.web.things[path]
        how = chance.choice(sorted(ANSWERS))
        ANSWERS[how](thing, chance)
        told.append(f"{how}: {path}")
    out = scene.out()
    return Met("; ".join(told), command, out, scene.run(command, out))


def _answer(**changed: object) -> Callable[..., None]:
    def change(thing: Thing, _chance: random.Random) -> None:
        for name, value in changed.items():
            setattr(thing, name, value)

    return change


def _drop(faults: int, **more: object) -> Callable[..., None]:
    def change(thing: Thing, chance: random.Random) -> None:
        thing.faults, thing.cut_after = faults, chance.randrange(max(1, len(thing.data)))
        _answer(**more)(thing, chance)

    return change


ANSWERS: dict[str, Callable[..., None]] = {
    "status": lambda thing, chance: setattr(thing, "status", chance.choice((401, 403, 404, 410, 429, 500, 502, 503))),
    "status once": lambda thing, chance: thing.__dict__.update(faults=1, fail_with=chance.choice((429, 500, 503))),
    "dropped once": _drop(1),
    "dropped always": _drop(99),
    "changed on the way": _drop(1, etag_after_fault='"two"'),
    "a page": _answer(data=b"<!DOCTYPE html><html><body>Sign in to go on</body></html>", kind="text/html"),
    "a page as sound": _answer(data=b"<!DOCTYPE html><html><body>Sign in</body></html>"),
    "empty": _answer(data=b""),
    "half": lambda thing, chance: setattr(thing, "data", thing.data[: len(thing.data) // 2]),
    "too long a length": lambda thing, chance: setattr(thing, "claimed", len(thing.data) + 1000),
    "too short a length": lambda thing, chance: setattr(thing, "claimed", len(thing.data) // 2),
    "packed": _answer(packed=True),
    "no ranges, no tag": _answer(ranges=False, etag=""),
    "odd headers": _answer(headers={"Retry-After": "\xb2", "Content-Range": "bytes x", "Last-Modified": "yesterday"}),
    "an odd tag": _answer(etag='"\xe9\xb2"'),
    "in parts": _answer(parts=9, pause_s=0.01),
    "an address in circles": lambda thing, chance: thing.__dict__.update(status=302, headers={"Location": "/feed"}),
}

TRIALS: dict[Trial, str] = {
    damaged_file: "a damaged file of a finished episode",
    damaged_feed_state: "a damaged file of a feed",
    full_disk: "a disk that is full from the n-th write on",
    failing_read: "a read that fails",
    bad_program: "an ffmpeg that fails, or lies, once",
    replaced_recording: "a recording that changes during the run",
    bad_answers: "bad answers of a server",
}


def _restore(scene: Scene) -> None:
    kept = scene.root / "kept"
    if not kept.exists():
        raise AssertionError("the recordings were not kept")
    for file in kept.iterdir():
        target = scene.root / "in" / file.name
        if not target.exists() or target.read_bytes() != file.read_bytes():
            shutil.copy2(file, target)
