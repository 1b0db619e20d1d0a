"""Plain text: ``[m:ss] Name`` on a line, the paragraph on the next, a blank line between."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.formats.clock import clock
from pipeline.formats.transcripts.passages import Passage, passages
from pipeline.result import Result


def print_txt(result: Result) -> str:
    """The clean transcript as plain text."""
    return print_passages(passages(result))


def print_passages(items: Iterable[Passage]) -> str:
    """Paragraphs as plain text."""
    return "\n".join(
        f"[{clock(p.start)}]{' ' + p.speaker if p.speaker else ''}{f' [{p.label}]' if p.label else ''}\n{p.text}\n"
        for p in items
    )
