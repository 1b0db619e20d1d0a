"""One episode at a time in a process of its own: networks are loaded once, and it can be killed at any moment.

A process is what can be stopped at once, survives another's crash, and runs out of memory alone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any

from pipeline.batch.jobs import Job, Outcome
from pipeline.cache import EpisodeFolder, FolderBusy
from pipeline.children import end_session
from pipeline.errors import AudioError, CleancastError, sentence_of
from pipeline.feeds.intact import note_made
from pipeline.feeds.items import note_item
from pipeline.feeds.retries import is_part
from pipeline.formats.pages.remarks import remarks_on
from pipeline.library.make_again import run_where_free
from pipeline.library.recall import note_run
from pipeline.ports import Progress, Reporter, silent
from pipeline.recording import Recording, Sound, decode
from pipeline.result import Result
from pipeline.run import MAKING, Run, finding
from pipeline.settings import Settings
from pipeline.walk import code_key
from pipeline.wiring import check_language, tools_for
from pipeline.words.published import told_of

BETWEEN_S = 0.2  # seconds between two reports of a stage's progress
SWITCH_S = 0.0005
"""How long a thread waits for another that runs Python, at most. A network asks for its turn after every operation,
and what is loaded beside it is imported in Python: with the usual 5 ms a minute's transcription took 13.9 and 11.9 s,
with this 11.6 and 9.3, the networks being loaded beside it on a busy machine."""
THREAD_WORDS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads of one operation sleep while they wait for each other. Little is divided so, the loading of networks, but by
spinning they took a twelfth of the CPU seconds of a one-minute recording."""


def work_on(job: Job, settings: Settings, reporter: Reporter, ahead: Ahead | None = None) -> Outcome:
    """The outcome of one episode; whatever goes wrong with it stays with it. ``settings``: where a job has none."""
    settings = job.settings or settings
    about = job.episode
    failed = Outcome(job.number, job.place, "failed", about.title, about.show, audio_s=about.duration)
    began = monotonic()
    try:
        outcome = _finished(job, settings, reporter, ahead, failed)
    except FolderBusy:
        outcome = replace(failed, status="busy")
    except AudioError as error:
        outcome = replace(failed, reason=str(error))
        if job.downloaded:  # the next try asks for it again
            Path(job.path).unlink(missing_ok=True)
    except Exception as error:
        told = sentence_of(error)
        outcome = replace(failed, reason=told if isinstance(error, CleancastError) else f"{job.path}: {told}")
        if settings.debug and not isinstance(error, CleancastError):
            traceback.print_exc()
    return replace(outcome, took_s=round(monotonic() - began, 2))


def _finished(job: Job, settings: Settings, reporter: Reporter, ahead: Ahead | None, outcome: Outcome) -> Outcome:
    """The outcome of an episode that nothing went wrong with."""
    if settings.language and not settings.scripted:
        check_language(settings.language)
    sound = ahead.sound_of(job) if ahead else None
    tools = tools_for(settings)
    folder = EpisodeFolder(Path(job.folder))
    run = Run(job.episode, Path(job.path), folder, tools, settings, reporter, job.published, sound)
    run, finished = run_where_free(run, partial(_note, job, settings))
    folder = run.folder
    lacking = (*job.lacking, *(("recording",) if job.downloaded and _is_part(job, finished.result) else ()))
    compared, held = finished.compared, any(ad.verdict == "hold" for ad in finished.result.ads)
    told = (told_of(compared),) if job.published else ()
    return replace(
        outcome,
        status="held" if held else "done" if finished.made else "reused",
        folder=str(folder.path),
        remarks=remarks_on(finished.result),
        publishers=(*job.remarks, *told),
        lacking=lacking,
        agreement=round(compared.rate, 4) if compared.agrees else None,
    )


def _note(job: Job, settings: Settings, folder: EpisodeFolder) -> None:
    """Write down how the episode was run, whose it is, and what it is made of."""
    note_run(folder, job.episode, Path(job.path), settings)
    if job.item and job.feed:
        note_item(folder, job.item, job.feed)
    note_made(folder)


def _is_part(job: Job, result: Result) -> bool:
    """Whether what was downloaded looks like a part of the recording that the feed offers."""
    if job.item is None:
        return False
    file = Path(job.path)
    size = file.stat().st_size if file.is_file() else job.item.enclosure.length
    return is_part(job.item, size=size, claimed=job.episode.duration, decoded=result.cuts.duration)


class Ahead:
    """The next episode's sound, decoded while the networks work on this one; at most one is held in memory."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.thread = ThreadPoolExecutor(1)
        self.number: int | None = None
        self.found: Future[Sound] | None = None

    def begin(self, job: Job) -> None:
        stages = EpisodeFolder(Path(job.folder)).stages
        if (stages / "transcribe.json").exists() or self.number == job.number:
            return  # probably reused: its sound may never be asked for
        recording = Recording(Path(job.path), job.episode.sha256)
        decoder = tools_for(self.settings).decode
        self.number, self.found = job.number, self.thread.submit(lambda: decode(recording, decoder(), silent))

    def sound_of(self, job: Job) -> Sound | None:
        """The sound of a job, if it is the one that was decoded; what fails here fails again where it is reported."""
        found, number = self.found, self.number
        self.found, self.number = None, None
        if found and number == job.number:
            with suppress(CleancastError, MemoryError, OSError):
                return found.result()
        return None


class _Wire:
    """A reporter at the worker's end of the pipe, for any thread."""

    def __init__(self, pipe: Connection, number: int) -> None:
        self.pipe, self.number = pipe, number
        self.last = 0.0
        self.lock = threading.Lock()

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        self._send("stage", name, 0.0)

        def progress(share: float) -> None:
            if monotonic() - self.last >= BETWEEN_S:
                self.last = monotonic()
                self._send("stage", name, share)

        yield progress

    def say(self, text: str) -> None:
        self._send("say", text)

    def _send(self, kind: str, *told: object) -> None:
        with self.lock:
            self.pipe.send((kind, self.number, *told))


def serve(pipe: Connection, settings: Settings, threads: int) -> None:
    """The life of a worker process: jobs come in, reports and outcomes go out, and it ends with its parent."""
    with suppress(OSError):
        os.setsid()  # Ctrl-C reaches the parent alone, and what is started here can be ended with this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(2, 1)  # stdout is the parent's data
    for word in THREAD_WORDS:
        os.environ[word] = str(threads)
    os.environ.update(WAITING)
    sys.setswitchinterval(SWITCH_S)
    orders: SimpleQueue[Any] = SimpleQueue()
    ahead = Ahead(settings)

    def listen() -> None:
        try:
            while True:
                kind, job = pipe.recv()
                if kind == "ahead":
                    ahead.begin(job)
                else:
                    orders.put(job)
        except (EOFError, OSError):
            _end_all()  # the parent is gone: end at once

    threading.Thread(target=listen, daemon=True).start()
    _prepare(settings)
    while (job := orders.get()) is not None:
        outcome = work_on(job, settings, _Wire(pipe, job.number), ahead)
        pipe.send(("done", job.number, outcome))
    os._exit(0)


def _prepare(settings: Settings) -> None:
    """Work out what decides the outcome of every stage while the first episode is still examined by the parent."""
    with suppress(Exception):  # what fails here fails again, and is reported, with the episode
        tools_for(settings)
        for stage in (*finding(settings), *MAKING):
            code_key(stage.function)


def _end_all() -> None:
    """End this process and what it started."""
    end_session(os.getpid())
    os._exit(1)
