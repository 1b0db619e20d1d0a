"""Faults of a server: in one to three of the things that it serves, some of them only for the next few answers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.bench.trials.faults import Met
from tests.bench.trials.scene import OF_FEEDS, Scene
from tests.pipeline.conftest import Thing

PAGE = b"<!DOCTYPE html><html><body>Sign in to go on</body></html>"


def bad_answers(scene: Scene, chance: random.Random) -> Met:
    command, told = chance.choice(OF_FEEDS), []
    scene.learn(command)
    out = scene.finished(command) if chance.random() < 0.2 else scene.begun(command)
    before = len(scene.web.asked)
    things = chance.sample(sorted(scene.web.things), chance.choice((1, 1, 2, 3)))
    for path in things:
        of_feeds = {**ANSWERS, **FEEDS} if path == "/feed" else ANSWERS
        how = chance.choice([each for each in sorted(of_feeds) if _can_be_told(each, path, command)])
        of_feeds[how](scene.web.things[path], chance)
        told.append(f"{how}: {path}")
    ended = scene.run(command, out)
    met = any(path.split("?")[0] in things for path, _ in scene.web.asked[before:])
    spare = "birds/.feed.json" if "/feed" in things else ""  # it names the answer
    return Met("; ".join(told), command, out, ended, met=met, spare=spare)


def _can_be_told(how: str, path: str, command: str) -> bool:
    """Whether a program could know: not that sound of the same length is another, nor which item was the newest."""
    if how == "other bytes at the end":
        return not path.endswith(".wav")
    return command != "follow" or how not in ("an item less", "no dates", "dates of nowhere")


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


def _edit(how: Callable[[bytes, random.Random], bytes]) -> Callable[..., None]:
    def change(thing: Thing, chance: random.Random) -> None:
        thing.data, thing.etag = how(thing.data, chance), '"other"'

    return change


def _without_an_item(data: bytes, chance: random.Random) -> bytes:
    return data.replace(chance.choice(re.findall(rb"<item>.*?</item>", data, re.DOTALL)), b"")


def _turned_round(data: bytes, _chance: random.Random) -> bytes:
    items = re.findall(rb"<item>.*?</item>", data, re.DOTALL)
    return data.replace(b"".join(items), b"".join(reversed(items)))


ANSWERS: dict[str, Callable[..., None]] = {
    "status": lambda thing, chance: setattr(
        thing,
        "status",
        chance.choice(
            (201, 204, 206, 300, 304, 400, 401, 403, 404, 406, 410, 416, 418, 429, 500, 502, 503, 504, 599, 999)
        ),
    ),
    "status once": lambda thing, chance: thing.__dict__.update(faults=1, fail_with=chance.choice((408, 429, 500, 503))),
    "dropped once": _drop(1),
    "dropped always": _drop(99),
    "changed on the way": _drop(1, etag_after_fault='"two"'),
    "a page": _answer(data=PAGE, kind="text/html"),
    "a page as what was asked for": _answer(data=PAGE),
    "empty": _answer(data=b""),
    "half": lambda thing, chance: setattr(thing, "data", thing.data[: len(thing.data) // 2]),
    "other bytes at the end": _edit(lambda data, chance: data[:-40] + chance.randbytes(40)),
    "too long a length": lambda thing, chance: setattr(thing, "claimed", len(thing.data) + 1000),
    "too short a length": lambda thing, chance: setattr(thing, "claimed", len(thing.data) // 2),
    "a length below zero": _answer(claimed=-5),
    "packed": _answer(packed=True),
    "said to be packed": _answer(headers={"Content-Encoding": "gzip"}),
    "packed in an unknown way": _answer(headers={"Content-Encoding": "zz"}),
    "no ranges, no tag": _answer(ranges=False, etag=""),
    "a wrong range": _drop(1, headers={"Content-Range": "bytes 7-99/12"}),
    "odd headers": _answer(headers={"Retry-After": "\xb2", "Content-Range": "bytes x", "Last-Modified": "yesterday"}),
    "a long header": _answer(headers={"X-Long": "x" * 60_000}),
    "an odd tag": _answer(etag='"\xe9\xb2"'),
    "a kind that is none": _answer(kind="\xff/; charset=\xb2"),
    "another charset": _answer(kind="text/plain; charset=utf-7"),
    "in parts": _answer(parts=9, pause_s=0.01),
    "an address in circles": lambda thing, chance: thing.__dict__.update(status=302, headers={"Location": "/feed"}),
    "an address that is none": lambda thing, chance: thing.__dict__.update(
        status=301, headers={"Location": chance.choice(("http://[", "file:///etc/passwd", "//", "javascript:1", ""))}
    ),
}
FEEDS: dict[str, Callable[..., None]] = {
    "an item less": _edit(_without_an_item),
    "items turned round": _edit(_turned_round),
    "items twice": _edit(lambda data, chance: data.replace(b"</channel>", data[data.index(b"<item>") :])),
    "a mark before it": _edit(lambda data, chance: b"\xef\xbb\xbf\n \n" + data),
    "cut off": _edit(lambda data, chance: data[: chance.randrange(len(data))]),
    "an entity": _edit(lambda data, chance: b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + data),
    "signs that may not stand there": _edit(lambda data, chance: data.replace(b"All about", b"All \x00\x0b\xff about")),
    "no dates": _edit(lambda data, chance: re.sub(rb"<pubDate>.*?</pubDate>", b"", data)),
    "dates of nowhere": _edit(lambda data, chance: re.sub(rb"0(\d) Sep 2026", rb"99 Foo 99\1", data)),
}
