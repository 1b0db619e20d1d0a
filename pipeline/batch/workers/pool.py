"""Workers from the parent's side: started when there is work, replaced when they die, stopped at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.batch.workers.cores import cores
from pipeline.children import end_session
from pipeline.garbage import collect_rarely
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.batch.jobs import Job


class Worker(Protocol):
    """Something that works on one job at a time, and since when; it may be killed at any moment."""

    job: Job | None
    since: float

    def give(self, job: Job) -> None: ...

    def prepare(self, job: Job) -> None: ...


class WorkerPool(Protocol):
    """At most ``size`` workers. ``retries``: how often a job is tried again when its worker died."""

    retries: int
    retries_alone: bool

    @property
    def size(self) -> int: ...

    @property
    def busy(self) -> Sequence[Worker]: ...

    def idle(self) -> Worker | None:
        """A worker without a job, started if there may be one more."""

    def events(self, timeout_s: float) -> list[tuple[Worker, tuple[Any, ...] | None]]:
        """What workers report; None for one that has died."""

    def cpu_s(self, worker: Worker) -> float | None:
        """CPU seconds that a worker and its children have used; None where that cannot be known."""

    def drop(self, worker: Worker) -> None:
        """End a worker, now."""

    def stop(self) -> None:
        """End them all, now."""


@dataclass
class ProcessWorker:
    """A process and the job it has, if any, since when."""

    process: SpawnProcess
    pipe: Connection
    job: Job | None = None
    since: float = 0.0
    ahead: int | None = None

    def give(self, job: Job) -> None:
        self.job, self.since = job, monotonic()
        self.pipe.send(("job", job))

    def prepare(self, job: Job) -> None:
        """Have the next job's sound decoded meanwhile."""
        if self.ahead != job.number:
            self.ahead = job.number
            self.pipe.send(("ahead", job))

    def kill(self) -> None:
        """End it and what it started, now: what is finished is on disk."""
        pid = self.process.pid
        if pid:
            end_session(pid)  # it leads a session of its own: all that it started, in whatever process groups
        self.process.kill()
        self.process.join(2)
        self.pipe.close()


class LocalPool:
    """Processes of this machine; its cores are divided among them."""

    def __init__(self, size: int, settings: Settings) -> None:
        self.limit, self.settings = size, settings
        self.retries = 1 if size > 1 else 0
        self.retries_alone = True
        self.threads = max(1, cores() // size)
        self.workers: list[ProcessWorker] = []

    @property
    def size(self) -> int:
        return self.limit

    def idle(self) -> ProcessWorker | None:
        for worker in self.workers:
            if worker.job is None:
                return worker
        return self._start() if len(self.workers) < self.size else None

    @property
    def busy(self) -> list[ProcessWorker]:
        return [worker for worker in self.workers if worker.job is not None]

    def events(self, timeout_s: float) -> list[tuple[Worker, tuple[Any, ...] | None]]:
        found: list[tuple[Worker, tuple[Any, ...] | None]] = []
        by_pipe = {worker.pipe: worker for worker in self.workers}
        for pipe in wait(list(by_pipe), timeout_s):
            worker = by_pipe[pipe]  # type: ignore[index]
            try:
                found.append((worker, worker.pipe.recv()))
            except (EOFError, OSError):
                self.drop(worker)
                found.append((worker, None))
        return found

    def cpu_s(self, worker: Worker) -> float | None:
        import psutil

        pid = next((mine.process.pid for mine in self.workers if mine is worker), None)
        try:
            process = psutil.Process(pid)
            times = [process.cpu_times(), *(child.cpu_times() for child in process.children(recursive=True))]
        except psutil.Error:
            return None
        return float(sum(t.user + t.system + t.children_user + t.children_system for t in times))

    def drop(self, worker: Worker) -> None:
        for mine in [mine for mine in self.workers if mine is worker]:
            mine.kill()
            self.workers.remove(mine)

    def stop(self) -> None:
        for worker in list(self.workers):
            self.drop(worker)

    def _start(self) -> ProcessWorker:
        wanted = (self.settings, self.threads)
        worker = _EARLY.pop(0)[1] if _EARLY and _EARLY[0][0] == wanted else _start_worker(*wanted)
        self.workers.append(worker)
        return worker


_EARLY: list[tuple[tuple[Settings, int], ProcessWorker]] = []
"""A worker that no pool has taken yet, and what it was started with."""


@contextmanager
def worker_ahead(settings: Settings) -> Iterator[None]:
    """A worker imports what it needs while this process imports what finds and examines recordings: 0.3 s.

    The first pool takes it if it would start one like it; it ends with the context if none does.
    """
    if not settings.on and (settings.jobs or 1) == 1:
        wanted = (settings, cores())
        with suppress(OSError):  # what fails here fails again, and is reported, where a pool starts one
            _EARLY.append((wanted, _start_worker(*wanted)))
    try:
        yield
    finally:
        while _EARLY:
            _EARLY.pop()[1].kill()


def _start_worker(settings: Settings, threads: int) -> ProcessWorker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, settings, threads), daemon=False)
    process.start()
    theirs.close()  # so that its death is the end of our pipe
    return ProcessWorker(process, ours)


def _serve(pipe: Connection, settings: Settings, threads: int) -> None:
    """The life of a worker process; what it works with is imported there, not by the parent."""
    collect_rarely()
    from pipeline.batch.workers.worker import serve

    serve(pipe, settings, threads)
