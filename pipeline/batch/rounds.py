"""A run over everything that was named: recordings and feeds, once or at intervals."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TextIO

from pipeline.batch.jobs import Outcome
from pipeline.batch.prepare import Preparer
from pipeline.batch.schedule import Batch, batch_report
from pipeline.batch.sources import Recording, Subscription, describe_others, find_recordings, find_tracks
from pipeline.batch.view import View, batch_view, end_table, names_of, printable
from pipeline.batch.workers.pool import LocalPool, WorkerPool
from pipeline.cache import sweep_above, write_atomic
from pipeline.errors import CleancastError, sentence_of
from pipeline.feeds.addresses import shown
from pipeline.feeds.download import Net
from pipeline.feeds.intact import Differing, find_differing
from pipeline.feeds.publishing import LOCAL, publish_index
from pipeline.feeds.retries import Failure
from pipeline.feeds.subscriptions import Choice, Subscribed, subscribe
from pipeline.settings import OF_FEEDS, Settings

Look = Callable[[], Iterable[Recording | Subscription]]
SETTLED_S = 10.0  # a file that changed less than this ago may still be being written


@dataclass
class Many:
    """What is run together; ``base_url`` is the URL of OUT on the web, for the clean feeds.

    ``patient``: what failed lately is left for later; a watch is. ``told`` is called with each episode's end,
    ``error``: why the last look came to nothing. ``now`` gives seconds since 1970. ``publish_index`` writes the page
    over all shows of an output folder.
    """

    look: Look
    settings: Settings
    choice: Choice = field(default_factory=Choice)
    base_url: str = LOCAL
    patient: bool = False
    told: Callable[[Outcome], None] = lambda outcome: None
    publish_index: Callable[[Path], object] = publish_index
    error: str = ""
    now: Callable[[], float] = time.time
    seen: dict[Recording, tuple[int, int]] = field(default_factory=dict)
    unsettled: dict[Recording, tuple[int, int]] = field(default_factory=dict)
    failures: dict[Recording, Failure] = field(default_factory=dict)
    folders: dict[Recording, Path] = field(default_factory=dict)
    differing: dict[Path, Differing] = field(default_factory=dict)

    def run(self) -> int:
        """One round, or one after another if that was asked for; 1 if an episode or a feed failed."""
        every_s = self.settings.watch_s
        if every_s is None:
            return self.round(list(self.look()))
        self.patient = True
        while True:
            began = monotonic()
            self.watch_once()
            waits_s = max(0.0, every_s - (monotonic() - began))
            print(next_look(time.time(), waits_s), file=sys.stderr)
            time.sleep(waits_s)

    def watch_once(self) -> int:
        """A round over what is new, which survives whatever an episode, a feed or a folder can raise, and says it."""
        fresh: list[Recording | Subscription] = []
        self.error = ""
        try:
            shows = sorted({folder.parent for folder in self.folders.values()})
            self.differing = {each.folder: each for show in shows for each in find_differing(show)}
            fresh += (entry for entry in self.look() if self._is_fresh(entry))
            return self.round(fresh, again=True)
        except Exception as error:  # a feed that cannot be reached, an empty folder, a full disk: all may change
            for entry in fresh:
                if isinstance(entry, Recording):
                    self._tried(entry, failed=True)
            self.error = sentence_of(error)
            print(f"cleancast: {printable(self.error)}", file=sys.stderr)
            return 1

    def _is_fresh(self, entry: Recording | Subscription) -> bool:
        """Whether there is something to do for it since the last look: files change, feeds have to be asked."""
        if isinstance(entry, Subscription):
            return True
        state = (0, 0) if entry.is_address else _state(entry)
        if state == self.seen.get(entry):
            failure, made = self.failures.get(entry), self.differing.get(self.folders.get(entry, Path()))
            if made and (failure is None or failure.is_due(self.now())):
                print(printable(made.told), file=sys.stderr)
                return True
            return failure is not None and failure.is_due(self.now())
        age_s = self.now() - state[1] / 1e9
        # With a clock that went back, a file comes from the future: it is settled if it was the same at the last look.
        if age_s < SETTLED_S and (age_s >= 0 or self.unsettled.get(entry) != state):
            self.unsettled[entry] = state
            if age_s < 0:
                print(printable(f"{entry.place}: left for the next look: its time lies in the future"), file=sys.stderr)
            return False
        self.seen[entry] = state
        return True

    def _tried(self, entry: Recording, *, failed: bool) -> None:
        """Note how a try ended: what failed is due again after a while, longer each time."""
        before = self.failures.pop(entry, Failure())
        if failed:
            self.failures[entry] = before.again(self.now())

    def round(self, found: Sequence[Recording | Subscription], *, again: bool = False) -> int:
        """Work on all that was found, and on what follows it; 1 if an episode or a feed failed."""
        sweep_above(self.settings.out)
        net = Net(allow_private=self.settings.allow_private)
        feeds = [entry for entry in found if isinstance(entry, Subscription)]
        shows, away = self._subscribe(feeds, net)
        recordings = [entry for entry in found if isinstance(entry, Recording)]
        own = {entry.url: entry.settings for entry in feeds}
        differing = {show.url: self._differing(show) for show in shows}
        due = {show.url: {*differing[show.url], *self._had_since(show, own, net)} for show in shows}
        chosen = {show.url: self._new_recordings(show, own[show.url], due[show.url]) for show in shows}
        recordings += [recording for show in shows for recording in chosen[show.url]]
        left_over = [outcome for show in shows for outcome in _left_over(show)]
        left_over += [outcome for show in shows for outcome in self._made_whole(show, differing[show.url])]
        if feeds and not recordings and not away and not left_over and not again:
            print("no new episodes", file=sys.stderr)
        began = monotonic()
        for show in shows:
            self._keep_cover(show, net, wanted=bool(chosen[show.url]))
        outcomes = self._batch(recordings, net)
        self._note(outcomes, recordings, shows)
        alone = {show.folder.name for show in shows if not (own[show.url] or self.settings).memory}
        outcomes = (*self._learnt((*left_over, *outcomes), alone), *away)
        took_s = monotonic() - began
        if not all(outcome.failed for outcome in outcomes):
            self.publish_index(self.settings.out)
        status = tell(outcomes, self.settings, took_s=took_s, always_report=bool(feeds)) if outcomes else 0
        published = [self._published(show, say=not again or bool(recordings)) for show in shows]
        return status or int(not all(published))

    def _note(self, outcomes: Sequence[Outcome], recordings: Sequence[Recording], shows: Sequence[Subscribed]) -> None:
        """Remember what failed, so that it is tried again later and later."""
        for outcome in outcomes:
            self.told(outcome)
            entry = recordings[outcome.number]
            show = next((show for show in shows if show.folder.name == entry.show_folder), None)
            if show and entry.item:
                show.tried(entry.item.key, failed=outcome.failed, now_s=self.now())
                if not outcome.failed:
                    parts = (*outcome.lacking, *show.lacking)
                    show.lacks(entry.item.key, parts, now_s=self.now())
            else:
                self._tried(entry, failed=outcome.failed)
                if outcome.folder:
                    self.folders[entry] = Path(outcome.folder)

    def _keep_cover(self, show: Subscribed, net: Net, *, wanted: bool) -> None:
        """Have the cover of a show that has episodes, or will have; what is wrong with it is said."""
        asked = wanted or bool(show.done())
        if asked and (remark := show.keep_cover(net=net, patient=self.patient, now_s=self.now())):
            print(printable(f"{show.feed.title or shown(show.url)}: {remark}"), file=sys.stderr)

    def _published(self, show: Subscribed, *, say: bool) -> bool:
        """Write what follows the episodes of a show; then, and only then, its run is finished."""
        try:
            if show.done():
                first = not (show.folder / "feed.xml").is_file()
                feed = show.publish(base_url=self.base_url)
                if first:  # the page names the feeds that there are
                    self.publish_index(self.settings.out)
                if say:
                    print(feed, flush=True)
            show.finish()
        except (CleancastError, OSError) as error:
            print(f"cleancast: {printable(sentence_of(error))}", file=sys.stderr)
            return False
        return True

    def _differing(self, show: Subscribed) -> Mapping[str, Differing]:
        """The finished episodes of a show that are not as they were made, by their keys; said of those that are due."""
        found = show.differing()
        for key, each in found.items():
            if self._is_due(show, key):
                print(printable(f"{show.feed.title}: {each.told}"), file=sys.stderr)
        return found

    def _is_due(self, show: Subscribed, key: str) -> bool:
        return not self.patient or show.is_due(key, self.now())

    def _had_since(self, show: Subscribed, own: Mapping[str, Settings | None], net: Net) -> frozenset[str]:
        """The finished episodes of which something is to be had now that they were made without, by their keys."""
        language = (own[show.url] or self.settings).language or ""
        return show.had_since(net=net, language=language, patient=self.patient, now_s=self.now())

    def _made_whole(self, show: Subscribed, differing: Mapping[str, Differing]) -> list[Outcome]:
        """What came of those that the feed no longer has; the others are worked on as new ones are."""
        offered = {item.key for item in show.feed.items}
        gone = [key for key in differing if key not in offered and self._is_due(show, key)]
        if not gone:
            return []
        from pipeline.batch.learning import make_whole

        outcomes = []
        for key in gone:
            with redirect_stdout(sys.stderr):
                outcomes.append(make_whole(differing[key], show.url))
            show.tried(key, failed=outcomes[-1].failed, now_s=self.now())
            self.told(outcomes[-1])
        return outcomes

    def _new_recordings(self, show: Subscribed, settings: Settings | None, again: AbstractSet[str]) -> list[Recording]:
        """The episodes of a show to work on, each with what its feed says of it and the show's own settings.

        ``again``: those to make once more.
        """
        feed = replace(show.feed, items=(), remarks=())
        return [
            Recording(item.enclosure.url, item=item, feed=feed, show_folder=show.folder.name, settings=settings)
            for item in show.choose(self.choice, again=again, patient=self.patient, now_s=self.now())
        ]

    def _learnt(self, outcomes: tuple[Outcome, ...], alone: AbstractSet[str]) -> tuple[Outcome, ...]:
        """The outcomes once every episode knows the ads of the others; ``alone``: folders of shows without memory."""
        from pipeline.library.spot_index import keep_index

        def remembers(outcome: Outcome) -> bool:
            return bool(outcome.folder) and self.settings.memory and Path(outcome.folder).parent.name not in alone

        if sum(map(remembers, outcomes)) > 1:
            from pipeline.batch.learning import learn_from_each_other

            with redirect_stdout(sys.stderr):
                learnt = iter(learn_from_each_other(tuple(filter(remembers, outcomes))))
            outcomes = tuple(next(learnt) if remembers(outcome) else outcome for outcome in outcomes)
        for show in sorted({Path(outcome.folder).parent for outcome in outcomes if remembers(outcome)}):
            keep_index(show.resolve())
        return outcomes

    def _subscribe(self, feeds: Sequence[Subscription], net: Net) -> tuple[list[Subscribed], list[Outcome]]:
        """The feeds that can be read; one that cannot is one failure among others, unless it is the only one."""
        shows: list[Subscribed] = []
        away: list[Outcome] = []
        for entry in feeds:
            try:
                shows.append(subscribe(entry.url, self.settings.out, net=net))
                for remark in shows[-1].feed.remarks:
                    print(printable(f"{shows[-1].feed.title or shown(entry.url)}: {remark}"), file=sys.stderr)
            except Exception as error:
                if len(feeds) == 1:
                    raise
                place = shown(entry.url)
                settings = entry.settings or self.settings
                retry = shlex.join(settings.command("feed", place, groups=OF_FEEDS))
                away.append(Outcome(-1, place, "failed", reason=sentence_of(error), retry=retry))
        return shows, away

    def _batch(self, recordings: Sequence[Recording], net: Net) -> tuple[Outcome, ...]:
        if not recordings:
            return ()
        settings, data = self.settings, sys.stdout
        view = batch_view(len(recordings), verbose=settings.verbose)
        try:
            with redirect_stdout(sys.stderr):  # stdout is data, whatever a library prints
                pool = pool_for(settings, len(recordings))
                prepare = Preparer(settings, net, view.fetching)
                batch = Batch(recordings, prepare, settings, view, pool, limit_s=settings.time_limit_s)
                batch.finished = lambda outcome: print_folder(outcome, view, data)
                return batch.run()
        finally:
            view.close()


def next_look(now_s: float, waits_s: float) -> str:
    """When a watch has finished a look and when it will look next, by the clock on the wall."""
    shown = [f"{datetime.fromtimestamp(at):%H:%M:%S}" for at in (now_s, now_s + waits_s)]
    return f"looked at {shown[0]}; will look again at {shown[1]}"


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


def print_folder(outcome: Outcome, view: View, data: TextIO) -> None:
    """The data of a run: where each episode's outputs are."""
    if not outcome.failed:
        view.data(outcome.folder, data)


