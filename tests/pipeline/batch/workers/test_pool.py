"""A worker that is started ahead is the first pool's, or ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.batch.workers import pool
from pipeline.batch.workers.pool import LocalPool, worker_ahead
from pipeline.settings import Settings

SETTINGS = Settings(out=Path("out"))


@dataclass
class Started:
    """Stands for a worker process, with what it was started with."""

    settings: Settings
    threads: int
    job: None = None
    ended: bool = False

    def kill(self) -> None:
        self.ended = True


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    found: list[Started] = []

    def start(settings: Settings, threads: int) -> Started:
        found.append(Started(settings, threads))
        return found[-1]

    monkeypatch.setattr(pool, "_start_worker", start)
    return found


def test_the_first_pool_takes_the_worker_that_was_started_ahead(started: list[Started]) -> None:
    with worker_ahead(SETTINGS):
        assert LocalPool(1, SETTINGS).idle() is started[0]
        assert LocalPool(1, SETTINGS).idle() is started[1]
    assert not started[0].ended


def test_a_pool_of_another_kind_leaves_it_and_it_ends(started: list[Started]) -> None:
    with worker_ahead(SETTINGS):
        assert LocalPool(1, replace(SETTINGS, ads="keep")).idle() is started[1]
    assert [each.ended for each in started] == [True, False]


def test_none_is_started_ahead_for_several_or_for_other_machines(started: list[Started]) -> None:
    for settings in (replace(SETTINGS, jobs=2), replace(SETTINGS, on="ray")):
        with worker_ahead(settings):
            pass
    assert not started


def test_it_ends_where_the_run_fails(started: list[Started]) -> None:
    with pytest.raises(ZeroDivisionError), worker_ahead(SETTINGS):
        raise ZeroDivisionError
    assert started[0].ended
