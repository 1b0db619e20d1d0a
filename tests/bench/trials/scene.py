"""What a trial is run on: three recordings, a feed of them on a server of this machine, and the output folders that
undisturbed runs leave."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import psutil

from tests.audio.made import write_wav
from tests.pipeline.batch.warm import WarmProgram, warm_program
from tests.pipeline.conftest import Web
from tests.trees import differing, tree

SECONDS, RATE, RECORDINGS = 12, 16_000, 2
PATIENCE_S = 120.0  # for what takes a second when nothing else runs
SAID = (  # five sentences of five words, none twice: a loop would be taken for the recogniser's
    "We talk about birds today. Owls hunt small mice quietly. Geese fly south every autumn. "
    "Robins guard their own gardens. Swifts sleep high in air."
)
VARYING = (".spots.sqlite", "timings.json", "batch.json", "status.json", ".follow.lock", "cleancast.toml")
"""Files that hold how long things took, when a look was, the order of an index that can be lost, or what was asked."""
COMMANDS: dict[str, tuple[str, ...]] = {
    "run": ("run", "IN"),
    "run, ads marked": ("run", "--ads", "mark", "IN/ep0.wav"),
    "run, alone and louder": ("run", "--no-memory", "--loudness", "IN/ep0.wav"),
    "feed": ("feed", "--new", str(RECORDINGS), "FEED"),
    "feed since a day": ("feed", "--since", "2026-09-02", "--no-memory", "FEED"),
    "follow": ("follow", "--once", "OUT"),
    "follow, one kept": ("follow", "--once", "OUT"),
    "recut": ("recut", "--span", "0:07-0:09", "OUT/episodes/ep0"),
    "uncut": ("uncut", "--span", "0:05", "OUT/episodes/ep1"),
}
"""What is typed; IN, OUT and FEED stand for where these are."""
AFTER = {"recut": "run", "uncut": "run"}
"""Commands for what another one has left."""
OF_FEEDS = tuple(name for name in COMMANDS if name.startswith(("feed", "follow")))
OF_FILES = tuple(name for name in COMMANDS if name not in OF_FEEDS)


@dataclass
class Scene:
    """``undisturbed``: the tree that each command leaves, ``took_s``: how long that takes."""

    root: Path
    web: Web
    warm: WarmProgram
    stack: ExitStack
    undisturbed: dict[str, dict[str, bytes]] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)
    day: int = 0

    def words(self, command: str, out: Path) -> list[str]:
        """What is typed; a follower's file is written."""
        places = {"IN": str(self.root / "in"), "OUT": str(out), "FEED": f"{self.web.base}/feed"}
        words = [places.get(word, word) for word in COMMANDS[command]]
        words = [word.replace("OUT/", f"{out}/").replace("IN/", f"{self.root}/in/") for word in words]
        more = ["--scripted", str(self.root / "case"), "-o", str(out)]
        if words[0] == "follow":
            out.mkdir(parents=True, exist_ok=True)
            (out / "cleancast.toml").write_text(self._followed(kept="kept" in command))
        if words[0] == "feed":
            more.append("--allow-private")
        return [words[0], *(more if words[0] in ("run", "feed") else []), *words[1:]]

    def _followed(self, *, kept: bool) -> str:
        """A feed and a folder; or a feed of which one of two episodes is kept."""
        own = f'[[show]]\nname = "Own"\nfolder = "{self.root}/own"\n'
        return (
            f"[follow]\nfree_gb = 0\nevery = 1\n{'keep = 1' if kept else ''}\n"
            f'[defaults]\nallow_private = true\nscripted = "{self.root}/case"\n'
            f'[[show]]\nfeed = "{self.web.base}/feed"\nnew = {2 if kept else 1}\n{"" if kept else own}'
        )

    def run(self, command: str, out: Path, **mishaps: str) -> tuple[int, str, str]:
        return self.warm.run(*self.words(command, out), **{**self.tomorrow(), **mishaps})

    def tomorrow(self) -> dict[str, str]:
        """The clock of the next run: a day later each time, so that what failed is due again."""
        self.day += 1
        return {"CLOCK": str(86_400 * self.day), "CLEANCAST_CACHE": str(self.root / "cache")}

    def begun(self, command: str) -> Path:
        """The output folder in which a command begins: none yet, or as the command before it has left it."""
        out = self.root / "out"
        shutil.rmtree(out, ignore_errors=True)
        return self.finished(AFTER[command]) if command in AFTER else out

    def finished(self, command: str) -> Path:
        """An output folder as an undisturbed run has left it."""
        self.learn(command)
        out = self.root / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.root / "whole" / command, out, symlinks=True)
        return out

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    def make_cache(self) -> None:
        self.cache.mkdir(exist_ok=True)

    @cached_property
    def beside(self) -> WarmProgram:
        """A second program."""
        return self.stack.enter_context(warm_program(self.root / "beside", CLEANCAST_CACHE=str(self.cache)))

    def learn(self, command: str) -> None:
        """Run a command undisturbed, unless that was done: what it leaves, which another run of it does not change."""
        if command in self.undisturbed:
            return
        out = self.begun(command)
        began = time.monotonic()
        code, _, talk = self.run(command, out)
        assert code == 0, talk
        self.took_s[command] = time.monotonic() - began
        self.undisturbed[command] = outputs(out)
        assert self.run(command, out)[0] == 0
        varies = differing(outputs(out), self.undisturbed[command])
        assert not varies, f"again, it is not the same: {command} {varies}"
        shutil.copytree(out, self.root / "whole" / command, symlinks=True)