def tell(outcomes: Sequence[Outcome], settings: Settings, *, took_s: float, always_report: bool) -> int:
    """Print the report on stderr and write batch.json to the output folder; 1 if anything failed.

    Raises CleancastError instead when one recording was all there was, and it failed.
    """
    for outcome, name in zip(outcomes, names_of(outcomes), strict=True):
        whose = (f"{name}:",) if outcome.remarks and name != outcome.title else ()
        for remark in (*whose, *outcome.remarks, *outcome.publishers):
            print(printable(remark), file=sys.stderr)
    if len(outcomes) > 1 or always_report:
        report = batch_report(outcomes, out=settings.out, took_s=took_s)
        write_atomic(settings.out / "batch.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
        print(end_table(outcomes, took_s=took_s), file=sys.stderr)
    elif outcomes[0].failed:
        raise CleancastError(outcomes[0].reason)
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def _left_over(show: Subscribed) -> list[Outcome]:
    """Episodes that were finished by a run which did not come to what follows them."""
    name = show.feed.title
    return [Outcome(-1, shown(show.url), "reused", path.name, name, str(path)) for path in show.left_over()]


def _state(entry: Recording) -> tuple[int, int]:
    try:
        found = Path(entry.place).stat()
        return found.st_size, found.st_mtime_ns
    except (OSError, ValueError):
        return 0, 0


def run_sources(typed: list[str], settings: Settings) -> int:
    """Run every recording named; prints each episode's folder on stdout, and returns the exit status."""
    for sentence in describe_others(typed, leave_out=settings.out):
        print(printable(sentence), file=sys.stderr)
    if settings.tracks:
        return Many(lambda: find_tracks(typed), settings).run()
    return Many(lambda: find_recordings(typed, leave_out=settings.out), settings).run()


def run_feeds(
    urls: list[str],
    settings: Settings,
    choice: Choice,
    *,
    base_url: str = "",
    of_shows: Mapping[str, Settings] | None = None,
) -> int:
    """Run the new episodes of feeds; prints their folders and the clean feeds on stdout, returns the exit status.

    ``of_shows``: the settings of feeds that have their own, by their addresses.
    """
    own = of_shows or {}

    def look() -> tuple[Subscription, ...]:
        named = find_recordings(urls)
        places = [entry.url if isinstance(entry, Subscription) else entry.place for entry in named]
        return tuple(Subscription(place, own.get(place)) for place in places)

    return Many(look, settings, choice, base_url or LOCAL).run()
