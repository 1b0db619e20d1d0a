"""Undoing a cut or making one by hand: the decision is kept in the episode's folder and the outputs are made again.

Nothing is patched: the episode goes through the same stages as before, of which all but the last are still good, so
that what comes out is what a run with this decision would have made.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pipeline.ads.verdict import Decision
from pipeline.batch.progress import reporting
from pipeline.cache import EpisodeFolder
from pipeline.digits import whole_number
from pipeline.errors import AudioError, CleancastError, StoreError
from pipeline.feeds.publishing import publish_again
from pipeline.formats.clock import clock, parse_clock
from pipeline.formats.pages.ads_table import ads_table
from pipeline.formats.pages.remarks import summary_line
from pipeline.formats.records.result_json import parse_result
from pipeline.library.decisions import add_decision, read_decisions, write_decisions
from pipeline.library.make_again import make_again
from pipeline.library.recall import NO_EPISODE, Recalled, recall
from pipeline.library.recordings import describe_source
from pipeline.result import AdSpan, Result
from pipeline.timeline import Span

Verdict = Literal["cut", "keep"]
LEAST_S = 0.5  # a shorter range is most likely a typing error


def show_ads(path: Path) -> str:
    """The numbered ads of an episode's folder."""
    result = _result(EpisodeFolder(path.resolve()))
    return "\n".join(ads_table(result)) or "no ads were found in this episode"


def decide(path: Path, wanted: Sequence[str], verdict: Verdict, *, every: bool, audio: Path | None) -> None:
    """Keep or cut the named stretches of an episode, and make its outputs again.

    ``wanted``: numbers of ads, times inside one, or stretches ("12:30-13:05"). ``every``: all that are cut (to keep)
    or left in (to cut). Raises CleancastError when one of them means nothing, or the recording is not there.
    """
    folder = EpisodeFolder(path.resolve())
    recalled = recall(folder)
    result = _result(folder)
    if recalled.settings.ads != "cut":
        reason = f"was run with --ads {recalled.settings.ads}, so nothing was cut; run it again with --ads cut first"
        raise StoreError(path, reason)
    source = _recording(recalled, audio)
    spans = _all_not(verdict, result) if every else [_find(text, result, verdict) for text in wanted]
    if not spans:
        raise StoreError(path, "nothing was cut in it" if verdict == "keep" else "no ad was left in it")
    sha256 = recalled.episode.sha256
    with folder.locked():
        before = read_decisions(folder, sha256=sha256)
        after = before
        for span in spans:
            after = add_decision(after, Decision(span.start, span.end, verdict))
        write_decisions(folder, after, sha256=sha256)
    try:
        with reporting(recalled.episode.title) as reporter:
            made = make_again(folder, recalled, source, reporter=reporter)
        publish_again(folder.path)
    except CleancastError:
        with folder.locked():  # a decision that cannot be carried out is not kept
            write_decisions(folder, before, sha256=sha256)
        raise
    print(summary_line(made), file=sys.stderr)


def _recording(recalled: Recalled, audio: Path | None) -> Path:
    """The recording the episode was made from, and no other."""
    path = audio or recalled.path
    title, again = recalled.episode.title, "put it back, or give its path with --audio FILE"
    if not path.is_file():
        raise AudioError(path, f"the recording of “{title}” is no longer there; {again}")
    if describe_source(path).sha256 != recalled.episode.sha256:
        raise AudioError(path, f"is not the recording that “{title}” was made from (its bytes differ); {again}")
    return path


def _result(folder: EpisodeFolder) -> Result:
    file = folder.path / "result.json"
    try:
        return parse_result(file.read_text(encoding="utf-8"), path=str(file))
    except OSError:
        raise StoreError(folder.path, NO_EPISODE) from None


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
