"""``cleancast eval``: runs cases with known answers through the pipeline and scores the outcome."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline.batch.jobs import Job, Outcome
from pipeline.batch.prepare import Preparer
from pipeline.batch.rounds import pool_for
from pipeline.batch.schedule import Batch
from pipeline.batch.sources import Recording
from pipeline.batch.view import batch_view
from pipeline.cache import EpisodeFolder, write_atomic
from pipeline.commands.evaluation.cases import CaseFiles, find_cases
from pipeline.commands.evaluation.score import compare, score_system
from pipeline.commands.evaluation.variants import read_variant
from pipeline.errors import CleancastError
from pipeline.feeds.download import Net
from pipeline.feeds.publishing import publish_index
from pipeline.library.names import slug
from pipeline.library.recall import result_of
from pipeline.library.spot_index import keep_index
from pipeline.messages import terminal_width
from pipeline.scores.case import Case
from pipeline.scores.comparison.compare import System
from pipeline.scores.report.document import build_report
from pipeline.scores.report.page import print_report_html
from pipeline.scores.report.table import print_table
from pipeline.scores.scoring import CaseScores, score_case
from pipeline.settings import Settings
from pipeline.wiring import machine_here, tools_for, weights_in_use

Known = tuple[CaseFiles, Case]
SEED_CASE = Path(__file__).parents[3] / "audio" / "seed"
BASELINE = Path(__file__).parents[3] / "seeds" / "baseline.json"
PACKAGES = (
    "cleancast",
    "openai-whisper",
    "faster-whisper",
    "ctranslate2",
    "pyannote.audio",
    "torch",
    "jiwer",
    "meeteval",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to evaluate, and beside what.

    ``places``: cases; ``audio``: another recording for the one case. ``variants``: other settings to run the same cases
    with ("model=small,language=en"). ``beside``: output folders of earlier runs over the same recordings. ``strict``: a
    figure that is worse than the committed baseline, beyond its interval, is a failure.
    """

    places: Sequence[Path] = ()
    audio: Path | None = None
    variants: Sequence[str] = ()
    beside: Sequence[Path] = ()
    as_json: bool = False
    strict: bool = False


def evaluate_cases(asked: Asked, settings: Settings) -> int:
    """Score every case, write ``report.json`` and ``report.html``, print the table; the exit status.

    With variants or earlier runs, also ``comparison.json`` and ``comparison.html``.
    """
    runs = [(settings.out.name, settings), *_variants(asked.variants, settings)]
    known, failed = _known(asked)
    systems: list[System] = []
    worse = False
    for name, chosen in runs:
        scores, problems = _run(known, chosen)
        failed += problems
        if not scores:
            continue
        report = _write_report(scores, chosen, name if systems else "cleancast", baseline=not systems)
        worse = worse or any(move["verdict"] == "worse" for move in report.get("baseline", ()))
        if not systems:
            text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
            print(text if asked.as_json else print_table(report, width=terminal_width()) + "\n", end="")
        systems.append(System(name, tuple(scores)))
    for folder in asked.beside:
        beside = score_system(folder.resolve().name, folder, [(files.files, case) for files, case in known])
        failed += len(beside.problems)
        print("".join(f"cleancast: {folder}: {problem}\n" for problem in beside.problems), end="", file=sys.stderr)
        systems.append(beside.system)
    if len(systems) > 1:
        text = compare(systems, settings.out, printed="table")
        print(text, end="", file=sys.stderr if asked.as_json else sys.stdout)
    return 1 if failed or not systems or (asked.strict and worse) else 0


def _variants(texts: Sequence[str], settings: Settings) -> list[tuple[str, Settings]]:
    """Each variant's name and settings, with a folder of its own inside the output folder."""
    return [
        (text, replace(read_variant(text, settings), out=settings.out / slug(text, otherwise="variant")))
        for text in texts
    ]


def _known(asked: Asked) -> tuple[list[Known], int]:
    """The cases of all places, and how many could not be read, after a sentence about each of these."""
    known: list[Known] = []
    failed = 0
    for place in asked.places or [SEED_CASE]:
        try:
            found = find_cases(place, audio=asked.audio)
        except CleancastError as error:
            _say(error)
            failed += 1
            continue
        for files in found:
            try:
                known.append((files, files.case()))
            except CleancastError as error:
                _say(error)
                failed += 1
    return known, failed


def _run(known: Sequence[Known], settings: Settings) -> tuple[list[CaseScores], int]:
    """The scores of every case that could be run, and how many could not, after a sentence about each of these."""
    failed = 0
    scores: list[CaseScores] = []
    for (_, case), outcome in zip(known, _process(known, settings), strict=True):
        if outcome.failed:
            _say(f"{case.id}: {outcome.reason}")
            failed += 1
        else:
            scores.append(_score(case, Path(outcome.folder), settings))
    return scores, failed


def _process(known: Sequence[Known], settings: Settings) -> tuple[Outcome, ...]:
    """How each case's recording ended, in their order; finished stages are reused."""
    if not known:
        return ()
    recordings = [Recording(str(files.audio)) for files, _ in known]
    view = batch_view(len(recordings), verbose=settings.verbose)
    try:
        with redirect_stdout(sys.stderr):  # stdout is data, whatever a library prints
            prepare = _Prepare([case for _, case in known], settings)
            pool = pool_for(settings, len(recordings))
            outcomes = Batch(recordings, prepare, settings, view, pool, limit_s=settings.time_limit_s).run()
    finally:
        view.close()
    if settings.memory:
        for show in sorted({Path(outcome.folder).parent for outcome in outcomes if outcome.folder}):
            keep_index(show.resolve())
    return outcomes


@dataclass
class _Prepare:
    """Makes jobs of cases: what a case says of its recording wins over the file's own tags."""

    cases: Sequence[Case]
    settings: Settings
    claimed: dict[Path, str] = field(default_factory=dict)

    def __call__(self, recording: Recording, number: int) -> Job:
        case = self.cases[number]
        about = replace(self.settings, title=case.title or case.id, show=case.show, description=case.description)
        return Preparer(about, Net(), claimed=self.claimed)(recording, number)


def _score(case: Case, folder: Path, settings: Settings) -> CaseScores:
    episode = EpisodeFolder(folder)
    encoder = tools_for(settings).encoder() if case.description else None
    return score_case(case, result_of(episode), episode.timings(), encoder=encoder)


def _write_report(
    scores: Sequence[CaseScores], settings: Settings, system: str, *, baseline: bool
) -> Mapping[str, Any]:
    """Write ``report.json`` and ``report.html`` of one run; the report, held against the committed one if asked."""
    held = _baseline() if baseline else None
    report = build_report(scores, versions=_versions(), weights=weights_in_use(settings), baseline=held)
    write_atomic(settings.out / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    recordings = {score.case.id: _link(score.result.episode.source, settings.out) for score in scores}
    write_atomic(settings.out / "report.html", print_report_html(report, scores, audio=recordings, system=system))
    publish_index(settings.out)
    print(f"{settings.out / 'report.html'} shows the details in a browser", file=sys.stderr)
    return report


def _say(problem: object) -> None:
    print(f"cleancast: {problem}", file=sys.stderr)


def _baseline() -> dict[str, Any] | None:
    """The committed report that new ones are held against."""
    if not BASELINE.is_file():
        return None
    found: dict[str, Any] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return found


def _link(recording: str, out: Path) -> str:
    """Where the report finds a recording, from its own folder."""
    return Path(os.path.relpath(recording, out)).as_posix()


def _versions() -> dict[str, str]:
    """What the figures were made with, and on what."""
    found = {"machine": machine_here(), "python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
