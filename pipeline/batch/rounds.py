"""A run over everything that was named: recordings and feeds, once or at intervals."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TextIO

from pipeline.batch.jobs import Outcome
from pipeline.batch.prepare import Preparer
from pipeline.batch.schedule import Batch, batch_report
from pipeline.batch.sources import Recording, Subscription, find_recordings
from pipeline.batch.view import batch_view, end_table, printable
from pipeline.batch.workers.pool import LocalPool, WorkerPool
from pipeline.cache import write_atomic
from pipeline.errors import CleancastError
from pipeline.feeds.addresses import shown
from pipeline.feeds.download import Net
from pipeline.feeds.publishing import LOCAL, publish_index
from pipeline.feeds.subscriptions import Choice, Subscribed, subscribe
from pipeline.settings import Settings

Look = Callable[[], Iterable[Recording | Subscription]]
SETTLED_S = 10.0  # a file that changed less than this ago may still be being written


@dataclass
class Many:
    """What is run together; ``base_url`` is the URL of OUT on the web, for the clean feeds."""

    look: Look
    settings: Settings
    choice: Choice = field(default_factory=Choice)
    base_url: str = LOCAL
    seen: dict[Recording, tuple[int, int]] = field(default_factory=dict)
    unsettled: dict[Recording, tuple[int, int]] = field(default_factory=dict)

    def run(self) -> int:
        """One round, or one after another if that was asked for; 1 if an episode or a feed failed."""
        every_s = self.settings.watch_s
        if every_s is None:
            return self._round(list(self.look()))
        while True:
            began = monotonic()
            try:
                self._round([entry for entry in self.look() if self._is_fresh(entry)], again=True)
            except CleancastError as error:  # a feed that cannot be reached, an empty folder: both may change
                print(f"cleancast: {printable(str(error))}", file=sys.stderr)
            time.sleep(max(0.0, every_s - (monotonic() - began)))

    def _is_fresh(self, entry: Recording | Subscription) -> bool:
        """Whether there is something to do for it since the last look: files change, feeds have to be asked."""
        if isinstance(entry, Subscription):
            return True
        state = (0, 0) if entry.is_address else _state(entry)
        if state == self.seen.get(entry):
            return False
        age_s = time.time() - state[1] / 1e9
        # With a clock that went back, a file comes from the future: it is settled if it was the same at the last look.
        if age_s < SETTLED_S and (age_s >= 0 or self.unsettled.get(entry) != state):
            self.unsettled[entry] = state
            return False
        self.seen[entry] = state
        return True

    def _round(self, found: Sequence[Recording | Subscription], *, again: bool = False) -> int:
        net = Net(allow_private=self.settings.allow_private)
        feeds = [entry for entry in found if isinstance(entry, Subscription)]
        shows, away = self._subscribe(feeds, net)
        recordings = [entry for entry in found if isinstance(entry, Recording)]
        recordings += [recording for show in shows for recording in _new_recordings(show, self.choice)]
        if feeds and not recordings and not away and not again:
            print("no new episodes", file=sys.stderr)
        began = monotonic()
        outcomes = (*self._learnt(self._batch(recordings, net)), *away)
        if self.settings.memory:
            self._keep_indexes(outcomes)
        took_s = monotonic() - began
        status = tell(outcomes, self.settings, took_s=took_s, always_report=bool(feeds)) if outcomes else 0
        for show in shows:
            if show.done():
                feed = show.publish(net=net, base_url=self.base_url)
                if not again or recordings:
                    print(feed, flush=True)
        return status

    def _learnt(self, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
        """The outcomes once every episode knows the ads of the others."""
        if not self.settings.memory or len(outcomes) < 2:
            return outcomes
        from pipeline.batch.learning import learn_from_each_other

        with redirect_stdout(sys.stderr):
            return learn_from_each_other(outcomes)

    def _keep_indexes(self, outcomes: Sequence[Outcome]) -> None:
        from pipeline.library.spot_index import keep_index

        for show in sorted({Path(outcome.folder).parent for outcome in outcomes if outcome.folder}):
            keep_index(show.resolve())

    def _subscribe(self, feeds: Sequence[Subscription], net: Net) -> tuple[list[Subscribed], list[Outcome]]:
        """The feeds that can be read; one that cannot is one failure among others, unless it is the only one."""
        shows: list[Subscribed] = []
        away: list[Outcome] = []
        for entry in feeds:
            try:
                shows.append(subscribe(entry.url, self.settings.out, net=net))
                for remark in shows[-1].feed.remarks:
                    print(printable(f"{shows[-1].feed.title or shown(entry.url)}: {remark}"), file=sys.stderr)
            except CleancastError as error:
                if len(feeds) == 1:
                    raise
                place = shown(entry.url)
                retry = shlex.join(["cleancast", "feed", place, "-o", str(self.settings.out)])
                away.append(Outcome(-1, place, "failed", reason=str(error), retry=retry))
        return shows, away

    def _batch(self, recordings: Sequence[Recording], net: Net) -> tuple[Outcome, ...]:
        if not recordings:
            return ()
        settings, data = self.settings, sys.stdout
        view = batch_view(len(recordings))
        try:
            with redirect_stdout(sys.stderr):  # stdout is data, whatever a library prints
                pool = pool_for(settings, len(recordings))
                prepare = Preparer(settings, net, view.fetching)
                batch = Batch(recordings, prepare, settings, view, pool, limit_s=settings.time_limit_s)
                batch.finished = lambda outcome: print_folder(outcome, data)
                return batch.run()
        finally:
            view.close()


def pool_for(settings: Settings, recordings: int) -> WorkerPool:
    """Who does the work: processes here, or actors on a Ray cluster.

    Raises CleancastError when --on names something else, or Ray is not available.
    """
    if not settings.on:
        return LocalPool(min(settings.jobs or 1, recordings), settings)
    if settings.on != "ray" and not settings.on.startswith("ray://"):
        raise CleancastError(f"--on expects ray or ray://ADDRESS, not {settings.on!r}")
    from pipeline.batch.workers.ray_pool import RayPool

    return RayPool(settings, most=recordings)


def print_folder(outcome: Outcome, data: TextIO) -> None:
    """The data of a run: where each episode's outputs are."""
    if not outcome.failed:
        print(outcome.folder, file=data, flush=True)


