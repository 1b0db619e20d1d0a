"""Faults of disks and of what surrounds a program: full, read-only, failing, limits, signals, clocks, two at once."""

from __future__ import annotations

import errno
import math
import random
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.bench.trials.faults import Met
from tests.bench.trials.scene import AFTER, COMMANDS, OF_FEEDS, Scene, kill_session, outputs
from tests.pipeline.batch.mishaps import CALLED

ERRORS = ("EACCES", "EIO", "ENOSPC", "EROFS", "EDQUOT", "EPERM", "ESTALE", "EMFILE", "ENOMEM", "EINTR", "ENOENT",
          "ENAMETOOLONG", "ELOOP", "EBUSY", "ETIMEDOUT")  # fmt: skip


def _some(scene: Scene, chance: random.Random, *, fresh: float) -> tuple[str, Path]:
    """A command, and the folder in which it begins or, otherwise, has ended before."""
    command = chance.choice(sorted(COMMANDS))
    scene.learn(command)
    return command, scene.begun(command) if chance.random() < fresh else scene.finished(command)


def full_disk(scene: Scene, chance: random.Random) -> Met:
    command, out = _some(scene, chance, fresh=1.0)
    number = chance.randint(1, 90)
    ended = scene.run(command, out, FULL_AT=str(number))
    return Met(f"write {number}", command, out, ended, met=ended[0] != 0)


def failing_read(scene: Scene, chance: random.Random) -> Met:
    command, out = _some(scene, chance, fresh=0.5)
    number = _number(chance, 80)
    return Met(f"read {number}", command, out, scene.run(command, out, READ_ERROR_AT=str(number)))


def failing_call(scene: Scene, chance: random.Random) -> Met:
    """A function of the system that fails, once or from then on."""
    command, out = _some(scene, chance, fresh=0.6)
    call, code = chance.choice((*CALLED, "open for writing")), chance.choice(ERRORS)
    number = f"{_number(chance, 200)}{'+' if chance.random() < 0.3 else ''}"
    note = scene.root / "met"
    note.unlink(missing_ok=True)
    asked = f"{call}:{number}:{getattr(errno, code)}"
    ended = scene.run(command, out, CALL=asked, MET=str(note))
    return Met(f"{call} {number} {code}", command, out, ended, met=note.exists())


def _number(chance: random.Random, most: int) -> int:
    return round(math.exp(chance.uniform(0.0, math.log(most))))


def limited(scene: Scene, chance: random.Random) -> Met:
    """A limit on the size of files (of ffmpeg's, too) or on open ones."""
    command, out = _some(scene, chance, fresh=0.8)
    name = chance.choice(("FSIZE", "NOFILE"))
    limit = _number(chance, 400_000) if name == "FSIZE" else chance.randint(3, 40)
    ended = scene.run(command, out, LIMIT=f"{name}:{limit}")
    return Met(f"{name} {limit}", command, out, ended, met=ended[0] != 0)


