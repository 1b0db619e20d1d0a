"""What is said to the user on stderr: as much of it as was asked for, and all of it with the time in a log file."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from pipeline.errors import StoreError
from pipeline.settings import Settings

TROUBLE = ("cleancast: ", "failed: ", "  why: ", "  again: ")
"""How lines begin that are said even if the user wants quiet: what went wrong, and what to do about it."""
ESCAPE = "\x1b"


class Messages:
    """A stream in the place of stderr. Frames of bars are shown as they are and never logged."""

    def __init__(self, stream: IO[str], *, quiet: bool, log: IO[str] | None) -> None:
        self.stream, self.quiet, self.log = stream, quiet, log
        self.part = ""

    def write(self, text: str) -> int:
        if ESCAPE in text:
            if not self.quiet:
                self.stream.write(text)
            return len(text)
        *lines, self.part = (self.part + text).split("\n")
        for line in lines:
            self.note(line)
            if self.quiet and line.startswith(TROUBLE):
                self.stream.write(f"{line}\n")
        if not self.quiet:
            self.stream.write(text)
        return len(text)

    def note(self, line: str) -> None:
        """Log a line without showing it."""
        if self.log is not None and line.strip():
            self.log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}\n")
            self.log.flush()

    def isatty(self) -> bool:
        return not self.quiet and self.stream.isatty()

    def flush(self) -> None:
        self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None where it is a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def note(line: str) -> None:
    """Log a line that is shown another way: above bars, whose frames are not logged."""
    if isinstance(sys.stderr, Messages):
        sys.stderr.note(line)


@contextmanager
def messages(settings: Settings, command: str) -> Iterator[None]:
    """Within it, stderr says and logs what the settings ask for; ``command`` opens the log.

    Raises StoreError when the log file cannot be written.
    """
    if settings.log is None and not settings.quiet:
        yield
        return
    before = sys.stderr
    with _opened(settings.log) if settings.log else nullcontext() as log:
        stream = Messages(before, quiet=settings.quiet and not settings.debug, log=log)
        stream.note(command)
        sys.stderr = stream
        try:
            yield
        finally:
            sys.stderr = before


def _opened(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a", encoding="utf-8", errors="replace")
    except OSError as error:
        raise StoreError(path, f"cannot be written ({error.strerror})") from None
