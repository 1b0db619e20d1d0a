"""Plain text: ``[m:ss] Name`` on a line, the paragraph on the next, a blank line between."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.errors import FormatError
from pipeline.formats.transcripts.clean_transcript import clock, parse_clock
from pipeline.formats.transcripts.passages import Passage, passages
from pipeline.result import Result

_HEAD = re.compile(r"^\[((?:\d+:)?\d{1,2}:\d{2})\](?: ([^\[\]]+?))??(?: \[([^\[\]]+)\])?$")


def print_txt(result: Result) -> str:
    """The clean transcript as plain text."""
    return print_passages(passages(result))


def print_passages(items: Iterable[Passage]) -> str:
    """Paragraphs as plain text: the inverse of ``parse_txt``."""
    return "\n".join(
        f"[{clock(p.start)}]{' ' + p.speaker if p.speaker else ''}{f' [{p.label}]' if p.label else ''}\n{p.text}\n"
        for p in items
    )


def parse_txt(text: str, *, path: str = "transcript.txt") -> tuple[Passage, ...]:
    """The paragraphs back, times in whole seconds."""
    found: list[tuple[re.Match[str], list[str]]] = []
    lines = text.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines, 1):
        head = _HEAD.match(line)
        if head:
            found.append((head, []))
        elif line.strip():
            if not found:
                raise FormatError(path, f"expected '[m:ss] Name', found {line.strip()[:60]!r}", line=number)
            found[-1][1].append(line.strip())
    return tuple(
        Passage(parse_clock(h.group(1)), h.group(2) or "", " ".join(body), h.group(3) or "") for h, body in found
    )