SURROUNDINGS: dict[str, dict[str, str]] = {
    "no home": {"HOME": "/nowhere/at/all"},
    "no folder for temporary files": {"TMPDIR": "/nowhere"},
    "the C locale": {"LC_ALL": "C", "LANG": "C", "PYTHONIOENCODING": "ascii"},
    "an unknown locale": {"LC_ALL": "xx_YY.KOI8-R"},
    "a cache that cannot be": {"CLEANCAST_CACHE": "/proc/nowhere"},
    "a cache that is a file": {"CLEANCAST_CACHE": "/dev/null"},
    "one column": {"COLUMNS": "1", "LINES": "1", "TERM": "dumb"},
    "colours forced": {"FORCE_COLOR": "1", "TERM": "xterm-256color"},
    "the other side of the world": {"TZ": "Pacific/Kiritimati"},
    "no time zone": {"TZ": "Nowhere/Never"},
    "standard output closed": {"CLOSED": "1"},
    "standard error closed": {"CLOSED": "2"},
    "standard output full": {"FULL_STREAM": "1"},
    "standard error full": {"FULL_STREAM": "2"},
    "a folder that is gone": {"LOST_FOLDER": "gone"},
    "a proxy": {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9", "NO_PROXY": ""},
    "no programs": {"PATH": ""},
    "a strange SSL": {"SSL_CERT_FILE": "/nowhere", "SSLKEYLOGFILE": "/nowhere/keys"},
}


def odd_surroundings(scene: Scene, chance: random.Random) -> Met:
    command, out = _some(scene, chance, fresh=0.6)
    chosen = chance.sample(sorted(SURROUNDINGS), chance.randint(1, 2))
    words = {name: value for how in chosen for name, value in SURROUNDINGS[how].items()}
    if "LOST_FOLDER" in words:
        words["LOST_FOLDER"] = str(scene.root / "gone")
    return Met("; ".join(chosen), command, out, scene.run(command, out, **words))


def asked_to_stop(scene: Scene, chance: random.Random) -> Met:
    """A signal at a random moment, to the program or to all that it started; sometimes a second one."""
    command, out = _some(scene, chance, fresh=0.9)
    name = chance.choice(("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGUSR1", "SIGALRM", "SIGSTOP"))
    scene.warm.start(*scene.words(command, out), **scene.tomorrow())
    met = False
    for _ in range(chance.choice((1, 1, 2))):
        if scene.warm.ended_within(chance.uniform(0.0, 1.0) * scene.took_s[command]):
            break
        met = True
        with suppress(ProcessLookupError):
            _send(scene.warm.pid, getattr(signal, name), everyone=chance.random() < 0.4)
    return Met(name, command, out, scene.warm.end(), met=met)


def _send(pid: int, number: int, *, everyone: bool) -> None:
    import os

    if number == signal.SIGSTOP:  # and on after a while
        os.kill(pid, number)
        time.sleep(0.2)
        os.kill(pid, signal.SIGCONT)
    elif everyone:
        kill_session(pid, number)
    else:
        os.kill(pid, number)


def another_clock(scene: Scene, chance: random.Random) -> Met:
    """A follower whose clock is years off, either way, for one look."""
    command = chance.choice(("follow", "follow, one kept"))
    scene.learn(command)
    out = scene.finished(command) if chance.random() < 0.5 else scene.begun(command)
    seconds = chance.choice((-1, 1)) * 10 ** chance.uniform(2, 9.2)
    ended = scene.run(command, out, CLOCK=str(seconds))
    # A clock that is ahead leaves its looks in the future; a day later they are due again.
    return Met(f"{seconds:.0f} s", command, out, ended)


def two_at_once(scene: Scene, chance: random.Random) -> Met:
    """The same command, or another one, in the same folder at the same time."""
    command = chance.choice([name for name in COMMANDS if name not in AFTER and name != "run, ads marked"])
    other = chance.choice([name for name in (command, *OF_FEEDS[:1]) if name in (command, "feed") or command == "feed"])
    other = command if command not in ("feed", "follow") else other
    for name in (command, other):
        scene.learn(name)
    out, ended = scene.begun(command), []
    words, surroundings = scene.words(other, out), scene.tomorrow()
    wait_s = chance.uniform(0.0, 1.0) * scene.took_s[command]

    def beside() -> None:
        time.sleep(wait_s)
        ended.append(scene.beside.run(*words, **surroundings))

    thread = threading.Thread(target=beside)
    thread.start()
    first = scene.run(command, out)
    thread.join()
    code = first[0] or ended[0][0]
    told = (code, first[1], f"{first[2]} and {ended[0][2]}")
    wanted = tuple(_one_after_the_other(scene, out, pair) for pair in ((command, other), (other, command)))
    return Met(f"{command} and {other}", command, out, told, wanted if command != other else ())


def _one_after_the_other(scene: Scene, out: Path, commands: tuple[str, str]) -> dict[str, bytes]:
    """What two commands leave that do not meet; the output folder is put aside for as long."""
    if commands[0] == commands[1]:
        return {}
    aside = scene.root / "aside"
    shutil.rmtree(aside, ignore_errors=True)
    out.rename(aside)
    for command in commands:
        scene.run(command, out)
    left = outputs(out)
    shutil.rmtree(out)
    aside.rename(out)
    return left
