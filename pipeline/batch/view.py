"""What a batch shows while it runs, and the table at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from pipeline.batch.jobs import Job, Outcome
from pipeline.batch.progress import SHARES
from pipeline.formats.pages.remarks import counted
from pipeline.messages import note


class View(Protocol):
    def fetching(self, number: int, name: str, share: float) -> None: ...
    def prepared(self, job: Job) -> None: ...
    def started(self, job: Job) -> None: ...
    def waiting(self, job: Job) -> None: ...
    def stage(self, job: Job, name: str, share: float) -> None: ...
    def finished(self, outcome: Outcome, count: int) -> None: ...
    def say(self, text: str) -> None: ...
    def data(self, text: str, stream: TextIO) -> None: ...
    def close(self) -> None: ...


class Pace:
    """How much of a batch is done, and how long the rest takes, from the sound that is known so far."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.began = monotonic()
        self.sound_s: dict[int, float] = {}
        self.shares: dict[int, float] = {}

    def share(self) -> float:
        """The finished part of all sound; what is not known yet counts as the mean of what is."""
        if not self.total:
            return 1.0
        if not self.sound_s:
            return len(self.shares) / self.total
        mean = sum(self.sound_s.values()) / len(self.sound_s)
        done = sum(part * self.sound_s.get(number, mean) for number, part in self.shares.items())
        return done / (sum(self.sound_s.values()) + mean * (self.total - len(self.sound_s)) or 1.0)

    def leave_out(self, number: int) -> None:
        """A recording that was done before, or has failed, says nothing of how long the others take."""
        self.sound_s.pop(number, None)
        self.shares.pop(number, None)
        self.total -= 1

    def left_s(self) -> float | None:
        """Seconds left at the pace so far; None while nothing can be said."""
        share, took = self.share(), monotonic() - self.began
        return took * (1 - share) / share if share > 0.02 and took > 2 else None

    def speed(self) -> float:
        """Seconds of sound per second, over all that was worked on."""
        processed = sum(self.sound_s.get(number, 0.0) * part for number, part in self.shares.items())
        return processed / max(0.001, monotonic() - self.began)

    def text(self) -> str:
        left = self.left_s()
        return f"{self.speed():.1f}x{f', {span_text(left)} left' if left is not None else ''}"