def tell(outcomes: Sequence[Outcome], settings: Settings, *, took_s: float, always_report: bool) -> int:
    """Print the report on stderr and write batch.json to the output folder; 1 if anything failed.

    Raises CleancastError instead when one recording was all there was, and it failed.
    """
    for outcome in outcomes:
        for remark in outcome.remarks:
            print(printable(remark), file=sys.stderr)
    if not all(outcome.failed for outcome in outcomes):
        publish_index(settings.out)
    if len(outcomes) > 1 or always_report:
        report = batch_report(outcomes, out=settings.out, took_s=took_s)
        write_atomic(settings.out / "batch.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
        print(end_table(outcomes, took_s=took_s), file=sys.stderr)
    elif outcomes[0].failed:
        raise CleancastError(outcomes[0].reason)
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def _new_recordings(show: Subscribed, choice: Choice) -> list[Recording]:
    """The episodes of a show to work on, each with what its feed says of it."""
    feed = replace(show.feed, items=(), remarks=())
    return [
        Recording(item.enclosure.url, item=item, feed=feed, show_folder=show.folder.name)
        for item in show.choose(choice)
    ]


def _state(entry: Recording) -> tuple[int, int]:
    try:
        found = Path(entry.place).stat()
        return found.st_size, found.st_mtime_ns
    except OSError:
        return 0, 0


def run_sources(typed: list[str], settings: Settings) -> int:
    """Run every recording named; prints each episode's folder on stdout, and returns the exit status."""
    return Many(lambda: find_recordings(typed, leave_out=settings.out), settings).run()


def run_feeds(urls: list[str], settings: Settings, choice: Choice, *, base_url: str = "") -> int:
    """Run the new episodes of feeds; prints their folders and the clean feeds on stdout, returns the exit status."""

    def look() -> tuple[Subscription, ...]:
        named = find_recordings(urls)
        return tuple(entry if isinstance(entry, Subscription) else Subscription(entry.place) for entry in named)

    return Many(look, settings, choice, base_url or LOCAL).run()
