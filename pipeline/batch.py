"""Many episodes, one after another: a bad one never stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipeline.errors import CleancastError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one recording of a batch ended: its output folder, or the reason in a sentence."""

    source: str
    folder: Path | None = None
    reason: str = ""

    @property
    def failed(self) -> bool:
        return self.folder is None


def run_batch(sources: Iterable[Path | str], work: Callable[[Path | str], Path]) -> tuple[Outcome, ...]:
    """The outcome of each source; ``work`` returns the episode's folder or raises CleancastError."""
    outcomes = []
    for source in sources:
        try:
            outcomes.append(Outcome(str(source), folder=work(source)))
        except CleancastError as error:
            outcomes.append(Outcome(str(source), reason=str(error)))
    return tuple(outcomes)
