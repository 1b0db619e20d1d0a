"""The same batch on a Ray cluster: an episode is the unit, networks live in actors, results land in the same folders.

Paths go to the actors whole, so OUT and the recordings must be on storage that every machine sees under one name.
A lost machine is a worker that died: its episode goes on elsewhere from its last finished stage. The lock on the
episode's folder keeps a machine that was only cut off from writing beside the one that took over.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from pipeline.batch.jobs import Job, Outcome
from pipeline.batch.progress import Quiet
from pipeline.batch.workers.pool import Worker
from pipeline.batch.workers.worker import THREAD_WORDS, WAITING, work_on
from pipeline.errors import CleancastError
from pipeline.settings import Settings

CORES_EACH = 2  # per episode: a third and fourth core add little to batched decoding
RETRIES = 5  # times an episode outlives the machine it was on
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class RayWorker:
    """An actor, the job it has, and where its outcome will be."""

    actor: Any
    up: Any  # resolves when the actor has a machine to run on
    job: Job | None = None
    since: float = 0.0
    outcome: Any = None

    def give(self, job: Job) -> None:
        self.job, self.since = job, monotonic()
        self.outcome = self.actor.work.remote(replace(job, path=_whole(job.path), folder=_whole(job.folder)))

    def prepare(self, job: Job) -> None:
        """Nothing: which machine the next job comes to is not known yet."""


class RayPool:
    """Actors of a cluster: as many as its cores (or GPUs) carry now, whatever machines come and go."""

    def __init__(self, settings: Settings, *, most: int) -> None:
        ray = _ray()
        self.ray, self.most = ray, most
        self.retries, self.retries_alone = RETRIES, False
        self.wanted = settings.jobs
        self.settings = replace(
            settings,
            out=Path(_whole(settings.out)),
            scripted=Path(_whole(settings.scripted)) if settings.scripted else None,
        )
        self.on_gpu = settings.device.startswith("cuda")
        if not ray.is_initialized():
            stop = signal.getsignal(signal.SIGTERM)
            _connect(ray, settings.on)
            signal.signal(signal.SIGTERM, stop)  # Ray installs its own handler, which ends without a message
        self.workers: list[RayWorker] = []
        self.starting: list[RayWorker] = []

    @property
    def size(self) -> int:
        """How many actors the cluster carries now."""
        have = self.ray.cluster_resources()
        each = 1 if have.get("CPU", 1) < CORES_EACH else CORES_EACH
        carried = have.get("GPU", 0) if self.on_gpu else have.get("CPU", 1) // each
        return int(max(1, min(self.wanted or carried, self.most)))

    @property
    def busy(self) -> list[RayWorker]:
        return [worker for worker in self.workers if worker.job is not None]

    def idle(self) -> RayWorker | None:
        self._welcome()
        if len(self.workers) + len(self.starting) < self.size:
            self._start()
        return next((worker for worker in self.workers if worker.job is None), None)

    def _welcome(self) -> None:
        """Count those in that have a machine now; one that waits for a lost machine would never start."""
        for worker in list(self.starting):
            ready, _ = self.ray.wait([worker.up], timeout=0)
            try:
                if ready:
                    self.ray.get(ready[0])
                    self.workers.append(worker)
                elif len(self.workers) + len(self.starting) <= self.size:
                    continue
                else:
                    self._end(worker)
            except self.ray.exceptions.RayError:
                self._end(worker)
            self.starting.remove(worker)

    def events(self, timeout_s: float) -> list[tuple[Worker, tuple[Any, ...] | None]]:
        waiting = {worker.outcome: worker for worker in self.busy}
        found: list[tuple[Worker, tuple[Any, ...] | None]] = []
        ready, _ = self.ray.wait(list(waiting), num_returns=len(waiting), timeout=timeout_s)
        for outcome in ready:
            worker = waiting[outcome]
            job = worker.job
            try:
                done: Outcome = self.ray.get(outcome)
            except self.ray.exceptions.RayError:
                self.drop(worker)
                found.append((worker, None))
                continue
            if job:
                here = str(Path(job.folder).with_name(Path(done.folder).name)) if done.folder else ""
                found.append((worker, ("done", job.number, replace(done, folder=here))))
        return found

    def cpu_s(self, worker: Worker) -> float | None:
        """Not known: it works on another machine."""
        return None

    def drop(self, worker: Worker) -> None:
        for mine in [mine for mine in self.workers if mine is worker]:
            self._end(mine)
            self.workers.remove(mine)

    def stop(self) -> None:
        for worker in [*self.workers, *self.starting]:
            self._end(worker)
        self.workers, self.starting = [], []

    def _end(self, worker: RayWorker) -> None:
        with suppress(Exception):  # it is on a machine that may be gone
            self.ray.kill(worker.actor)

    def _start(self) -> None:
        have = self.ray.cluster_resources()
        cores = CORES_EACH if have.get("CPU", 1) >= CORES_EACH and not self.wanted else 1
        words = {**WAITING, **{word: str(cores) for word in THREAD_WORDS}}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        actor = self.ray.remote(EpisodeActor).options(
            num_cpus=cores,
            num_gpus=1 if self.on_gpu else 0,
            max_restarts=0,  # the batch itself decides what is tried again
            runtime_env={"env_vars": {**words, "PYTHONPATH": path, "PYANNOTE_METRICS_ENABLED": "0"}},
        )
        started = actor.remote(self.settings)
        self.starting.append(RayWorker(started, started.up.remote()))


class EpisodeActor:
    """One process of the cluster; its networks are loaded for the first episode and kept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def up(self) -> bool:
        return True

    def work(self, job: Job) -> Outcome:
        return work_on(job, self.settings, Quiet())


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing here phones home
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        reason = "Ray is not installed; in the project folder, run: .venv/bin/pip install -e '.[ray]'"
        raise CleancastError(reason) from None
    return ray


def _connect(ray: Any, on: str) -> None:
    """Join the cluster that is named, or the one this machine belongs to, or start one of this machine alone."""
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    address = on if on.startswith("ray://") else os.environ.get("RAY_ADDRESS")
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init(include_dashboard=False, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0][:200]
        raise CleancastError(f"the Ray cluster {address or 'of this machine'} cannot be reached ({reason})") from None


def _whole(path: str | Path) -> str:
    return str(Path(path).resolve())
