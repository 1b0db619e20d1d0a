"""Many episodes: prepared in order, processed side by side; a bad one does not stop the rest."""

from __future__ import annotations

import shlex
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, Full, Queue
from time import monotonic
from typing import TYPE_CHECKING

from pipeline.batch.backlog import Backlog
from pipeline.batch.jobs import Job, Outcome
from pipeline.batch.view import span_text
from pipeline.batch.workers.limits import SLOW, Activity, StageWatch
from pipeline.batch.workers.pool import Worker, WorkerPool
from pipeline.errors import CleancastError, sentence_of
from pipeline.feeds.addresses import shown
from pipeline.settings import OF_FEEDS, Settings

if TYPE_CHECKING:
    from pipeline.batch.sources import Recording
    from pipeline.batch.view import View

Prepare = Callable[["Recording", int], Job]
POLL_S = 0.2
AGAIN_S = 2.0  # before a folder that another run works in is tried again
WATCH = StageWatch()
LOOK_S = 1.0  # between two looks at what the workers have computed


@dataclass
class Batch:
    """What is under way; ``run`` is its one method, the rest is its memory."""

    recordings: Sequence[Recording]
    prepare: Prepare
    settings: Settings
    view: View
    pool: WorkerPool
    limit_s: float | None = None
    finished: Callable[[Outcome], None] = lambda outcome: None
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    ready: deque[Job] = field(default_factory=deque)
    later: list[tuple[float, Job]] = field(default_factory=list)
    deaths: Counter[int] = field(default_factory=Counter)
    called_slow: set[tuple[int, str]] = field(default_factory=set)
    stages: dict[int, tuple[str, float]] = field(default_factory=dict)  # by job: the stage it is in, and its progress
    activities: dict[int, Activity] = field(default_factory=dict)
    looked_s: float = 0.0

    def run(self) -> tuple[Outcome, ...]:
        """The outcome of each recording, in their order."""
        prepared: Queue[Job | Outcome] = Queue(
            maxsize=self.pool.size + 2
        )  # downloads stay a little ahead, not a library
        stopped = threading.Event()
        threading.Thread(target=self._prepare_all, args=(prepared, stopped), daemon=True).start()
        pool, backlog = self.pool, Backlog(self.settings.out)
        try:
            pool.idle()  # a worker starts while the first recording is examined
            while len(self.outcomes) < len(self.recordings):
                self._take_in(prepared, wait=not pool.busy)
                self._hand_out()
                for worker, event in pool.events(POLL_S) if pool.busy else []:
                    self._heard(worker, event)
                self._watch()
                backlog.note(len(self.recordings) - len(self.outcomes) - len(pool.busy))
        finally:
            stopped.set()
            backlog.note(0)
            pool.stop()
        return tuple(self.outcomes[number] for number in sorted(self.outcomes))

    def _prepare_all(self, prepared: Queue[Job | Outcome], stopped: threading.Event) -> None:
        for number, recording in enumerate(self.recordings):
            if stopped.is_set():
                return
            found = self._prepared(recording, number)
            while not stopped.is_set():
                try:
                    prepared.put(found, timeout=1.0)
                    break
                except Full:
                    continue

    def _prepared(self, recording: Recording, number: int) -> Job | Outcome:
        place = shown(recording.place) if recording.is_address else recording.place
        title = recording.item.title if recording.item else recording.title
        failed = Outcome(number, place, "failed", title=title)
        try:
            return self.prepare(recording, number)
        except Exception as error:  # otherwise the batch would wait for this thread without end
            told = sentence_of(error)
            return replace(failed, reason=told if isinstance(error, CleancastError) else f"{place}: {told}")

    def _take_in(self, prepared: Queue[Job | Outcome], *, wait: bool) -> None:
        try:
            found = prepared.get(timeout=POLL_S if wait else 0.001)
        except Empty:
            return
        if isinstance(found, Outcome):
            self._finish(found)
        else:
            self.view.prepared(found)
            self.ready.append(found)

    def _hand_out(self) -> None:
        pool, now = self.pool, monotonic()
        for due in [entry for entry in self.later if entry[0] <= now]:
            if pool.retries_alone and self.deaths[due[1].number] and pool.busy:
                continue  # two together may need more memory than there is
            self.later.remove(due)
            self.ready.append(due[1])
        alone = pool.retries_alone and any(worker.job and self.deaths[worker.job.number] for worker in pool.busy)
        while self.ready and not alone and (worker := pool.idle()):
            job = self.ready.popleft()
            try:
                worker.give(job)
            except OSError:  # it died while idle
                pool.drop(worker)
                self.ready.appendleft(job)
                continue
            self.stages[job.number] = ("", 0.0)
            self.activities.pop(job.number, None)
            self.view.started(job)
        if self.ready and pool.busy and len(pool.busy) == pool.size:
            busiest = min(pool.busy, key=lambda worker: worker.since)
            with suppress(OSError):  # its death is the next event
                busiest.prepare(self.ready[0])

    def _heard(self, worker: Worker, event: tuple[object, ...] | None) -> None:
        job = worker.job
        if event is None:
            if job:
                self._died(job)
            return
        kind, _, *rest = event
        if kind == "stage" and job:
            self.stages[job.number] = (str(rest[0]), float(rest[1]))  # type: ignore[arg-type]
            self.view.stage(job, *self.stages[job.number])
        elif kind == "say":
            self.view.say(str(rest[0]))
        elif kind == "done" and job and isinstance(rest[0], Outcome):
            worker.job = None
            if rest[0].status == "busy":
                self.view.waiting(job)
                self.later.append((monotonic() + AGAIN_S, job))
            else:
                self._finish(rest[0])

    def _died(self, job: Job) -> None:
        self.deaths[job.number] += 1
        if self.deaths[job.number] <= self.pool.retries:
            self.later.append((monotonic(), job))
            return
        reason = (
            f"{job.path}: its process was killed{' at every attempt' if self.pool.retries else ''}, probably because "
            "memory ran out; close other programs, or use fewer --jobs or a smaller --model"
        )
        self._finish(_of(job, reason))

    def _finish(self, outcome: Outcome) -> None:
        if outcome.failed and not outcome.retry:
            outcome = replace(outcome, retry=self._retry(outcome))
        self.outcomes[outcome.number] = outcome
        self.view.finished(outcome, len(self.outcomes))
        self.finished(outcome)

    def _retry(self, outcome: Outcome) -> str:
        """The command that tries again; a feed's episode stays pending, so the feed's own command does."""
        recording = self.recordings[outcome.number]
        settings = recording.settings or self.settings
        if recording.feed:
            return shlex.join(settings.command("feed", shown(recording.feed.url), groups=OF_FEEDS))
        return shlex.join(settings.command("run", *(recording.tracks or (outcome.place,))))

    def _watch(self) -> None:
        """Stop what hangs or exceeds the user's limit, and report an episode that takes far longer than expected."""
        now = monotonic()
        look = now - self.looked_s >= LOOK_S
        self.looked_s = now if look else self.looked_s
        for worker in self.pool.busy:
            job, took = worker.job, now - worker.since
            if job is None:
                continue
            if self.limit_s and took > self.limit_s:
                self._stop(worker, job, f"stopped after {span_text(took)}; allow more with --time-limit MINUTES")
            elif look and (cpu_s := self.pool.cpu_s(worker)) is not None:
                self._judge(worker, job, now, cpu_s)

    def _judge(self, worker: Worker, job: Job, now_s: float, cpu_s: float) -> None:
        sound_s, model, (stage, share) = job.episode.duration, self.settings.model, self.stages[job.number]
        before = self.activities.get(job.number) or Activity(stage, cpu_s, now_s, cpu_s)
        activity = WATCH.seen(before, now_s=now_s, cpu_s=cpu_s, stage=stage, share=share)
        self.activities[job.number] = activity
        judged = WATCH.judge(activity, now_s=now_s, sound_s=sound_s, model=model)
        name, still = stage or "start", span_text(now_s - activity.alive_s)
        again = "run it again to continue from there"
        if judged == "stalled":
            self._stop(worker, job, f"stopped: stage {name!r} made no progress for {still}; {again}")
        elif judged == "runaway":
            self._stop(worker, job, f"stopped: stage {name!r} used far more CPU time than it should; {again}")
        elif judged == "quiet":
            self._call_slow(job, stage, f"stage {name!r} has made no progress for {still}")
        elif judged == "slow":
            self._call_slow(job, stage, f"stage {name!r} has used over {SLOW:.0f} times the CPU time of a slow machine")

    def _stop(self, worker: Worker, job: Job, reason: str) -> None:
        took_s = round(monotonic() - worker.since, 2)
        self.pool.drop(worker)
        self._finish(replace(_of(job, f"{job.path}: {reason}"), took_s=took_s))

    def _call_slow(self, job: Job, stage: str, what: str) -> None:
        if (job.number, stage) not in self.called_slow:
            self.called_slow.add((job.number, stage))
            self.view.say(f"{job.episode.title}: {what}")


def _of(job: Job, reason: str) -> Outcome:
    about = job.episode
    return Outcome(job.number, job.place, "failed", about.title, about.show, reason=reason, audio_s=about.duration)


def batch_report(outcomes: Sequence[Outcome], *, out: Path, took_s: float) -> dict[str, object]:
    """batch.json: how each recording ended, with paths from the output folder."""
    counts = {status: sum(o.status == status for o in outcomes) for status in ("done", "reused", "held", "failed")}
    return {
        "version": 1,
        "counts": counts,
        "took_s": round(took_s, 1),
        "episodes": [
            {
                "source": o.place,
                "title": o.title,
                "show": o.show,
                "status": o.status,
                **({"folder": _inside(o.folder, out)} if o.folder else {}),
                **({"reason": o.reason, "retry": o.retry} if o.failed else {}),
                "audio_s": round(o.audio_s, 3),
                "took_s": o.took_s,
                **({} if o.agreement is None else {"publisher_agreement": {"differing_words": o.agreement}}),
            }
            for o in outcomes
        ],
    }


def _inside(folder: str, out: Path) -> str:
    path = Path(folder)
    return path.relative_to(out).as_posix() if path.is_relative_to(out) else str(path)
