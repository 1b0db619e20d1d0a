"""A table of stages, and the walk down it: what each stage makes, from what, and whether finished work can be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import pairwise
from threading import Event, RLock, Thread
from time import monotonic
from typing import Any

from pipeline.cache import EpisodeFolder, digest_of
from pipeline.ports import Reporter, Tool
from pipeline.provenance import provenance
from pipeline.recording import SoundFile

PROGRESS = "progress"
"""An input of stages that take long: the callback that shows how much of them is done."""
MOST_BESIDE = 2
"""Stages that are made beside the walk at once."""


def always(_outcome: Any) -> bool:
    """Whether an outcome is good for later runs: it is."""
    return True


@dataclass(frozen=True, slots=True)
class Stage:
    """One row: ``name`` for people and files, what it ``makes``, from which inputs, by which function.

    ``inputs`` are the names of the function's parameters. ``kept``: the type in which the outcome is stored; None
    where it is made each time. ``lazy``: made only when a later stage asks for it, and let go of after the last that
    does. ``beside``: made in a thread of its own while the walk goes on, until a stage asks for it; for work on one
    core that shows no progress. ``when``: inputs that must all be there (true) for the stage to be needed; without them
    it makes ``otherwise``. ``good``: whether an outcome may be used by later runs.
    """

    name: str
    makes: str
    inputs: str
    function: Callable[..., Any]
    kept: Any = None
    lazy: bool = False
    beside: bool = False
    when: str = ""
    otherwise: Any = None
    good: Callable[[Any], bool] = always


@dataclass(frozen=True, slots=True)
class Value:
    """What an input or an outcome holds: ``digest`` stands for it in the keys of later stages, ``get`` gives it."""

    digest: str
    get: Callable[[], Any]


def constant(value: Any) -> Value:
    """A value that is there already."""
    return Value(digest_of(value), partial(_same, value))


def walk(
    stages: Sequence[Stage],
    given: Mapping[str, Value],
    *,
    folder: EpisodeFolder,
    reporter: Reporter,
    load_after: tuple[str, ...] = (),
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """What every stage made, in the order of the table, and the names of the kept stages that were not reused.

    An outcome that is ``given`` under the name of what a stage makes takes the stage's place. ``load_after``: stages
    that must be through before tools of those after them are loaded; without any they are loaded from the beginning.
    """
    ahead, asked = _LoadingAhead(stages, given, load_after), Counter(n for s in stages for n in s.inputs.split())
    with ahead, _Walk(dict(given), folder, reporter, ahead, asked) as walked:
        for stage in stages:
            walked.take(stage)
        values = {name: walked.value(name) for name in (*given, *(stage.makes for stage in stages))}
        return values, tuple(stage.name for stage in stages if stage.name in walked.fresh)


@dataclass
class _Walk:
    """What has been made so far; an outcome that is still being made beside the walk is a future."""

    values: dict[str, Value | Future[Value]]
    folder: EpisodeFolder
    reporter: Reporter
    ahead: _LoadingAhead
    asked: Counter[str]
    """How many stages that are not through yet ask for an outcome."""
    once: dict[str, _Once] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    fresh: set[str] = field(default_factory=set)
    beside: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(MOST_BESIDE, "beside"))

    def __enter__(self) -> _Walk:
        return self

    def __exit__(self, *_error: object) -> None:
        self.beside.shutdown(cancel_futures=True)

    def value(self, name: str) -> Value:
        """A value by its name, once it is there. Raises what went wrong where it was made."""
        found = self.values[name]
        if isinstance(found, Future):
            found = self.values[name] = found.result()
        return found

    def take(self, stage: Stage) -> None:
        """Make what a stage makes, or begin to."""
        if all(self.value(name).get() for name in stage.when.split()):
            needed = {name: self.value(name) for name in stage.inputs.split() if name != PROGRESS}
            make = partial(self._make, stage, needed, early=self.values.get(stage.makes))
            self.values[stage.makes] = self.beside.submit(make) if stage.beside else make()
        else:
            self.values[stage.makes] = constant(stage.otherwise)
            self._let_go(stage)
        self.ahead.pass_by(stage)

    def _make(self, stage: Stage, needed: Mapping[str, Value], early: Value | Future[Value] | None) -> Value:
        key = [code_key(stage.function), {name: value.digest for name, value in needed.items()}]
        compute = partial(_compute, stage, needed, self.folder, self.reporter, self.ahead)
        if stage.lazy:
            if isinstance(early, Value):
                return Value(digest_of(key), early.get)
            self.once[stage.makes] = _Once(compute)
            return Value(digest_of(key), self.once[stage.makes].get)
        if stage.kept is None:
            value, reused = constant(compute()), True
        else:
            value, reused = _kept(stage, key, compute, self.folder)
        self._let_go(stage)
        if not reused:
            self.fresh.add(stage.name)
        return value

    def _let_go(self, stage: Stage) -> None:
        """Let go of the lazy outcomes for which no stage after this one asks: hours of sound, before notes are made."""
        with self.lock:
            self.asked.subtract(stage.inputs.split())
        for name in stage.inputs.split():
            if not self.asked[name] and name in self.once:
                self.once[name].found.clear()


class _Once:
    """An outcome that is computed when it is first asked for, whichever thread asks."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self.compute, self.lock = compute, RLock()
        self.found: list[Any] = []

    def get(self) -> Any:
        with self.lock:
            if not self.found:
                self.found.append(self.compute())
            return self.found[0]


