"""One process that follows every show of a ``cleancast.toml``: looks, waits, keeps the disk within its bound.

It holds nothing that is not on the disk: after a power cut it goes on with the episode that was under way, and looks at
each show when that was due.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pipeline.batch.jobs import Outcome
from pipeline.batch.rounds import Many
from pipeline.batch.sources import Recording, Subscription, find_recordings
from pipeline.batch.view import span_text
from pipeline.cache import write_atomic
from pipeline.errors import CleancastError, StoreError, sentence_of
from pipeline.feeds.publishing import LOCAL, publish, publish_index, shows_in
from pipeline.feeds.retries import Failure
from pipeline.feeds.subscriptions import folder_of
from pipeline.files import regular
from pipeline.follow.config import Config, Show, read_config
from pipeline.follow.notices import Log, notify, print_metrics
from pipeline.follow.retention import retain
from pipeline.follow.status import Looked, Status, key_of, metrics_of, read_status, write_status
from pipeline.library.names import slug
from pipeline.locks import Busy, locked

LOCK = ".follow.lock"
JITTER = 0.1  # of the time between two looks, either way: thirty feeds of one server are not asked in one second
LONGEST_SLEEP_S = 300.0  # the clock may be set, the file changed, the disk emptied
DAY_MIN = 24 * 60


@dataclass
class Follower:
    """A file that is followed; ``now`` gives seconds since 1970, ``sleep`` waits, ``chance`` gives 0..1."""

    config: Config
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    say: Log = field(default_factory=Log)
    rounds: dict[str, Many] = field(default_factory=dict)

    def run(self, *, once: bool = False) -> int:
        """Look at what is due, once or for as long as it runs; 1 if something failed in the last looks.

        Raises StoreError when another process follows the same output folder, or it cannot be written.
        """
        with _alone(self.config.out):
            place = self.config.out.stat().st_ino
            while True:
                next_s = self.now() + LONGEST_SLEEP_S
                try:
                    _check_there(self.config.out, place)
                    failed = self.look_at_due()
                    next_s = self._write()
                    self.say(f"the next look is {_in(next_s - self.now())}")
                except (CleancastError, OSError) as error:
                    if once:
                        raise
                    self.say(f"{sentence_of(error)}; the next look is {_in(next_s - self.now())}")
                if once:
                    return int(failed)
                self.sleep(max(1.0, min(LONGEST_SLEEP_S, next_s - self.now())))
                self._reread()

    def look_at_due(self) -> bool:
        """Look at every show that is due; whether something failed."""
        failed = looked_at = False
        for show in self.config.shows:
            if self._outside_quiet(self.now()) > self.now():
                break
            looked = self._looked(show)
            if looked.next_s > self.now() + self._slack(show):
                looked = replace(looked, next_s=self.now())  # the clock was set back: better too early than never
            if looked.next_s <= self.now():
                looked_at = True
                failed |= self._look(show, looked)
        return failed | (looked_at and not self._index_is_written())

    def _index_is_written(self) -> bool:
        """Whether the page over all shows is as it must be: written once a round, not with each show."""
        try:
            if shows_in(self.config.out):
                publish_index(self.config.out)
        except (CleancastError, OSError) as error:
            self.say(sentence_of(error))
            return False
        return True

    def _look(self, show: Show, looked: Looked) -> bool:
        """One look at a show, and what follows it; whether something failed."""
        if self._free() < self.config.free_bytes:
            looked = self._retain(show, looked)  # it may be enough
        if (free := self._free()) < self.config.free_bytes:
            error = f"under {self.config.free_bytes / 1e9:.1f} GB are free ({free / 1e9:.1f} GB): nothing new is begun"
            self._keep(show, self._after(show, looked, [], error))
            self.say(f"{show.name}: {error}")
            return True
        ended: list[Outcome] = []
        many = self._round_of(show, looked)
        many.told = ended.append
        many.watch_once()
        for outcome in ended:
            notify(outcome, self.config.notify, say=self.say)
        after = self._after(show, looked, ended, many.error)
        after = self._retain(show, after)
        self._keep(show, after)
        self.say(f"{show.name}: {after.said or 'nothing new'}{f'; failed: {after.error}' if after.error else ''}")
        return bool(after.error) or any(outcome.failed for outcome in ended)

    def _round_of(self, show: Show, looked: Looked) -> Many:
        """The round of a show, which remembers what it has seen; ``retired`` recordings are no longer seen."""

        def look() -> Sequence[Recording | Subscription]:
            if show.is_feed:
                return (Subscription(show.source),)
            gone = set(looked.retired)
            found = find_recordings([show.source], leave_out=self.config.out)
            return [entry for entry in found if not isinstance(entry, Recording) or entry.place not in gone]

        base = self.config.base_url or LOCAL
        settings = show.settings if show.is_feed else replace(show.settings, show=show.settings.show or show.name)
        many = self.rounds.get(show.source) or Many(look, settings, show.choice, base, patient=True, now=self.now)
        many.look, many.settings, many.choice, many.base_url = look, settings, show.choice, base
        many.publish_index = lambda out: None
        self.rounds[show.source] = many
        return many

    def _after(self, show: Show, looked: Looked, ended: Sequence[Outcome], error: str) -> Looked:
        """What is known of a show after a look, with the time of the next one."""
        now_s, counted = self.now(), looked
        for outcome in ended:
            counted = counted.counted(outcome.status)
        kinds = ("done", "held", "reused", "failed", "busy")
        said = [f"{n} {kind}" for kind in kinds if (n := sum(outcome.status == kind for outcome in ended))]
        wait_s = show.every_s * (1 + JITTER * (2 * self.chance() - 1))
        if error:
            wait_s = max(wait_s, Failure(looked.failures).again(now_s).due_s - now_s)
        reasons = [outcome.reason for outcome in ended if outcome.failed]
        return replace(
            counted,
            name=show.name,
            folder=self._folder(show).name,
            last_s=now_s,
            next_s=self._outside_quiet(now_s + wait_s),
            failures=looked.failures + 1 if error else 0,
            error=error,
            said=", ".join(said) + (f" ({'; '.join(reasons)})" if reasons else ""),
        )

    def _retain(self, show: Show, looked: Looked) -> Looked:
        """Take away what the show need not keep; what fails there is an error of the look."""
        folder = self._folder(show)
        try:
            lightened = retain(folder, show.keep, now_s=self.now())
            if not lightened:
                return looked
            publish(folder, base_url=self.config.base_url or LOCAL)
        except (CleancastError, OSError) as error:
            return replace(looked, error=looked.error or sentence_of(error))
        retired = [str(each.recording) for each in lightened if each.recording and not show.is_feed]
        told = f"{len(lightened)} older taken away ({show.keep.drop})"
        return replace(
            looked,
            said=", ".join(filter(None, (looked.said, told))),
            retired=(*looked.retired, *(retired if show.keep.drop != "originals" else ())),
        )

    def _folder(self, show: Show) -> Path:
        """The folder of a show's episodes."""
        if not show.is_feed:
            return self.config.out / slug(show.settings.show or show.name, otherwise="episodes")
        return folder_of(show.source, self.config.out) or self.config.out / ".none"

    def _outside_quiet(self, moment_s: float) -> float:
        """The moment, or the end of the quiet hours that it lies in (this machine's time of day)."""
        if not self.config.quiet:
            return moment_s
        first, last = self.config.quiet
        local = datetime.fromtimestamp(moment_s)
        minute = 60 * local.hour + local.minute
        if (minute - first) % DAY_MIN < (last - first) % DAY_MIN:
            return moment_s + 60 * ((last - minute) % DAY_MIN) - local.second
        return moment_s

    def _slack(self, show: Show) -> float:
        """How far off a next look can be at most."""
        return max(2 * show.every_s, 2 * 86_400.0) + DAY_MIN * 60

    def _free(self) -> int:
        return shutil.disk_usage(self.config.out).free

    def _looked(self, show: Show) -> Looked:
        return read_status(self.config.out).shows.get(key_of(show.source), Looked(show.name))

    def _keep(self, show: Show, looked: Looked) -> None:
        """Note a look at once: a process that is ended now does not look again."""
        status = read_status(self.config.out)
        self._store(Status({**status.shows, key_of(show.source): looked}))

    def _write(self) -> float:
        """Write status and metrics of the shows that are followed now; when the next of them is due."""
        followed = {key_of(show.source): show for show in self.config.shows}
        status = read_status(self.config.out)
        self._store(Status({key: looked for key, looked in status.shows.items() if key in followed}))
        due_s = min((self._looked(show).next_s for show in self.config.shows), default=self.now() + LONGEST_SLEEP_S)
        return self._outside_quiet(max(due_s, self.now()))

    def _store(self, status: Status) -> None:
        free, now_s = self._free(), self.now()
        try:
            write_status(self.config.out, status, now_s=now_s, free_bytes=free, floor_bytes=self.config.free_bytes)
            if self.config.metrics:
                write_atomic(self.config.metrics, print_metrics(metrics_of(status, now_s=now_s, free_bytes=free)))
        except CleancastError as error:
            self.say(str(error))

    def _reread(self) -> None:
        """Follow the file as it is now; one that cannot be used is said, and the last good one is followed."""
        try:
            self.config = read_config(self.config.path, out=self.config.out)
        except CleancastError as error:
            self.say(f"{error}; what it said before still counts")


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """The only follower of an output folder."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with open(out / LOCK, "w", opener=regular) as handle, locked(handle, out / LOCK):
            yield
    except Busy:
        raise StoreError(out, "another cleancast follow is at work in this folder") from None
    except OSError as error:
        raise StoreError(out, f"cannot be written ({error.strerror or error})") from None


def _check_there(out: Path, place: int) -> None:
    """Raise StoreError where another folder stands in the place of the output folder than at the start.

    A disk that is away leaves an empty folder, in which every show would be begun anew.
    """
    if not out.is_dir() or out.stat().st_ino != place:
        raise StoreError(out, "is not the folder that it was: its disk is away, or it was replaced; start again for it")


def _in(seconds: float) -> str:
    return f"in {span_text(seconds)}" if seconds > 0 else "due now"


def follow(file: Path, config: Config, *, once: bool) -> int:
    """Follow what a file says until stopped, or look once; 1 if something failed."""
    if not config.shows:
        raise StoreError(file, "names no show; add [[show]] with a feed or a folder")
    log = Log(config.log)
    try:
        return Follower(config, say=log).run(once=once)
    finally:
        log.close()
