"""Faults of files: of a finished episode, of a feed, of what is kept beside them, of the recordings."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from pathlib import Path

from tests.bench.trials.faults import Met
from tests.bench.trials.scene import AFTER, COMMANDS, OF_FEEDS, Scene, outputs

IN_ITS_PLACE = ("a folder", "a link to nothing", "a link to itself", "a pipe")


def _damage(data: bytes, chance: random.Random) -> tuple[str, bytes | None]:
    how = chance.choice(("cut off", "empty", "zeros", "a bit flipped", "garbage", "gone", "a page", "half zeros",
                         "twice", "JSON of another kind", "not UTF-8"))  # fmt: skip
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
        "twice": data + data,
        "JSON of another kind": chance.choice((b"[]\n", b"null\n", b"{}\n", b'"text"\n', b"[[[[]]]]\n", b"1e999\n")),
        "not UTF-8": data[:place] + b"\xff\xfe\xc3" + data[place:],
    }[how]


def _put(file: Path, data: bytes | None, *, same_time: bool) -> None:
    """Other contents, or nothing; with the time that the file had, if that is asked for."""
    stat = file.stat()
    if data is None:
        file.unlink()
        return
    file.unlink()
    file.write_bytes(data)
    if same_time:
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _shown(file: Path, out: Path) -> str:
    return "/".join(file.relative_to(out).parts[2:]) or file.name


def damaged_file(scene: Scene, chance: random.Random) -> Met:
    command = chance.choice([name for name in COMMANDS if name not in AFTER and name not in OF_FEEDS])
    out = scene.finished(command)
    file = chance.choice([p for p in sorted(out.rglob("*")) if p.is_file() and p.name != "batch.json"])
    how, data = _damage(file.read_bytes(), chance)
    same_time = chance.random() < 0.3
    _put(file, data, same_time=same_time)
    what = f"{how}{', of the same time' if same_time else ''}: {_shown(file, out)}"
    return Met(what, command, out, scene.run(command, out))


def damaged_before_an_edit(scene: Scene, chance: random.Random) -> Met:
    """A damaged file in an episode that is edited next."""
    command = chance.choice(sorted(AFTER))
    scene.learn(command)
    out = scene.finished(AFTER[command])
    folder = out / COMMANDS[command][-1].removeprefix("OUT/")
    file = chance.choice([p for p in sorted(folder.rglob("*")) if p.is_file()])
    how, data = _damage(file.read_bytes(), chance)
    kept = file.read_bytes()
    _put(file, data, same_time=False)
    ended = scene.run(command, out)

    def put_back() -> None:
        if ended[0]:  # it said that it cannot be done: what was broken is mended by a run
            file.parent.mkdir(parents=True, exist_ok=True)
            scene.run(AFTER[command], out)
            if not file.exists():
                file.write_bytes(kept)

    return Met(f"{how}: {_shown(file, out)}", command, out, ended, undo=put_back)


def damaged_feed_state(scene: Scene, chance: random.Random) -> Met:
    command = chance.choice(OF_FEEDS)
    out = scene.finished(command)
    files = [p for p in sorted(out.rglob("*")) if p.is_file() and ("downloads" in p.parts or p.parent.parent == out)]
    files += [out / "status.json"] if (out / "status.json").exists() else []
    file = chance.choice(files)
    how, data = _damage(file.read_bytes(), chance)
    _put(file, data, same_time=chance.random() < 0.3)
    spare = file.relative_to(out).as_posix() if "downloads" in file.parts or file.name == ".feed.json" else ""
    return Met(f"{how}: {file.name}", command, out, scene.run(command, out), spare=spare)


def exchanged_files(scene: Scene, chance: random.Random) -> Met:
    """A file of one episode in another one, or of a run with other settings."""
    other = chance.choice(("run, ads marked", "run"))
    scene.learn(other)
    out = scene.finished("run")
    files = [p for p in sorted((out / "episodes/ep0").rglob("*")) if p.is_file()]
    file = chance.choice(files)
    from_ = scene.root / "whole" / other / "episodes" / ("ep1" if other == "run" else "ep0")
    source = from_ / file.relative_to(out / "episodes/ep0")
    if source.is_file():
        shutil.copy(source, file)
    what = f"of {'another episode' if other == 'run' else 'other settings'}: {_shown(file, out)}"
    return Met(what, "run", out, scene.run("run", out), met=source.is_file())


def obstacle(scene: Scene, chance: random.Random) -> Met:
    """Something else stands where a file is or will be; it is taken away afterwards."""
    command = chance.choice([name for name in COMMANDS if name not in AFTER])
    scene.learn(command)
    whole = scene.root / "whole" / command
    names = sorted(p.relative_to(whole) for p in whole.rglob("*") if p.is_file() and p.name != "cleancast.toml")
    name, how = chance.choice(names), chance.choice(IN_ITS_PLACE)
    out = scene.finished(command) if chance.random() < 0.5 else scene.begun(command)
    place = out / name
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    stand_in(place, how)

    def take_away() -> None:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        elif place.is_symlink() or place.is_fifo():
            place.unlink()

    return Met(f"{how}: {_shown(place, out)}", command, out, scene.run(command, out), undo=take_away)


def stand_in(place: Path, how: str) -> None:
    """Something that is no file."""
    if how == "a folder":
        place.mkdir()
        (place / "something").write_text("of somebody\n")
    elif how == "a pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("nowhere" if how == "a link to nothing" else place.name)


def strange_neighbour(scene: Scene, chance: random.Random) -> Met:
    """Something of nobody's in the output folder, which stays as it is."""
    command = chance.choice([name for name in COMMANDS if name not in AFTER])
    out = scene.finished(command) if chance.random() < 0.5 else scene.begun(command)
    folders = [out, *(p for p in sorted(out.rglob("*")) if p.is_dir())] if out.exists() else [out]
    folder = chance.choice(folders)
    folder.mkdir(parents=True, exist_ok=True)
    name = chance.choice(("Thumbs.db", ".DS_Store", "a b\n.json", "\udcff.wav", "result.json.bak", "nul", "x" * 250,
                          "~result.json", "._clean.mp3", "cover.jpg.tmp"))  # fmt: skip
    place = folder / name
    if chance.random() < 0.6:
        place.write_bytes(chance.randbytes(99))
    else:
        stand_in(place, chance.choice(IN_ITS_PLACE))
    ended = scene.run(command, out)

    def take_away() -> None:
        assert os.path.lexists(place), "somebody's file is gone"
        shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()

    spare = place.relative_to(out).as_posix()
    inside = f"{spare}/something" if place.is_dir() else spare
    return Met(f"{name!a} in {folder.name}", command, out, ended, spare=inside, undo=take_away)


