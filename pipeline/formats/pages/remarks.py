"""What a user is told of a finished run, in sentences."""

from __future__ import annotations

from pipeline.formats.clock import clock
from pipeline.formats.pages.ads_table import ads_table
from pipeline.result import OWN_KINDS, Result


def remarks_on(result: Result) -> tuple[str, ...]:
    """What a user is told of a run: what was found, what became of each ad, and each warning with its time."""
    warnings = (f"  {clock(warning.start)} {warning.text}" for warning in result.warnings)
    return (summary_line(result), *ads_table(result), *warnings)


def summary_line(result: Result) -> str:
    """What a run found, in a line."""
    voices = [s for s in result.speakers if s.role != "ad"]
    cut = sum(span.duration for span in result.cuts.removed)
    named = sum(bool(s.name) for s in voices)
    held = sum(ad.verdict == "hold" for ad in result.ads)
    breaks = sum(ad.kind not in OWN_KINDS for ad in result.ads)
    return (
        f"{result.episode.title}: {len(result.transcript.words)} words, {len(voices)} speakers ({named} named), "
        f"{breaks} ad breaks, {cut:.0f} s cut of {result.episode.duration:.0f} s"
        f"{f', {held} left in for your review (cleancast recut)' if held else ''}"
    )
