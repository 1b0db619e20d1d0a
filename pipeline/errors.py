"""Everything that can go wrong for a user, as one tree; the command line catches only its root.

CleancastError              one clear sentence: what is wrong, with which file, and how to fix it
├── AudioError              a sound file that cannot be read or cut: another try changes nothing
├── ChangedError            a recording that changed while it was being worked on
├── ProgramError            a program that was killed, hung or failed: another try may succeed
├── WeightsError            weights that are missing, refused or cannot be fetched
├── FormatError             a text file that is not what it claims to be
├── FetchError              a URL or feed that cannot be downloaded
├── EndpointError           a language model's endpoint that is invalid or gave no answer
└── StoreError              an output folder that cannot be written or read
"""

from __future__ import annotations

from pathlib import Path

LONGEST_REASON = 400  # characters: what is quoted from a file may be the whole file


class CleancastError(Exception):
    """The root: its text is what the user reads."""


class AudioError(CleancastError):
    """A sound file that cannot be read or cut, whoever tries again."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class ChangedError(CleancastError):
    """A recording that changed, or went away, while it was being worked on."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class ProgramError(CleancastError):
    """A program that was killed, hung or failed; nothing that came of it is kept, and another try may succeed."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class WeightsError(CleancastError):
    """Weights that are missing, refused or cannot be fetched."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"weights '{name}': {reason}")
        self.reason = reason


class FormatError(CleancastError):
    """A text file that is not what it claims to be; ``line`` counts from 1."""

    def __init__(self, path: str | Path, reason: str, *, line: int | None = None) -> None:
        told = reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 3]}..."
        super().__init__(f"{path}{f', line {line}' if line else ''}: {told}")
        self.reason, self.line = told, line


class FetchError(CleancastError):
    """A URL or feed that cannot be downloaded."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")


class EndpointError(CleancastError):
    """A language model's endpoint that is invalid or gave no usable answer."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.reason = reason


class StoreError(CleancastError):
    """An output folder that cannot be written or read."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


LINKS = "Symlink loop from "


def sentence_of(error: BaseException) -> str:
    """What went wrong, in a sentence for the user."""
    if isinstance(error, CleancastError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; close other programs, use fewer --jobs or a smaller --model, then run again"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: cannot be read or written ({error.strerror})"
    if isinstance(error, RuntimeError) and str(error).startswith(LINKS):  # pathlib's, before Python 3.13
        return f"{str(error).removeprefix(LINKS)}: is a link that leads to itself"
    return f"internal error ({type(error).__name__}: {error}); run again with --debug and report the traceback"