def damaged_cache(scene: Scene, chance: random.Random) -> Met:
    """The indexes of this machine, before or in the middle of a run."""
    command = chance.choice([name for name in COMMANDS if name not in AFTER])
    out, cache = scene.finished(command), scene.cache
    files = [p for p in sorted(cache.glob("indexes/*")) if p.is_file()]
    how = chance.choice(("gone", "a file instead", "damaged", "all damaged", "old"))
    if how == "gone":
        shutil.rmtree(cache, ignore_errors=True)
    elif how == "a file instead":
        shutil.rmtree(cache / "indexes", ignore_errors=True)
        (cache / "indexes").write_text("no folder\n")
    elif files:
        for file in files if how == "all damaged" else [chance.choice(files)]:
            data = _damage(file.read_bytes(), chance)[1] if how != "old" else file.read_bytes()[: 4096 * 3]
            file.write_bytes(data or b"")
    if chance.random() < 0.5:  # and something to be entered in it
        shutil.rmtree(chance.choice([p.parent for p in out.rglob("result.json")]))
    ended = scene.run(command, out)

    def take_away() -> None:
        if (cache / "indexes").is_file():
            (cache / "indexes").unlink()
        scene.make_cache()

    return Met(how, command, out, ended, undo=take_away)


def replaced_recording(scene: Scene, chance: random.Random) -> Met:
    """A recording that becomes another, or is cut off, at a random moment of the run; and is put back afterwards."""
    command = chance.choice(("run", "run, alone and louder", "follow"))
    scene.learn(command)
    out, file = scene.begun(command), scene.root / ("own/ours.wav" if command == "follow" else "in/ep0.wav")
    other = file.read_bytes()
    data = {"another": other[:44] + other[44:][::-1], "cut off": other[: len(other) // 2], "empty": b"", "gone": None}
    data |= {"longer": other + bytes(32_000), "other samples": other[:-9] + b"otherwise"}
    how = chance.choice([*sorted(data), "a folder", "a pipe", "a link to itself"])
    wait_s = chance.uniform(0.0, 1.0) * scene.took_s[command]

    def replace() -> None:
        time.sleep(wait_s)
        if how in data and data[how] is not None:
            (scene.root / "new").write_bytes(data[how] or b"")
            os.utime(scene.root / "new", (1_700_000_000, 1_700_000_000))
            (scene.root / "new").replace(file)
        else:
            file.unlink()
            if how in IN_ITS_PLACE:
                stand_in(file, how)

    thread = threading.Thread(target=replace)
    thread.start()
    ended = scene.run(command, out)
    thread.join()
    if ended[0] == 0 and data.get(how):  # all of the old one, or all of the new one: what a run on it would make
        found = scene.root / "found"
        shutil.rmtree(found, ignore_errors=True)
        out.rename(found)
        scene.run(command, scene.begun(command))
        fresh = outputs(out)
        shutil.rmtree(out)
        found.rename(out)
        return Met(how, command, out, ended, (fresh,))
    return Met(how, command, out, ended)
