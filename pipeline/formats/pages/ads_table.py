"""The ads of an episode for a terminal: numbered, a line each, with what was done with each and how to change it."""

from __future__ import annotations

from pipeline.formats.clock import clock
from pipeline.result import AdSpan, Result

WORDS = {"cut": "cut", "hold": "for review", "keep": "kept"}


def ads_table(result: Result) -> tuple[str, ...]:
    """A line for each ad, in the order of ``ads.json``, whose numbers ``cleancast uncut`` and ``recut`` take."""
    return tuple(_line(number, ad, result) for number, ad in enumerate(result.ads, 1))


def what_became(ad: AdSpan, result: Result) -> str:
    """What was done with an ad, in a word or two."""
    if ad.verdict == "cut" and not any(ad.overlap(span) for span in result.cuts.removed):
        return "marked"  # it would have been cut
    return WORDS[ad.verdict]


def _line(number: int, ad: AdSpan, result: Result) -> str:
    times = f"{clock(ad.start)}-{clock(ad.end)}"
    about = f"{ad.kind}{f': {ad.sponsor}' if ad.sponsor else ''}, {ad.score:.0%} sure"
    why = f"; {ad.evidence[-1].text}" if ad.evidence and ad.evidence[-1].kind == "choice" else ""
    return f"  {number:2}  {what_became(ad, result):10}  {times:>15}  {about}{why}"
