"""Undoing a cut or making one by hand: kept as an edit in the episode's folder, and the outputs are made again.

Nothing is patched: what comes out is what a run with this edit would have made. A verdict that what was found has by
itself is not kept, so that ``recut`` undoes ``uncut`` to the byte.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from pipeline.batch.progress import reporting
from pipeline.cache import EpisodeFolder
from pipeline.digits import whole_number
from pipeline.errors import CleancastError, StoreError
from pipeline.feeds.intact import make_edited_whole
from pipeline.feeds.publishing import publish_again
from pipeline.formats.clock import clock, parse_clock
from pipeline.formats.pages.ads_table import ads_table
from pipeline.formats.pages.remarks import summary_line
from pipeline.library.edits.apply import apply_edits
from pipeline.library.edits.history import History
from pipeline.library.edits.kinds import AdVerdict, Edit
from pipeline.library.edits.store import change_history, read_history
from pipeline.library.make_again import recording_of
from pipeline.library.recall import recall, result_of
from pipeline.result import AdSpan, Result
from pipeline.timeline import Span

Verdict = Literal["cut", "keep"]
LEAST_S = 0.5  # a shorter range is most likely a typing error


def show_ads(path: Path) -> str:
    """The numbered ads of an episode's folder."""
    result = result_of(EpisodeFolder(path.resolve()))
    return "\n".join(ads_table(result)) or "no ads were found in this episode"


def decide(path: Path, wanted: Sequence[str], verdict: Verdict, *, every: bool, audio: Path | None) -> None:
    """Keep or cut the named stretches of an episode, and make its outputs again.

    ``wanted``: numbers of ads, times inside one, or stretches ("12:30-13:05"). ``every``: all that are cut (to keep)
    or left in (to cut). Raises CleancastError when one of them means nothing, or the recording is not there.
    """
    folder = EpisodeFolder(path.resolve())
    recalled = recall(folder)
    result = result_of(folder)
    if recalled.settings.ads != "cut":
        reason = f"was run with --ads {recalled.settings.ads}, so nothing was cut; run it again with --ads cut first"
        raise StoreError(path, reason)
    source = recording_of(recalled, audio)
    spans = _all_not(verdict, result) if every else [_find(text, result, verdict) for text in wanted]
    if not spans:
        raise StoreError(path, "nothing was cut in it" if verdict == "keep" else "no ad was left in it")
    sha256 = recalled.episode.sha256
    before = read_history(folder, sha256=sha256)
    change_history(folder, partial(_decided, spans=spans, verdict=verdict, folder=folder), sha256=sha256)
    try:
        with reporting(recalled.episode.title) as reporter:
            made = make_edited_whole(folder, recalled, source, reporter=reporter)
        publish_again(folder.path)
    except CleancastError:
        change_history(folder, lambda _: before, sha256=sha256)  # what cannot be carried out is not kept
        raise
    print(summary_line(made), file=sys.stderr)


def _decided(history: History, *, spans: Sequence[Span], verdict: Verdict, folder: EpisodeFolder) -> History:
    """The edits with a verdict about each stretch, unless what was found has it without one."""
    for span in spans:
        edit = AdVerdict(span.start, span.end, verdict)
        history = history.add(edit)
        without = History(history.edits[:-1])
        if _holds(edit, without, folder):
            history = without
    return history


def _holds(edit: AdVerdict, history: History, folder: EpisodeFolder) -> bool:
    """Whether the ads are the same without this edit, but for the reasons that they give."""
    try:
        found = folder.load("found", Result).value
    except (OSError, ValueError, KeyError, TypeError):
        return False

    def ads(edits: Sequence[Edit]) -> list[tuple[float, float, str]]:
        judged = apply_edits(found, edits, plan=lambda _: found.cuts).result.ads
        return [(ad.start, ad.end, ad.verdict) for ad in judged]

    return ads((*history.edits, edit)) == ads(history.edits)


def _all_not(verdict: Verdict, result: Result) -> list[Span]:
    return [Span(ad.start, ad.end) for ad in result.ads if (ad.verdict == "cut") == (verdict == "keep")]


def _find(text: str, result: Result, verdict: Verdict) -> Span:
    """The stretch a user means by a number, a time or two times."""
    if (number := whole_number(text)) is not None:
        if not 1 <= number <= len(result.ads):
            there = f"the last one is {len(result.ads)}" if result.ads else "no ads were found in this episode"
            raise CleancastError(f"--span {text}: no ad has this number; {there}")
        return _plain(result.ads[number - 1])
    first, dash, last = text.partition("-")
    start, end = _seconds(first, text), _seconds(last, text) if dash else None
    if end is not None:
        if not 0 <= start <= end - LEAST_S or start >= result.cuts.duration:
            raise CleancastError(f"--span {text}: is not a range within a recording of {clock(result.cuts.duration)}")
        return Span(start, min(end, result.cuts.duration))
    spans = (*result.ads, *(result.cuts.removed if verdict == "keep" else ()))
    found = next((span for span in spans if span.contains(start)), None)
    if found is None:
        raise CleancastError(f"--span {text}: no ad was found at this time in the original")
    return _plain(found)


def _plain(span: AdSpan | Span) -> Span:
    return Span(span.start, span.end)


def _seconds(text: str, whole: str) -> float:
    seconds = parse_clock(text)
    if seconds is None:
        raise CleancastError(f"--span {whole}: expected an ad's number, a time such as 12:30 or a range: 12:30-13:05")
    return seconds


def decide_or_show(path: Path, wanted: Sequence[str], verdict: Verdict, *, every: bool, audio: Path | None) -> None:
    """The commands uncut and recut: without a choice, print the list to choose from."""
    if not wanted and not every:
        print(show_ads(path))
        return
    decide(path, wanted, verdict, every=every, audio=audio)
    print(show_ads(path))
