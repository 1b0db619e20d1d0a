"""Faults of children: an ffmpeg that fails or lies, one that is ended by a signal."""

from __future__ import annotations

import os
import random
import shutil

from audio.ffmpeg import ffmpeg_program
from tests.bench.trials.faults import Met
from tests.bench.trials.scene import COMMANDS, Scene

FFMPEG_FAULTS = {
    "killed at once": "kill -9 $$",
    "killed on the way": '"$real" "$@" | head -c 50000; kill -9 $$',
    "crashed": "kill -SEGV $$",
    "asked to stop": "kill -TERM $$",
    "too large a file": "kill -XFSZ $$",
    "less, and status 0": '"$real" "$@" | head -c 50000; exit 0',
    "status 1": '"$real" "$@"; exit 1',
    "status 255, and words": '"$real" "$@"; echo "Conversion failed!" >&2; exit 255',
    "nothing, and status 0": "exit 0",
    "half a file, and status 0": '"$real" "$@"; [ -f "$file" ] && truncate -s 9000 "$file"; exit 0',
    "an empty file, and status 0": '"$real" "$@"; [ -f "$file" ] && truncate -s 0 "$file"; exit 0',
    "zeros, and status 0": '"$real" "$@"; [ -f "$file" ] && head -c 90000 /dev/zero > "$file"; exit 0',
    "no file, and status 0": '"$real" "$@"; [ -f "$file" ] && rm "$file"; exit 0',
    "no room": 'echo "x: No space left on device" >&2; exit 228',
    "not found": "exit 127",
    "not to be run": "exit 126",
    "words and status 0": '"$real" "$@"; echo "Error while decoding" >&2; exit 0',
    "ten thousand words": '"$real" "$@"; yes "[mp3 @ 0x1] Header missing" | head -10000 >&2; exit 0',
    "bytes that are no text": '"$real" "$@"; printf "\\\\377\\\\376\\\\000\\\\n" >&2; exit 0',
    "a child left behind": '"$real" "$@"; code=$?; sleep 20 & exit $code',
    "twice as much": '"$real" "$@"; "$real" "$@"; exit 0',
}


def bad_program(scene: Scene, chance: random.Random) -> Met:
    """An ffmpeg that misbehaves at its n-th start, or at all from then on."""
    command = chance.choice(sorted(COMMANDS))
    scene.learn(command)
    number, how = chance.randint(1, 22), chance.choice(sorted(FFMPEG_FAULTS))
    when = "-ge" if chance.random() < 0.15 else "="
    folder = scene.root / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    program = folder / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\nreal="{ffmpeg_program()}"\n'
        f"read n < {folder}/n; n=$((n+1)); echo $n > {folder}/n\n"
        'for word; do file="$word"; done; file="${file#file:}"\n'  # the last one is where it writes
        f'[ $n {when} {number} ] && {{ {FFMPEG_FAULTS[how]}; }}\nexec "$real" "$@"\n'
    )
    (folder / "n").write_text("0\n")
    program.chmod(0o755)
    out = scene.begun(command)
    ended = scene.run(command, out, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    met = int((folder / "n").read_text() or 0) >= number
    return Met(f"{how}, start {number}{' and after' if when == '-ge' else ''}", command, out, ended, met=met)
