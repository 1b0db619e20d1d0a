"""Who is told what: a log file that does not grow without end, an address or command for each episode, metrics."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pipeline import children
from pipeline.batch.jobs import Outcome
from pipeline.batch.view import printable
from pipeline.feeds.addresses import shown
from pipeline.feeds.exchange import Exchange, TimeIsUp, within
from pipeline.follow.config import Event, Notify

LOG_BYTES, LOGS_KEPT = 5_000_000, 5
TELLING_S = 30.0  # for an address or a command to take a notice
EVENT_OF: Mapping[str, Event] = {"done": "done", "held": "held", "failed": "failed"}


class Log:
    """What is said goes to stderr, and with the time to a file that is rotated; a file that fails stops nothing."""

    def __init__(self, file: Path | None = None) -> None:
        self.handler: RotatingFileHandler | None = None
        self.file = file

    def __call__(self, text: str) -> None:
        line = printable(text)
        print(line, file=sys.stderr, flush=True)
        with suppress(OSError):
            handler = self._handler()
            if handler:
                handler.emit(logging.LogRecord("cleancast", logging.INFO, "", 0, line, None, None))

    def _handler(self) -> RotatingFileHandler | None:
        if self.handler is None and self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(self.file, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
            formatter = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
            formatter.converter = time.gmtime
            handler.setFormatter(formatter)
            handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk
            self.handler = handler
        return self.handler

    def close(self) -> None:
        if self.handler:
            self.handler.close()
            self.handler = None


def notify(outcome: Outcome, how: Notify, *, say: Callable[[str], None]) -> None:
    """Tell of an episode's end whoever asked for it; who cannot be told is said, and stops nothing."""
    event = EVENT_OF.get(outcome.status)
    if event is None or event not in how.on:
        return
    facts = {
        "event": event,
        "show": outcome.show,
        "title": outcome.title or outcome.place,
        "folder": outcome.folder,
        "reason": outcome.reason,
    }
    if how.webhook and (why := _post(how.webhook, facts)):
        say(f"{shown(how.webhook)} could not be told of “{facts['title']}”: {why}")
    if how.command and (why := _run(how.command, facts)):
        say(f"{how.command[0]} could not be told of “{facts['title']}”: {why}")


def _post(url: str, facts: Mapping[str, str]) -> str:
    """Why an address did not take a notice; empty where it did."""
    import httpx

    def exchanged(exchange: Exchange) -> int:
        with (
            httpx.Client(timeout=TELLING_S, trust_env=False) as client,
            client.stream("POST", url, json=dict(facts), extensions=exchange.extensions) as answer,
        ):
            return answer.status_code

    try:
        status = within(TELLING_S, exchanged)
    except TimeIsUp:
        return f"no answer within {TELLING_S:.0f} s"
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return type(error).__name__
    return "" if status < 300 else f"it answered {status}"


def _run(command: Sequence[str], facts: Mapping[str, str]) -> str:
    """Why a command did not take a notice, which is in its environment; empty where it did."""
    own = {f"CLEANCAST_{name.upper()}": value.replace("\0", "") for name, value in facts.items()}
    quiet = subprocess.DEVNULL
    try:
        process = children.start(command, stdin=quiet, stdout=quiet, stderr=quiet, env={**os.environ, **own})
    except (OSError, ValueError) as error:
        return str(error)
    try:
        process.wait(timeout=TELLING_S)
    except subprocess.TimeoutExpired:
        return f"it ran longer than {TELLING_S:.0f} s and was ended"
    finally:
        children.end(process)
        process.wait()
    return children.fault_of("it", process.returncode)


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure as Prometheus reads it: a value for each set of labels."""

    name: str
    help: str
    values: tuple[tuple[Mapping[str, str], float], ...]


def print_metrics(metrics: Sequence[Metric]) -> str:
    """The text format of Prometheus (version 0.0.4); all are gauges.

    >>> print(print_metrics([Metric("cleancast_disk_free_bytes", "Free.", (({"out": 'a"b'}, 5.0),))]), end="")
    # HELP cleancast_disk_free_bytes Free.
    # TYPE cleancast_disk_free_bytes gauge
    cleancast_disk_free_bytes{out="a\\"b"} 5
    """
    lines = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
        for labels, value in metric.values:
            told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            lines.append(f"{metric.name}{{{told}}} {value:.15g}" if told else f"{metric.name} {value:.15g}")
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
