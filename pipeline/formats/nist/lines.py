"""What NIST's files have in common: a line a record, comments, times in seconds, several recordings in one file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pipeline.errors import FormatError
from pipeline.timeline import Span

COMMENT = ";;"


def records(text: str, *, most_fields: int = -1) -> Iterator[tuple[int, list[str]]]:
    """Line number (from 1) and fields of every line that is neither blank nor a comment.

    ``most_fields``: the last field keeps the rest of the line, with its spaces.
    """
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        fields = line.split(maxsplit=most_fields - 1 if most_fields > 0 else -1)
        if fields and not line.lstrip().startswith(COMMENT):
            yield number, fields


def split_recordings(text: str, *, column: int) -> dict[str, str]:
    """The lines of each recording that a file holds; ``column`` is where a line names its recording, from 0.

    Line numbers in later errors stay those of the whole file.

    >>> split_recordings("a 1 0.0 0.5 hello\\nb 1 0.2 0.4 you", column=0)
    {'a': 'a 1 0.0 0.5 hello\\n', 'b': '\\nb 1 0.2 0.4 you\\n'}
    """
    lines = text.removeprefix("\ufeff").splitlines()
    owners = {number: fields[column] for number, fields in records(text) if len(fields) > column}
    held: dict[str, list[str]] = {owner: [] for owner in owners.values()}
    for number, line in enumerate(lines, start=1):
        for owner, kept in held.items():
            kept.append(line if owners.get(number) == owner else "")
    return {owner: "\n".join(kept).rstrip("\n") + "\n" for owner, kept in held.items()}


def read_times(fields: Sequence[str], name: str, line: int) -> Span:
    """The span of two fields, start and end in seconds. Raises FormatError with the line."""
    try:
        start, end = (float(field) for field in fields)
    except ValueError as error:
        raise FormatError(name, "expected a start and an end in seconds", line=line) from error
    if not (math.isfinite(start) and math.isfinite(end) and start <= end):
        raise FormatError(name, f"a stretch cannot last from {start} to {end} seconds", line=line)
    return Span(start, end)


def refuse_many(owners: Sequence[str], name: str) -> None:
    """Raises FormatError when a file that should be of one recording names several."""
    found = sorted(set(owners))
    if len(found) > 1:
        shown = ", ".join(found[:3])
        raise FormatError(name, f"holds {len(found)} recordings ({shown} ...); a case is one")