def stored(
    finished: Sequence[Stage], stages: Sequence[Stage], given: Mapping[str, Value], *, folder: EpisodeFolder
) -> dict[str, Value] | None:
    """What later ``stages`` need of an earlier walk down ``finished``, as it lies in the folder, whatever made it.

    None where something of it is not there.
    """
    wanted = [stage for stage in stages if all(given[name].get() for name in stage.when.split() if name in given)]
    needed = {name for stage in wanted for name in (*stage.inputs.split(), *stage.when.split())}
    values = dict(given)
    for stage in finished:
        if stage.makes not in needed:
            continue
        if not all(values[name].get() for name in stage.when.split()):
            values[stage.makes] = constant(stage.otherwise)
            continue
        try:
            outcome = folder.load(stage.name, stage.kept)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        values[stage.makes] = Value(outcome.digest, partial(_same, outcome.value))
    return values


@cache
def code_key(function: Callable[..., Any]) -> str:
    """What stands for a stage's function in its key: its code and what that depends on."""
    return provenance(f"{function.__module__}:{function.__qualname__}")


class _LoadingAhead:
    """Tools of later stages, loaded one after the other in a thread of its own while the first stage is at work.

    Where every stage is reused nothing is loaded.
    """

    def __init__(self, stages: Sequence[Stage], given: Mapping[str, Value], load_after: tuple[str, ...]) -> None:
        self.stages, self.given = stages, given
        self.passed = {name: Event() for name in load_after}
        self.thread: Thread | None = None
        self.stopped = False

    def __enter__(self) -> _LoadingAhead:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopped = True
        for passed in self.passed.values():
            passed.set()
        if self.thread:
            self.thread.join()

    def begin(self, stage: Stage) -> None:
        """Load what the stages after this one need; the first call counts."""
        if self.thread is None:
            first = self.stages.index(stage)
            self.thread = Thread(target=self._load, args=(first,), name="loading", daemon=True)
            self.thread.start()

    def pass_by(self, stage: Stage) -> None:
        """Told of every stage that is through."""
        if stage.name in self.passed:
            self.passed[stage.name].set()

    def _load(self, first: int) -> None:
        for before, stage in pairwise(self.stages[first:]):
            if before.name in self.passed:
                self.passed[before.name].wait()
            if not all(self.given[name].get() for name in stage.when.split() if name in self.given):
                continue
            for name in stage.inputs.split():
                tool = self.given[name].get if name in self.given else None
                if isinstance(tool, Tool) and not self.stopped:
                    tool.load_ahead()


def _compute(
    stage: Stage, needed: Mapping[str, Value], folder: EpisodeFolder, reporter: Reporter, ahead: _LoadingAhead
) -> Any:
    arguments = {name: value.get() for name, value in needed.items()}
    if not stage.beside:
        ahead.begin(stage)
    if PROGRESS not in stage.inputs.split():
        return stage.function(**arguments)
    with _timed(stage.name, folder), reporter.stage(stage.name) as progress:
        return stage.function(**arguments, progress=progress)


@contextmanager
def _timed(name: str, folder: EpisodeFolder) -> Iterator[None]:
    began = monotonic()
    yield
    folder.note_time(name, monotonic() - began)


def _kept(stage: Stage, key: object, compute: Callable[[], Any], folder: EpisodeFolder) -> tuple[Value, bool]:
    """The outcome of a stage from its file, or made and written there; a sound file only while it is as written."""
    found = folder.stage(stage.name, stage.kept, key, compute)
    if found.reused and isinstance(found.value, SoundFile) and not found.value.is_in(folder.path):
        folder.forget(stage.name)
        found = folder.stage(stage.name, stage.kept, key, compute)
    if not stage.good(found.value):
        folder.forget(stage.name)
    return Value(found.digest, partial(_same, found.value)), found.reused


def _same(value: Any) -> Any:
    return value
