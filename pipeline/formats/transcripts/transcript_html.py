"""Podcasting 2.0's HTML transcript: ``<cite>``, ``<time>`` and ``<p>`` for each paragraph, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from pipeline.formats.clock import clock
from pipeline.formats.transcripts.passages import Passage, passages
from pipeline.result import Result


def print_transcript_html(result: Result) -> str:
    """The clean transcript as an HTML fragment; an ad that stayed has the class ``ad`` and its name as title."""
    return print_passages(passages(result))


def print_passages(items: Iterable[Passage]) -> str:
    """Paragraphs as HTML."""
    parts = []
    for item in items:
        if item.speaker:
            parts.append(f"<cite>{escape(item.speaker)}:</cite>\n")
        label = f' class="ad" title="{escape(item.label)}"' if item.label else ""
        parts.append(f"<time>{clock(item.start)}</time>\n<p{label}>{escape(item.text)}</p>\n")
    return "".join(parts)
