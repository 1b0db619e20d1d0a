"""A year of feeds on a simulated clock: what a follower asks, keeps, loses and says.

    python -m tests.bench.trials.year --feeds 30 --days 365

A look a day, an episode a week and feed, a tenth of the answers faulty, two power cuts in the middle of an episode, the
newest five episodes kept. A feed that is away is asked less and less, as in life. With --state a long year can be gone
on with: what the follower knows lies in its folder; the world's own memory lies in this file.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from pipeline.feeds.items import noted_in
from pipeline.follow.status import read_status
from tests.pipeline.conftest import Web
from tests.pipeline.follow.world import DAY_S, START_S, PowerCut, World, follower

KEPT = 5  # episodes of each show
FAULTY = 0.1  # of the answers of a day
FAULTS = (403, 404, 429, 500, 502, 503)
QUIET_DAYS = 10  # at the end, without faults: the longest a failure is waited for is a day


@dataclass
class Year:
    """What has been counted up to a day."""

    day: int = 0
    port: int = 0
    asked: int = 0
    power_cuts: int = 0
    worked: list[tuple[str, str]] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    kilobytes: list[int] = field(default_factory=list)
    most_kept: int = 0
    most_downloads: int = 0


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--feeds", type=int, default=30)
    words.add_argument("--days", type=int, default=365)
    words.add_argument("--minutes", type=float, default=600.0, help="stop after so many; --state goes on from there")
    words.add_argument("--out", type=Path, default=Path("out/year"))
    words.add_argument("--state", type=Path, default=Path("out/year.json"))
    chosen = words.parse_args()
    year = Year(**json.loads(chosen.state.read_text())) if chosen.state.exists() else Year()
    if not year.day:
        shutil.rmtree(chosen.out, ignore_errors=True)
    live(year, chosen.out, feeds=chosen.feeds, days=chosen.days, minutes=chosen.minutes)
    chosen.state.write_text(json.dumps(asdict(year)))
    print(told(year, chosen.out, chosen.feeds, chosen.days))


def live(year: Year, out: Path, *, feeds: int, days: int, minutes: float) -> None:
    """Day after day, up to the last one or until the minutes are over."""
    web = Web(year.port)
    year.port = web.port
    world, until = World(web, out, feeds), time.monotonic() + 60 * minutes
    world.worked = [(show, title) for show, title in year.worked]
    cuts = (days // 3, 2 * days // 3)
    with world.instead():
        running = follower(world, of_each=f'keep = {KEPT}\nsince = "2020-01-01"')
        while year.day < days and time.monotonic() < until:
            world.now_s = START_S + DAY_S * year.day
            world.publish()
            chance = random.Random(year.day)
            for path in sorted(web.things):
                bad = year.day < days - QUIET_DAYS and chance.random() < FAULTY
                web.things[path].status = chance.choice(FAULTS) if bad else 200
            due = sum(year.day >= day for day in cuts)
            world.cut_power = 0 if due > year.power_cuts else -1  # with the next episode
            began = time.process_time()
            try:
                running.run(once=True)
            except PowerCut:
                year.power_cuts += 1
                world.cut_power = -1
                running = follower(world, of_each=f'keep = {KEPT}\nsince = "2020-01-01"')
            _count(year, world, time.process_time() - began)
    year.worked = list(world.worked)
    web.server.shutdown()
    web.server.server_close()


def _count(year: Year, world: World, took_s: float) -> None:
    files = [file for file in world.out.rglob("*") if file.is_file()]
    year.day += 1
    year.asked += len(world.web.asked)
    world.web.asked.clear()
    year.took_s.append(took_s)
    year.files.append(len(files))
    year.kilobytes.append(sum(file.stat().st_size for file in files) // 1000)
    year.most_kept = max(year.most_kept, sum(file.name == "clean.mp3" for file in files))
    year.most_downloads = max(year.most_downloads, sum("downloads" in f.parts and f.suffix == ".mp3" for f in files))


def told(year: Year, out: Path, feeds: int, days: int) -> str:
    """The year as a table."""
    times = Counter((show, title) for show, title in year.worked)
    wanted = {
        (f"Show {show}", f"Part {number}")
        for show in range(feeds)
        for number in range(1 + int((DAY_S * (year.day - 2) + show * DAY_S) // (7 * DAY_S)))
    }
    known = {f"Show {n}": {note.item.key for note in noted_in(out / f"show-{n}")} for n in range(feeds)}
    status = read_status(out).shows.values()
    true = sum(looked.error == "" and looked.last_s > START_S + DAY_S * (year.day - 3) for looked in status)
    third = max(1, year.day // 3)
    rows = {
        "days, feeds": f"{year.day} of {days}, {feeds}",
        "power cuts": year.power_cuts,
        "episodes that have been out for a day": len(wanted),
        "of these never worked on": len(wanted - set(times)),
        "worked on more than once": sum(count > 1 for count in times.values()),
        "of these still known to the feeds": sum(map(len, known.values())),
        "feeds whose status is true at the end": true,
        "clean files at most (bound)": f"{year.most_kept} ({KEPT * feeds + year.power_cuts})",
        "downloads at most (bound)": f"{year.most_downloads} ({KEPT * feeds + year.power_cuts})",
        "requests, a day and feed": f"{year.asked / year.day / feeds:.2f}",
        "CPU seconds of a round: first third, last third": (
            f"{median(year.took_s[:third]):.2f}, {median(year.took_s[-third:]):.2f}"
        ),
        "files in OUT: after a third, at the end": f"{year.files[third - 1]}, {year.files[-1]}",
        "kB in OUT: after a third, at the end": f"{year.kilobytes[third - 1]}, {year.kilobytes[-1]}",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


if __name__ == "__main__":
    main()
