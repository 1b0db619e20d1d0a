"""What a trial is run on: three recordings, a feed of them on a server of this machine, and the output folders that
undisturbed runs leave."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from tests.audio.made import write_wav
from tests.pipeline.batch.warm import WarmProgram, warm_program
from tests.pipeline.conftest import Web

SECONDS, RATE = 12, 16_000  # of each recording
SAID = (  # five sentences of five words, none twice: a loop would be taken for the recogniser's
    "We talk about birds today. Owls hunt small mice quietly. Geese fly south every autumn. "
    "Robins guard their own gardens. Swifts sleep high in air."
)
VARYING = (".spots.sqlite", "timings.json", "batch.json", "status.json", ".follow.lock")
"""Files that hold how long things took, when a look was, or the order of an index that can be lost."""
COMMANDS = ("run", "feed", "follow")


@dataclass
class Scene:
    """``words`` are a command on an output folder; ``undisturbed`` its tree, ``took_s`` how long that took."""

    root: Path
    web: Web
    warm: WarmProgram
    undisturbed: dict[str, dict[str, bytes]] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)
    day: int = 0

    def words(self, command: str, out: Path) -> list[str]:
        case = ["--scripted", str(self.root / "case")]
        if command == "run":
            return ["run", *case, "-o", str(out), str(self.root / "in")]
        if command == "feed":
            return ["feed", *case, "--allow-private", "--new", "3", "-o", str(out), f"{self.web.base}/feed"]
        file = out / "cleancast.toml"
        if not file.exists():
            out.mkdir(parents=True, exist_ok=True)
            file.write_text(
                f'[follow]\nfree_gb = 0\nevery = 1\n[defaults]\nallow_private = true\nscripted = "{self.root}/case"\n'
                f'[[show]]\nfeed = "{self.web.base}/feed"\nnew = 3\n[[show]]\nname = "Own"\nfolder = "{self.root}/in"\n'
            )
        return ["follow", str(out), "--once"]

    def run(self, command: str, out: Path, **mishaps: str) -> tuple[int, str, str]:
        return self.warm.run(*self.words(command, out), **self.tomorrow(), **mishaps)

    def tomorrow(self) -> dict[str, str]:
        """The clock of the next run: a day later each time, so that what failed is due again."""
        self.day += 1
        return {"CLOCK": str(86_400 * self.day)}

    def out(self) -> Path:
        """An output folder that is not there yet."""
        out = self.root / "out"
        shutil.rmtree(out, ignore_errors=True)
        return out

    def finished(self, command: str) -> Path:
        """An output folder as an undisturbed run has left it."""
        out = self.out()
        shutil.copytree(self.root / f"whole-{command}", out, symlinks=True)
        return out


def tree(out: Path) -> dict[str, bytes]:
    """Every file of an output folder but those that vary."""
    files = (p for p in sorted(out.rglob("*")) if p.is_file() and p.name not in VARYING)
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


def differing(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """The names of the files in which two trees differ, or that one of them lacks."""
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def kill_session(leader: int) -> None:
    """What a power cut is to a program and all that it started."""
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)


@contextmanager
def scene(root: Path) -> Iterator[Scene]:
    """The recordings, the server, and an undisturbed run of every command."""
    make_recordings(root)
    web = Web()
    publish(web, root)
    with warm_program(root / "warm") as warm:
        made = Scene(root, web, warm)
        for command in COMMANDS:
            out = root / f"whole-{command}"
            began = time.monotonic()
            code, _, talk = made.run(command, out)
            assert code == 0, talk
            made.took_s[command] = time.monotonic() - began
            made.undisturbed[command] = tree(out)
            assert made.run(command, made.out())[0] == 0
            varies = differing(tree(made.root / "out"), made.undisturbed[command])
            assert not varies, f"an undisturbed run varies: {command} {varies}"
        yield made
    web.server.shutdown()
    web.server.server_close()


def make_recordings(root: Path) -> None:
    (root / "in").mkdir(parents=True)
    (root / "case").mkdir()
    for number in range(3):
        noise = np.random.default_rng(number).normal(size=RATE * SECONDS) * 0.03
        write_wav(root / "in" / f"ep{number}.wav", noise.astype(np.float32), RATE)
    words = [[i * 0.4 + 0.1, i * 0.4 + 0.4, word] for i, word in enumerate(SAID.split())]
    (root / "case" / "words.json").write_text(json.dumps({"words": words}))
    (root / "case" / "ads.json").write_text(json.dumps({"ads": [[4.0, 6.0]]}))


def publish(web: Web, root: Path) -> None:
    """Everything on the server as it should be."""
    for number in range(3):
        web.put(f"/ep{number}.wav", (root / "in" / f"ep{number}.wav").read_bytes(), kind="audio/wav")
    web.put("/cover.png", b"\x89PNG\r\n\x1a\n" + bytes(100), kind="image/png")
    chapters = {"version": "1.2.0", "chapters": [{"startTime": 0, "title": "One"}, {"startTime": 7, "title": "Two"}]}
    web.put("/chapters.json", json.dumps(chapters).encode(), kind="application/json")
    cues = "".join(
        f"00:00:{i * 2:02d}.100 --> 00:00:{i * 2 + 2:02d}.000\n{line}.\n\n"
        for i, line in enumerate(SAID.rstrip(".").split(". "))
    )
    web.put("/text.vtt", f"WEBVTT\n\n{cues}".encode(), kind="text/vtt")
    items = "".join(
        f"<item><title>Part {n}</title><guid>guid-{n}</guid><pubDate>0{n + 1} Sep 2026 10:00:00 GMT</pubDate>"
        f'<description>All about part {n}</description><enclosure url="{web.base}/ep{n}.wav" type="audio/wav"/>'
        f'<podcast:chapters url="{web.base}/chapters.json" type="application/json+chapters"/>'
        f'<podcast:transcript url="{web.base}/text.vtt" type="text/vtt"/></item>'
        for n in reversed(range(3))
    )
    feed = (
        '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Birds</title>'
        f'<itunes:image href="{web.base}/cover.png"/>{items}</channel></rss>'
    )
    web.put("/feed", feed.encode(), kind="application/rss+xml", etag='"feed"')
