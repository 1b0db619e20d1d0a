"""``cleancast eval``: runs cases with known answers through the pipeline and scores the outcome."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline.batch.single import run_one
from pipeline.batch.sources import AUDIO_SUFFIXES
from pipeline.cache import write_atomic
from pipeline.errors import AudioError, CleancastError, StoreError
from pipeline.feeds.publishing import publish_index
from pipeline.formats.pages.remarks import counted
from pipeline.formats.text_encoding import decode_text
from pipeline.scores.references import FILES, build_case
from pipeline.scores.report.document import build_report
from pipeline.scores.report.page import print_report_html
from pipeline.scores.report.table import print_table
from pipeline.scores.scoring import CaseScores, score_case
from pipeline.settings import Settings
from pipeline.wiring import tools_for, weights_in_use

SEED_CASE = Path(__file__).parents[2] / "audio" / "seed"
BASELINE = Path(__file__).parents[2] / "seeds" / "baseline.json"
TIMED = ("reference.rttm", "reference.uem", "ads.json", "words.json", "case.json")
"""Files of a case that hold for its own recording alone: left out when another recording is scored against it."""
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


def evaluate_cases(
    folders: Sequence[Path], *, audio: Path | None, as_json: bool, strict: bool, settings: Settings
) -> int:
    """Score every case, write ``report.json`` and ``report.html``, print the table; the exit status.

    ``strict``: a figure that is worse than the committed baseline, beyond its interval, is a failure.
    """
    scores, failed = [], 0
    for folder in folders or [SEED_CASE]:
        try:
            scores.append(score_folder(folder, audio, settings))
        except CleancastError as error:
            print(f"cleancast: {error}", file=sys.stderr)
            failed += 1
    if not scores:
        return 1
    weights = weights_in_use(settings)
    report = build_report(scores, versions=_versions(), weights=weights, baseline=_baseline())
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_atomic(settings.out / "report.json", text)
    recordings = {score.case.id: _link(score.result.episode.source, settings.out) for score in scores}
    write_atomic(settings.out / "report.html", print_report_html(report, scores, audio=recordings))
    publish_index(settings.out)
    print(text if as_json else print_table(report), end="" if as_json else "\n")
    print(f"{settings.out / 'report.html'} shows the details in a browser", file=sys.stderr)
    worse = any(move["verdict"] == "worse" for move in report.get("baseline", ()))
    return 1 if failed or (strict and worse) else 0


def score_folder(folder: Path, audio: Path | None, settings: Settings) -> CaseScores:
    """Run the recording of one case and score it.

    Raises CleancastError when the folder has no recording, or one of its references cannot be read.
    """
    texts = read_case(folder, but=TIMED if audio else ())
    case = build_case(texts, case_id=folder.resolve().name)
    recording = audio or find_recording(folder)
    about = replace(settings, title=case.title or case.id, show=case.show, description=case.description)
    done, result = run_one(recording, about)
    return score_case(case, result, done.timings(), encoder=tools_for(settings).encoder())


def read_case(folder: Path, *, but: Sequence[str] = ()) -> Mapping[str, str]:
    """The texts of a case folder by name, those named in ``but`` left out."""
    texts = {}
    for name in FILES:
        path = folder / name
        if name in but or not path.is_file():
            continue
        try:
            texts[name] = decode_text(path.read_bytes())
        except OSError as error:
            raise StoreError(path, f"cannot be read ({error.strerror})") from None
    if not texts:
        raise StoreError(folder, f"is not a case: it has none of {', '.join(FILES)}")
    return texts


def find_recording(folder: Path) -> Path:
    """The recording of a case: ``audio.*``, else the only sound file there is."""
    sounds = sorted(path for path in folder.iterdir() if path.suffix.lower() in AUDIO_SUFFIXES)
    named = [path for path in sounds if path.stem == "audio"]
    if len(named or sounds) != 1:
        found = f"this folder has {counted(len(sounds), 'audio file')}"
        raise AudioError(folder, f"a case needs exactly one recording named audio.*; {found}")
    return (named or sounds)[0]


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
    found = {"python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