def outputs(out: Path) -> dict[str, bytes]:
    """Every file of an output folder but those that vary."""
    return tree(out, *VARYING)


def kill_session(leader: int, number: int = signal.SIGKILL) -> None:
    """What a power cut is to a program and all that it started; or another signal to all of them."""
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getsid(pid) == leader:
                os.kill(pid, number)


@contextmanager
def scene(root: Path) -> Iterator[Scene]:
    """The recordings, the server, and a program that has done all commands once."""
    make_recordings(root)
    web = Web()
    publish(web, root)
    with ExitStack() as stack:
        warm = stack.enter_context(warm_program(root / "warm", CLEANCAST_CACHE=str(root / "cache")))
        made = Scene(root, web, warm, stack)
        made.make_cache()
        warm.rehearse(*made.words("follow", made.begun("follow")))
        warm.patience_s = PATIENCE_S
        yield made
    web.server.shutdown()
    web.server.server_close()


def make_recordings(root: Path) -> None:
    for folder in ("in", "own", "case"):
        (root / folder).mkdir(parents=True)
    for number in range(RECORDINGS + 1):
        noise = np.random.default_rng(number).normal(size=RATE * SECONDS) * 0.03
        place = root / "in" / f"ep{number}.wav" if number < RECORDINGS else root / "own" / "ours.wav"
        write_wav(place, noise.astype(np.float32), RATE)
        os.utime(place, (1_700_000_000, 1_700_000_000))  # a follower leaves alone what may still be being written
    words = [[i * 0.4 + 0.1, i * 0.4 + 0.4, word] for i, word in enumerate(SAID.split())]
    (root / "case" / "words.json").write_text(json.dumps({"words": words}))
    (root / "case" / "ads.json").write_text(json.dumps({"ads": [[4.0, 6.0]]}))


def publish(web: Web, root: Path) -> None:
    """Everything on the server as it should be."""
    for number in range(RECORDINGS):
        web.put(f"/ep{number}.wav", (root / "in" / f"ep{number}.wav").read_bytes(), kind="audio/wav")
    web.put("/cover.png", b"\x89PNG\r\n\x1a\n" + bytes(100) + b"IEND", kind="image/png")
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
        for n in reversed(range(RECORDINGS))
    )
    feed = (
        '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Birds</title>'
        f'<itunes:image href="{web.base}/cover.png"/>{items}</channel></rss>'
    )
    web.put("/feed", feed.encode(), kind="application/rss+xml", etag='"feed"')
