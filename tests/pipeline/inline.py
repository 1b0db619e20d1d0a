"""A batch without worker processes: what follows an episode is tested without the seconds that each process takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.batch.jobs import Outcome
from pipeline.batch.prepare import Preparer
from pipeline.batch.progress import Quiet
from pipeline.batch.rounds import Many
from pipeline.batch.sources import Recording
from pipeline.batch.workers.worker import work_on
from pipeline.errors import CleancastError
from pipeline.feeds.download import Net


def work_here(many: Many, recordings: Sequence[Recording], net: Net) -> tuple[Outcome, ...]:
    """What a batch does, in this process: the episodes one after the other."""
    prepare, outcomes = Preparer(many.settings, replace(net, sleep=lambda _s: None)), []
    for number, recording in enumerate(recordings):
        try:
            outcomes.append(work_on(prepare(recording, number), many.settings, Quiet()))
        except CleancastError as error:
            outcomes.append(Outcome(number, recording.place, "failed", reason=str(error)))
        if not outcomes[-1].failed:
            print(outcomes[-1].folder)
    return tuple(outcomes)


@pytest.fixture
def in_process(monkeypatch) -> None:
    """Episodes are worked on here, one after the other."""
    monkeypatch.setattr(Many, "_batch", work_here)
