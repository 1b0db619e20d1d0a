"""What the commands do, once their words are understood."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pipeline.ads.calls import OWN_KINDS
from pipeline.ads.offers import find_offer
from pipeline.ads.opinion import second_opinion
from pipeline.ads.verdict import REMOVED_KINDS, judge_ads
from pipeline.batch.progress import reporting
from pipeline.cache import EpisodeFolder
from pipeline.errors import FormatError
from pipeline.formats.pages.ads_table import ads_table
from pipeline.formats.transcripts.clean_transcript import clock
from pipeline.library.recall import note_run
from pipeline.library.spot_index import keep_index
from pipeline.result import AdKind, AdSpan, Result
from pipeline.run import AdsMode, Run, Settings, run_episode
from pipeline.timeline import Word
from pipeline.tools import Tools
from pipeline.wiring import (
    LOCAL_DIARIZER,
    Choices,
    describe_source,
    find_ads_tool,
    folder_for,
    language_model,
    scripted_tools,
    tools_for,
    with_models,
)


@dataclass(frozen=True, slots=True)
class Options:
    """The words of ``cleancast run``."""

    out: Path
    title: str = ""
    show: str = ""
    description: str = ""
    language: str | None = None
    model: str = "base"
    engine: Literal["auto", "faster-whisper", "openai-whisper"] = "auto"
    device: str = "auto"
    diarizer: str = LOCAL_DIARIZER
    ads: AdsMode = "cut"
    remove: tuple[AdKind, ...] = REMOVED_KINDS
    loudness: float | None = None
    second_opinion: tuple[str, str] | None = None
    rewrite_notes: tuple[str, str] | None = None
    memory: bool = True
    speakers: tuple[int | None, int | None] = (None, None)
    names: tuple[tuple[str, str], ...] = ()
    notes_template: str | None = None
    scripted: Path | None = None
    jobs: int | None = None
    on: str = ""
    time_limit_s: float | None = None
    watch_s: float | None = None
    allow_private: bool = False
    debug: bool = False

    def retry_words(self, place: str) -> list[str]:
        """The command that runs one recording again as this run did."""
        words = ["cleancast", "run", place, "-o", str(self.out)]
        plain = Options(self.out)
        for name in ("title", "show", "description", "language", "model", "engine", "device", "diarizer", "ads"):
            if getattr(self, name) != getattr(plain, name):
                words += [f"--{name}", str(getattr(self, name))]
        words += ["--remove", ",".join(self.remove)] if self.remove != plain.remove else []
        words += ["--loudness"] if self.loudness is not None else []
        words += ["--second-opinion", *self.second_opinion] if self.second_opinion else []
        words += ["--rewrite-notes", *self.rewrite_notes] if self.rewrite_notes else []
        words += [] if self.memory else ["--no-memory"]
        least, most = self.speakers
        words += ["--min-speakers", str(least)] if least else []
        words += ["--max-speakers", str(most)] if most else []
        words += [word for label, name in self.names for word in ("--speaker", f"{label}={name}")]
        words += ["--scripted", str(self.scripted)] if self.scripted else []
        words += ["--allow-private"] if self.allow_private else []
        return words

    def tools(self) -> Tools:
        """The networks of this run, loaded once per process."""
        tools = _scripted(self.scripted) if self.scripted else _tools(self.choices)
        return with_models(tools, adviser=self.second_opinion, rewriter=self.rewrite_notes)

    @property
    def settings(self) -> Settings:
        return Settings(
            self.language,
            self.ads,
            self.speakers,
            self.names,
            self.notes_template,
            self.remove,
            self.loudness,
            self.memory,
        )

    @property
    def choices(self) -> Choices:
        return Choices(model=self.model, engine=self.engine, device=self.device, diarizer=self.diarizer)


_tools = cache(tools_for)
_scripted = cache(scripted_tools)


def run_sources(typed: list[str], options: Options) -> int:
    """Run every recording named; prints each episode's folder on stdout, and returns the exit status."""
    from pipeline.batch.rounds import Many
    from pipeline.batch.sources import find_recordings

    return Many(lambda: find_recordings(typed, leave_out=options.out), options).run()


