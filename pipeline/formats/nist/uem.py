"""Un-partitioned Evaluation Map: the regions that are scored, ``<file> <channel> <start> <end>`` a line, in seconds."""

from __future__ import annotations

from pipeline.formats.nist.lines import read_times, records
from pipeline.timeline import Span, merge_spans


def parse_uem(text: str, *, name: str = "uem") -> tuple[Span, ...]:
    """The scored regions of one recording, sorted and disjoint. Raises FormatError with the line.

    >>> parse_uem(";; only this\\nshow 1 0.0 10.0")
    (Span(start=0.0, end=10.0),)
    """
    return merge_spans(read_times(fields[2:4], name, number) for number, fields in records(text))
