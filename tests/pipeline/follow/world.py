"""Feeds on a server, a simulated clock, and episodes that take no work: what a follower meets in months."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from pipeline.batch.jobs import Outcome
from pipeline.batch.rounds import Many
from pipeline.cache import EpisodeFolder
from pipeline.errors import CleancastError
from pipeline.feeds.download import Net, download
from pipeline.feeds.items import note_item
from pipeline.follow.config import read_config
from pipeline.follow.follower import Follower
from pipeline.follow.place import FILE
from pipeline.formats.records.result_json import print_result
from pipeline.library.recall import note_run
from pipeline.result import Episode, Result
from pipeline.timeline import CutList, Transcript
from tests.pipeline.conftest import Web

DAY_S = 86_400.0
START_S = 1_800_000_000.0
SOUND = b"ID3\x03" + bytes(3000)


class PowerCut(BaseException):
    """What a SIGKILL is to the code."""


class World:
    """Feeds on a server, a clock, and episodes that take no work; ``worked`` lists each episode that was worked on."""

    def __init__(self, web: Web, out: Path, shows: int) -> None:
        self.web, self.out, self.shows = web, out, shows
        self.now_s, self.worked, self.cut_power = START_S, [], -1
        for number in range(shows):
            web.put(f"/{number}/ep.mp3", SOUND)
        self.publish()

    def published(self, show: int) -> int:
        """So many episodes of a show are out: one a week, each show on another day."""
        return 1 + int((self.now_s - START_S + show * DAY_S) // (7 * DAY_S))

    def publish(self) -> None:
        for show in range(self.shows):
            count = self.published(show)
            items = "".join(
                f"<item><title>Part {n}</title><guid>{show}-{n}</guid><pubDate>{_date(n)}</pubDate>"
                f'<enclosure url="{self.web.base}/{show}/ep.mp3?n={n}" type="audio/mpeg"/></item>'
                for n in reversed(range(count))
            )
            text = f'<rss version="2.0"><channel><title>Show {show}</title>{items}</channel></rss>'
            self.web.put(f"/feed{show}", text.encode(), kind="application/rss+xml", etag=f'"{count}"')

    def batch(self, many: Many, recordings, net: Net) -> tuple[Outcome, ...]:
        """What a batch does, without hearing anything."""
        outcomes = []
        for number, entry in enumerate(recordings):
            title = entry.item.title
            failed = Outcome(number, entry.place, "failed", title, entry.feed.title, reason="no sound")
            try:
                path = download(entry.place, many.settings.out / "downloads", net=replace(net, sleep=lambda _s: None))
            except CleancastError as error:
                outcomes.append(replace(failed, reason=str(error)))
                continue
            folder = EpisodeFolder(many.settings.out / entry.show_folder / title.lower().replace(" ", "-"))
            episode = Episode(
                folder.path.name, title, 60.0, "0" * 64, title, entry.feed.title, published=entry.item.published
            )
            result = Result(episode, Transcript((), "en", "m"), (), (), (), CutList((), 60.0))
            with folder.locked():
                folder.write("result.json", print_result(result))
                (folder.path / "clean.mp3").write_bytes(SOUND)
                if self.cut_power == 0:
                    raise PowerCut
                self.cut_power -= 1
                note_run(folder, episode, path, many.settings)
                note_item(folder, entry.item, entry.feed)
            self.worked.append((entry.feed.title, title))
            outcomes.append(replace(failed, status="done", folder=str(folder.path), reason=""))
        return tuple(outcomes)

    @contextmanager
    def instead(self) -> Iterator[None]:
        """This clock and these episodes in place of the real ones, and nobody waits between two tries."""
        real = Net.__init__

        def quick(net: Net, *given: object, **named: object) -> None:
            real(net, *given, **{"sleep": lambda _s: None, **named})  # type: ignore[arg-type]

        clock = SimpleNamespace(now=lambda _zone: datetime.fromtimestamp(self.now_s, UTC))
        with (
            patch.object(Many, "_batch", lambda many, recordings, net: self.batch(many, recordings, net)),
            patch.object(Net, "__init__", quick),
            patch("pipeline.feeds.subscriptions.datetime", clock),
        ):
            yield


def _date(number: int) -> str:
    return format_datetime(datetime.fromtimestamp(START_S - 30 * DAY_S + number * 7 * DAY_S, UTC))


def follower(world: World, more: str = "free_gb = 0", of_each: str = "") -> Follower:
    world.out.mkdir(exist_ok=True)
    shows = "".join(f'[[show]]\nfeed = "{world.web.base}/feed{n}"\n{of_each}\n' for n in range(world.shows))
    (world.out / FILE).write_text(f"[follow]\nevery = 1440\n{more}\n[defaults]\nallow_private = true\n{shows}")

    def sleep(seconds: float) -> None:
        raise AssertionError("a single look does not sleep")

    chance = random.Random(1).random
    return Follower(read_config(world.out / FILE), now=lambda: world.now_s, sleep=sleep, chance=chance)
