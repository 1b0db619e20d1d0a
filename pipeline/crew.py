"""Worker processes from the parent's side: started when there is work, replaced when they die, stopped at once."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import monotonic
from typing import TYPE_CHECKING, Any

from pipeline.worker import Job, cores, serve

if TYPE_CHECKING:
    from pipeline.commands import Options


@dataclass
class Worker:
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
        with suppress(ProcessLookupError, PermissionError):
            if pid and os.getpgid(pid) == pid:  # it leads its own group, so ffmpeg goes with it
                os.killpg(pid, signal.SIGKILL)
        self.process.kill()
        self.process.join(2)
        self.pipe.close()


class Crew:
    """At most ``size`` workers; the machine's cores are divided among them."""

    def __init__(self, size: int, options: Options) -> None:
        self.size, self.options = size, options
        self.threads = max(1, cores() // size)
        self.workers: list[Worker] = []

    def idle(self) -> Worker | None:
        """A worker without a job, started if there may be one more."""
        for worker in self.workers:
            if worker.job is None:
                return worker
        return self._start() if len(self.workers) < self.size else None

    @property
    def busy(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.job is not None]

    def events(self, timeout_s: float) -> list[tuple[Worker, tuple[Any, ...] | None]]:
        """What workers report; None for one that has died."""
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

    def drop(self, worker: Worker) -> None:
        worker.kill()
        self.workers.remove(worker)

    def stop(self) -> None:
        for worker in list(self.workers):
            self.drop(worker)

    def _start(self) -> Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self.options, self.threads), daemon=False)
        process.start()
        theirs.close()  # so that its death is the end of our pipe
        worker = Worker(process, ours)
        self.workers.append(worker)
        return worker
