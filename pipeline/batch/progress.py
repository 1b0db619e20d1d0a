"""What a user sees while work is under way: a bar with the time left on a terminal, plain lines in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichBar

from pipeline.messages import note
from pipeline.ports import Progress, Reporter

# The share of the whole that each stage takes on two cores (seed episode); only the time left depends on it.
SHARES = {"decode": 0.02, "diarize": 0.38, "transcribe": 0.5, "ads": 0.05, "notes": 0.03, "clean": 0.02}


class Quiet:
    """A reporter that shows nothing."""

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        yield lambda share: None

    def say(self, text: str) -> None:
        pass


class Lines:
    """One line as each stage ends: for pipes and log files."""

    def __init__(self, console: Console, title: str) -> None:
        self.console, self.title = console, title

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        began = monotonic()
        yield lambda share: None
        if (took := monotonic() - began) >= 0.5:  # a reused stage is not reported
            self.say(f"{self.title}: {name} took {took:.0f} s")

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


class Bar:
    """One bar over all stages of an episode, with the time left."""

    def __init__(self, console: Console, title: str, shares: Mapping[str, float]) -> None:
        self.console, self.shares = console, shares
        self.bar = RichBar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self.title = title
        self.done = 0.0
        self.task = self.bar.add_task(title, total=1.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        share = self.shares.get(name, 0.0)
        self.bar.update(self.task, description=f"{self.title[:40]}: {name}")
        yield lambda part: self.bar.update(self.task, completed=self.done + share * min(1.0, part))
        self.done += share
        self.bar.update(self.task, completed=self.done)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)
        note(text)


@contextmanager
def reporting(title: str, **shares: float) -> Iterator[Reporter]:
    """The reporter that suits where stderr goes; ``shares``: what part of the whole each stage is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(console, title)
        return
    bar = Bar(console, title, shares or SHARES)
    with bar.bar:
        yield bar
