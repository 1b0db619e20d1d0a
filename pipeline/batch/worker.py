"""One episode at a time in a process of its own: networks loaded once, killed at any moment without harm.

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
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from pipeline.cache import EpisodeFolder, FolderBusy
from pipeline.errors import CleancastError
from pipeline.formats.captions.cues import Cue
from pipeline.formats.feeds.feed import Feed, Item
from pipeline.ports import Progress, silent
from pipeline.result import Episode
from pipeline.timeline import Waveform

if TYPE_CHECKING:
    from pipeline.batch.progress import Reporter
    from pipeline.commands import Options
    from pipeline.run import Run

Status = Literal["done", "reused", "held", "failed", "busy"]
BETWEEN_S = 0.2  # seconds between two reports of a stage's progress
THREAD_WORDS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Job:
    """An episode that is ready to be worked on: on this disk, looked at, with a folder of its own."""

    number: int
    episode: Episode
    path: str
    folder: str
    place: str
    item: Item | None = None
    feed: Feed | None = None
    published: tuple[Cue, ...] = ()  # the publisher's own transcript
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one recording ended: its folder, or the reason in a sentence and the command that tries again.

    ``held``: done, but some stretches were left in for a person to decide. ``took_s`` is not part of any output.
    """

    number: int
    place: str
    status: Status
    title: str = ""
    show: str = ""
    folder: str = ""
    reason: str = ""
    retry: str = ""
    audio_s: float = 0.0
    took_s: float = 0.0
    remarks: tuple[str, ...] = ()
    agreement: float | None = None  # share of the publisher's words that were heard otherwise

    @property
    def failed(self) -> bool:
        return self.status == "failed"


def work_on(job: Job, options: Options, reporter: Reporter, ahead: Ahead | None = None) -> Outcome:
    """The outcome of one episode; whatever goes wrong with it stays with it."""
    from pipeline.commands import remarks_on
    from pipeline.feeds.items import note_item
    from pipeline.library.recall import note_run
    from pipeline.run import Run, run_episode
    from pipeline.wiring import check_language
    from pipeline.words.published import told_of

    outcome = Outcome(
        job.number, job.place, "failed", job.episode.title, job.episode.show, audio_s=job.episode.duration
    )
    counted = _Counted(reporter)
    folder = EpisodeFolder(Path(job.folder))
    began = monotonic()
    try:
        if options.language and not options.scripted:
            check_language(options.language)
        run = Run(job.episode, Path(job.path), folder, options.tools(), options.settings, counted, job.published)
        if ahead:
            ahead.hand_over(job, run)
        result = run_episode(run)
        note_run(folder, job.episode, Path(job.path), options)
        if job.item and job.feed:
            note_item(folder, job.item, job.feed)
        held = [ad for ad in result.ads if ad.verdict == "hold"]
        status: Status = "held" if held else "done" if counted.stages else "reused"
        remarks = (*job.remarks, *remarks_on(result), *map(told_of, run.compared))
        agreement = next((round(found.rate, 4) for found in run.compared if found.agrees), None)
        outcome = replace(outcome, status=status, folder=job.folder, remarks=remarks, agreement=agreement)
    except FolderBusy:
        outcome = replace(outcome, status="busy")
    except CleancastError as error:
        outcome = replace(outcome, reason=str(error))
    except MemoryError:
        reason = f"{job.path}: memory ran out; close other programs, or choose fewer --jobs or a smaller --model"
        outcome = replace(outcome, reason=reason)
    except Exception as error:
        reason = f"{job.path}: internal error ({type(error).__name__}: {error}); run it with --debug and report it"
        outcome = replace(outcome, reason=reason)
        if options.debug:
            traceback.print_exc()
    return replace(outcome, took_s=round(monotonic() - began, 2))


class Ahead:
    """The next episode's sound, decoded while the networks work on this one; at most one is held in memory."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.thread = ThreadPoolExecutor(1)
        self.number: int | None = None
        self.found: Future[tuple[Waveform, list[str]]] | None = None

    def begin(self, job: Job) -> None:
        stages = EpisodeFolder(Path(job.folder)).stages
        if (stages / "transcribe.json").exists() or self.number == job.number:
            return  # probably reused: its sound may never be asked for
        self.number, self.found = job.number, self.thread.submit(self._decode, job)

    def _decode(self, job: Job) -> tuple[Waveform, list[str]]:
        losses: list[str] = []
        return self.options.tools().decode()(Path(job.path), progress=silent, warn=losses.append), losses

    def hand_over(self, job: Job, run: Run) -> None:
        """Give a run its sound if it is this one's; what fails here fails again where it is reported."""
        found, number = self.found, self.number
        self.found, self.number = None, None
        if found and number == job.number:
            with suppress(CleancastError, MemoryError, OSError):
                wave, losses = found.result()
                run.heard.append(wave)
                run.losses.extend(losses)


class _Counted:
    """A reporter that also counts the stages that ran: none means that all was reused."""

    def __init__(self, inner: Reporter) -> None:
        self.inner, self.stages = inner, 0

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        self.stages += 1
        with self.inner.stage(name) as progress:
            yield progress

    def say(self, text: str) -> None:
        self.inner.say(text)


class _Wire:
    """A reporter at the worker's end of the pipe."""

    def __init__(self, pipe: Connection, number: int) -> None:
        self.pipe, self.number = pipe, number
        self.last = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        self.pipe.send(("stage", self.number, name, 0.0))

        def progress(share: float) -> None:
            if monotonic() - self.last >= BETWEEN_S:
                self.last = monotonic()
                self.pipe.send(("stage", self.number, name, share))

        yield progress

    def say(self, text: str) -> None:
        self.pipe.send(("say", self.number, text))


def serve(pipe: Connection, options: Options, threads: int) -> None:
    """The life of a worker process: jobs come in, reports and outcomes go out, and it ends with its parent."""
    with suppress(OSError):
        os.setsid()  # Ctrl-C reaches the parent alone, and ffmpeg ends together with this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(2, 1)  # stdout is the parent's data
    for word in THREAD_WORDS:
        os.environ[word] = str(threads)
    orders: SimpleQueue[Any] = SimpleQueue()
    ahead = Ahead(options)

    def listen() -> None:
        try:
            while True:
                kind, job = pipe.recv()
                if kind == "ahead":
                    ahead.begin(job)
                else:
                    orders.put(job)
        except (EOFError, OSError):
            _end_all()  # the parent is gone: so are we, in the middle of whatever it is

    threading.Thread(target=listen, daemon=True).start()
    while (job := orders.get()) is not None:
        outcome = work_on(job, options, _Wire(pipe, job.number), ahead)
        pipe.send(("done", job.number, outcome))
    os._exit(0)


def _end_all() -> None:
    """End this process and what it started."""
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