def run_feeds(urls: list[str], options: Options, *, newest: int | None, since: str, match: str, base_url: str) -> int:
    """Run the new episodes of feeds; prints their folders and the clean feeds on stdout, returns the exit status."""
    from pipeline.batch.rounds import Many
    from pipeline.batch.sources import Subscription, find_recordings
    from pipeline.feeds.publishing import LOCAL
    from pipeline.feeds.subscriptions import Choice

    def look() -> tuple[Subscription, ...]:
        named = find_recordings(urls)
        return tuple(entry if isinstance(entry, Subscription) else Subscription(entry.place) for entry in named)

    return Many(look, options, Choice(newest, since, match), base_url or LOCAL).run()


def run_one(source: Path | str, options: Options) -> tuple[EpisodeFolder, Result]:
    """One recording through the pipeline: its folder and what was found."""
    path = Path(source)
    episode = describe_source(path, title=options.title, show=options.show, description=options.description)
    folder = folder_for(episode, options.out)
    with reporting(episode.title) as reporter:
        result = run_episode(Run(episode, path, folder, options.tools(), options.settings, reporter))
        note_run(folder, episode, path, options)
        if options.memory:
            keep_index(folder.path.resolve().parent)
        for line in remarks_on(result):
            reporter.say(line)
    return folder, result


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


def ads_of_transcript(
    file: Path,
    *,
    explain: bool,
    remove: tuple[AdKind, ...] = REMOVED_KINDS,
    adviser: tuple[str, str] | None = None,
) -> str:
    """The ads of a transcript file, as JSON or, explained, in words; ``adviser``: a model to ask about held ones."""
    words, about = read_transcript(file)
    found = find_ads_tool()()(words, description=about["description"])
    if (model := language_model(adviser)) is not None:
        opinion = second_opinion(found, words, model=model())
        found = opinion.ads
        for warning in opinion.warnings:
            print(f"cleancast: {warning.text}", file=sys.stderr)
    ads = judge_ads(found, duration_s=words[-1].end if words else 0.0, kinds=remove)
    if explain:
        return (
            "\n".join(
                f"{clock(ad.start)}-{clock(ad.end)}  {ad.kind} {ad.sponsor} (score {ad.score:.2f}, {ad.verdict})\n"
                + (f"    offer: {offer}\n" if str(offer := find_offer(words, ad)) else "")
                + "\n".join(
                    f"    {e.kind}{f' at {clock(e.at)}' if e.at is not None else ''}: {e.text}" for e in ad.evidence
                )
                for ad in ads
            )
            or "no ads found"
        )
    listed = {"ads": [_listed(ad, words) for ad in ads if ad.verdict == "cut"]}
    if held := [_listed(ad, words) for ad in ads if ad.verdict == "hold"]:
        listed["held"] = held  # likely, but for a person to decide
    return json.dumps(listed, ensure_ascii=False, indent=1)


def _listed(ad: AdSpan, words: tuple[Word, ...]) -> dict[str, object]:
    offer = find_offer(words, ad)
    return {
        "start": round(ad.start, 3),
        "end": round(ad.end, 3),
        "score": round(ad.score, 4),
        "kind": ad.kind,
        "sponsor": ad.sponsor,
        "addresses": list(offer.addresses),
        "code": offer.code,
        "evidence": [{"kind": e.kind, "text": e.text, "at": e.at} for e in ad.evidence],
    }


def read_transcript(file: Path) -> tuple[tuple[Word, ...], dict[str, str]]:
    """The words of a transcript file and what it says about the episode."""
    from pipeline.formats.captions.word_files import parse_word_file

    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FormatError(file, f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise FormatError(file, "is not a text file; give a words JSON, VTT or SRT") from None
    found = parse_word_file(text, path=str(file))
    return found.words, {"title": found.title, "show": found.show, "description": found.description}
