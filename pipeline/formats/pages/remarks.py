"""What a finished run prints, in sentences."""

from __future__ import annotations

from pipeline.formats.clock import clock
from pipeline.formats.pages.ads_table import ads_table
from pipeline.result import OWN_KINDS, Result


def remarks_on(result: Result) -> tuple[str, ...]:
    """The lines printed after a run: what was found, what happened to each ad, and each warning with its time."""
    warnings = (f"  {clock(warning.start)} {warning.text}" for warning in result.warnings)
    return (summary_line(result), *ads_table(result), *warnings)


def summary_line(result: Result) -> str:
    """What a run found, in one line."""
    voices = [s for s in result.speakers if s.role != "ad"]
    cut = sum(span.duration for span in result.cuts.removed)
    named = sum(bool(s.name) for s in voices)
    held = sum(ad.verdict == "hold" for ad in result.ads)
    breaks = sum(ad.kind not in OWN_KINDS for ad in result.ads)
    return (
        f"{result.episode.title}: {counted(len(result.transcript.words), 'word')}, "
        f"{counted(len(voices), 'speaker')} ({named} named), {counted(breaks, 'ad break')}, "
        f"{cut:.0f} of {result.episode.duration:.0f} s cut"
        f"{f', {held} left in for your review (cleancast recut)' if held else ''}"
    )


def counted(number: int, what: str) -> str:
    """A number and the noun it counts.

    >>> counted(1, "speaker"), counted(2, "speaker")
    ('1 speaker', '2 speakers')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"