def span_text(seconds: float) -> str:
    """A duration in words.

    >>> [span_text(s) for s in (12.3, 200.0, 7300.0)]
    ['12 s', '3 min', '2 h 2 min']
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


class LineView:
    """A line as each episode ends: for pipes and log files."""

    def __init__(self, console: Console, total: int) -> None:
        self.console, self.total, self.pace = console, total, Pace(total)
        self.told_to_wait: set[int] = set()

    def fetching(self, number: int, name: str, share: float) -> None:
        pass

    def prepared(self, job: Job) -> None:
        self.pace.sound_s[job.number] = job.episode.duration

    def started(self, job: Job) -> None:
        pass

    def waiting(self, job: Job) -> None:
        if job.number not in self.told_to_wait:
            self.told_to_wait.add(job.number)
            self.say(f"{job.episode.title}: another run is using its folder; waiting for it")

    def stage(self, job: Job, name: str, share: float) -> None:
        pass

    def finished(self, outcome: Outcome, count: int) -> None:
        if outcome.status in ("done", "held"):
            self.pace.shares[outcome.number] = 1.0
        else:
            self.pace.leave_out(outcome.number)
        left = self.pace.left_s() if count < self.total else None
        tail = f"; about {span_text(left)} left" if left is not None else ""
        if self.total > 1:
            self.say(f"[{count}/{self.total}] {told(outcome)}{tail}")

    def say(self, text: str) -> None:
        self.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def data(self, text: str, stream: TextIO) -> None:
        """Print a line of data to stdout, which may be the same terminal."""
        print(text, file=stream, flush=True)

    def close(self) -> None:
        pass


class StageView(LineView):
    """Also a line as each stage begins."""

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console, total)
        self.stages: dict[int, str] = {}

    def started(self, job: Job) -> None:
        self.say(f"{job.episode.title}: started")

    def stage(self, job: Job, name: str, share: float) -> None:
        if self.stages.get(job.number) != name:
            self.stages[job.number] = name
            self.say(f"{job.episode.title}: {name}")


class BarView(LineView):
    """Bars on a terminal: one for the whole, one for each episode under way with its stage."""

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console, total)
        self.bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
            transient=True,
            redirect_stdout=False,  # stdout is data, also while a terminal shows the bars
        )
        self.whole = self.bars.add_task(f"0 of {counted(total, 'episode')}", total=1.0, note="")
        self.tasks: dict[int, TaskID] = {}
        self.fetches: dict[int, TaskID] = {}
        self.bars.start()

    def fetching(self, number: int, name: str, share: float) -> None:
        if number not in self.fetches:
            self.fetches[number] = self.bars.add_task(printable(name)[:40], total=1.0, note="download")
        self.bars.update(self.fetches[number], completed=share)

    def prepared(self, job: Job) -> None:
        super().prepared(job)
        if (task := self.fetches.pop(job.number, None)) is not None:
            self.bars.remove_task(task)

    def started(self, job: Job) -> None:
        title = printable(job.episode.title)[:40]
        self.tasks[job.number] = self.bars.add_task(title, total=1.0, note="starting")

    def stage(self, job: Job, name: str, share: float) -> None:
        names = list(SHARES)
        before = sum(SHARES[n] for n in names[: names.index(name)]) if name in SHARES else 0.0
        part = min(0.999, before + SHARES.get(name, 0.0) * min(1.0, share))
        self.pace.shares[job.number] = max(part, self.pace.shares.get(job.number, 0.0))
        if (task := self.tasks.get(job.number)) is not None:
            self.bars.update(task, completed=self.pace.shares[job.number], note=name)
        self._whole()

    def finished(self, outcome: Outcome, count: int) -> None:
        for tasks in (self.tasks, self.fetches):
            if (task := tasks.pop(outcome.number, None)) is not None:
                self.bars.remove_task(task)
        super().finished(outcome, count)
        self.bars.update(self.whole, description=f"{count} of {counted(self.total, 'episode')}")
        self._whole()

    def say(self, text: str) -> None:
        super().say(text)
        note(printable(text))

    def data(self, text: str, stream: TextIO) -> None:
        """The bars go away while the line is printed: stdout and stderr may be one terminal, with one cursor."""
        self.bars.stop()
        super().data(text, stream)
        self.bars.start()

    def _whole(self) -> None:
        self.bars.update(self.whole, completed=self.pace.share(), note=self.pace.text())

    def close(self) -> None:
        self.bars.stop()


def batch_view(total: int, *, verbose: bool = False) -> View:
    """The view that suits where stderr goes; ``verbose`` says when each stage begins."""
    console = Console(stderr=True)
    if verbose:
        return StageView(console, total)
    return BarView(console, total) if console.is_terminal else LineView(console, total)


def told(outcome: Outcome) -> str:
    """How one episode ended, in a line."""
    name = outcome.title or outcome.place
    if outcome.failed:
        return f"failed: {outcome.reason}"
    if outcome.status == "reused":
        return f"{name}: already done, nothing to do"
    speed = f" ({outcome.audio_s / outcome.took_s:.1f}x)" if outcome.took_s else ""
    held = "; some ads were left in for your review (ads.json)" if outcome.status == "held" else ""
    return f"{name}: done in {span_text(outcome.took_s)}{speed}{held}"


def names_of(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What each recording of a batch is called: its title, or where it lies if another one has that title.

    >>> names_of([Outcome(n, f"{n}.mp3", "done", title) for n, title in enumerate(("Tea", "Milk", "Tea"))])
    ('0.mp3', 'Milk', '2.mp3')
    """
    titles = Counter(outcome.title for outcome in outcomes)
    return tuple(o.title if o.title and titles[o.title] == 1 else o.place for o in outcomes)


def end_table(outcomes: Sequence[Outcome], *, took_s: float) -> str:
    """How each episode ended; for each failure, the reason and the command that tries again."""
    words = {"done": "done", "reused": "reused", "held": "for review", "failed": "FAILED", "busy": "busy"}
    named = zip(outcomes, names_of(outcomes), strict=True)
    rows = [(words[o.status], span_text(o.audio_s), span_text(o.took_s), name) for o, name in named]
    lines = [f"{status:10}  {sound:>10}  {took:>10}  {printable(name)[:70]}" for status, sound, took, name in rows]
    counts = ", ".join(
        f"{count} {word}" for key, word in words.items() if (count := sum(o.status == key for o in outcomes))
    )
    failed = [
        f"failed: {printable(o.title or o.place)}\n  why:   {printable(o.reason)}\n  again: {printable(o.retry)}"
        for o in outcomes
        if o.failed
    ]
    heading = f"{'':10}  {'sound':>10}  {'took':>10}  episode"
    worked_s = sum(o.audio_s for o in outcomes if o.status in ("done", "held"))
    pace = f", {worked_s / took_s:.1f} hours of sound an hour" if worked_s and took_s else ""
    whole = f"{counted(len(outcomes), 'episode')}: {counts}, in {span_text(took_s)}{pace}"
    return "\n".join([heading, *lines, whole, *failed])


def printable(text: str) -> str:
    """Without control characters: titles and file names are untrusted."""
    return "".join(c if c.isprintable() else " " for c in text)
