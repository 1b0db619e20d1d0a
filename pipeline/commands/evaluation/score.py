"""``cleancast score``: files that exist already, of this or any other tool, against references; no network runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipeline.cache import write_atomic
from pipeline.commands.evaluation.gather import Gathered, gather, key
from pipeline.errors import CleancastError, StoreError
from pipeline.messages import terminal_width
from pipeline.scores.case import Case
from pipeline.scores.comparison.compare import System, compare_systems
from pipeline.scores.comparison.page import print_comparison_html
from pipeline.scores.comparison.table import print_comparison
from pipeline.scores.hypothesis import build_hypothesis, score_hypothesis
from pipeline.scores.references import build_case
from pipeline.scores.report.csv_rows import print_csv
from pipeline.scores.report.document import build_report
from pipeline.scores.report.page import print_report_html
from pipeline.scores.report.table import print_table
from pipeline.scores.scoring import CaseScores

Printed = Literal["table", "json", "csv"]
Reference = tuple[Gathered, Case]
"""A recording's files, and the case that they make."""


MOST_SAID = 3
"""Files that are no references are explained up to this many; the rest is named."""


NOTHING_SHARED = "has nothing that its reference has, too (words, who speaks when, ads, chapters or names)"


@dataclass(frozen=True, slots=True)
class Scored:
    """A system's scores; ``problems``: what could not be scored, a sentence each; ``extra``: what has no reference."""

    system: System
    problems: tuple[str, ...]
    extra: tuple[Gathered, ...]


def score_files(
    found: Path, references: Path, *, against: Sequence[Path], language: str, printed: Printed, out: Path
) -> int:
    """Score each system's files, write its report, print the table; the exit status.

    ``found`` and ``against``: files or folders, a system each; with several, they are compared.
    Raises CleancastError when a path does not exist, or nothing can be scored.
    """
    places = [found, *against]
    known, unread = read_references(gather(references))
    for sentence in list(unread.values())[:MOST_SAID]:
        _say(f"not a reference: {sentence}")
    if len(unread) > MOST_SAID:
        _say(f"{len(unread) - MOST_SAID} more files are no references: {', '.join(list(unread)[MOST_SAID:])}")
    systems = [
        score_system(name, place, known, language) for name, place in zip(name_systems(places), places, strict=True)
    ]
    for one in systems:
        for problem in one.problems:
            _say(f"{one.system.name}: {problem}")
        if not one.system.scores:
            raise StoreError(references, f"nothing of {one.system.name} could be scored against it")
    reports = [write_report(one.system, out if len(systems) == 1 else out / one.system.name) for one in systems]
    if len(systems) == 1:
        print(_print(reports[0], systems[0].system.name, printed), end="")
        print(f"{out / 'report.html'} shows the details in a browser", file=sys.stderr)
    else:
        print(compare(tuple(one.system for one in systems), out, printed=printed), end="")
    wanted = {key(name) for name in unread}
    missed = any(key(name) in wanted for one in systems for files in one.extra for name in files.names)
    return 1 if missed or any(one.problems for one in systems) else 0


def read_references(gathered: Sequence[Gathered]) -> tuple[tuple[Reference, ...], dict[str, str]]:
    """The references that can be read, and by name a sentence for each that cannot."""
    known: list[Reference] = []
    unread: dict[str, str] = {}
    for one in gathered:
        try:
            known.append((one, build_case(one.texts, case_id=one.names[0])))
        except CleancastError as error:
            unread[one.names[0]] = one.where(error)
    return tuple(known), unread


def write_report(system: System, out: Path) -> dict[str, object]:
    """Write ``report.json`` and ``report.html`` of one system; the report."""
    report = build_report(system.scores)
    write_atomic(out / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    write_atomic(out / "report.html", print_report_html(report, system.scores, system=system.name))
    return report


def compare(systems: Sequence[System], out: Path, *, printed: Printed) -> str:
    """Write ``comparison.json`` and ``comparison.html`` of systems over the same recordings; what is printed of them.

    Raises CleancastError when they have no recording in common.
    """
    comparison = compare_systems(systems)
    text = json.dumps(comparison.figure(), ensure_ascii=False, indent=1) + "\n"
    write_atomic(out / "comparison.json", text)
    write_atomic(out / "comparison.html", print_comparison_html(comparison))
    for name, recordings in comparison.left_out:
        _say(f"compared without {', '.join(recordings)}, which {name} lacks")
    print(f"{out / 'comparison.html'} shows the details in a browser", file=sys.stderr)
    if printed == "json":
        return text
    if printed == "csv":
        return print_csv({system.name: build_report(system.scores) for system in systems})
    return print_comparison(comparison)


def _print(report: dict[str, object], name: str, printed: Printed) -> str:
    if printed == "json":
        return json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    return print_csv({name: report}) if printed == "csv" else print_table(report, width=terminal_width())


def name_systems(places: Sequence[Path]) -> tuple[str, ...]:
    """What each system is called: its folder or file, with the folders above where two are called the same."""
    depth = 1
    names = [_tail(place, depth) for place in places]
    longest = max(len(place.resolve().parts) for place in places)
    while len(set(names)) < len(names) and depth < longest:
        depth += 1
        names = [_tail(place, depth) for place in places]
    return tuple(name if names.count(name) == 1 else f"{name}-{i}" for i, name in enumerate(names, 1))


def _tail(place: Path, depth: int) -> str:
    full = place.resolve()
    return "-".join((full if full.is_dir() else full.with_suffix("")).parts[-depth:])


def score_system(name: str, place: Path, known: Sequence[Reference], language: str = "") -> Scored:
    """The scores of a system's files against the known recordings. Raises StoreError for a path that does not exist."""
    problems: list[str] = []
    scores: list[CaseScores] = []
    found = gather(place)
    pairs = match(found, [files for files, _ in known])
    for files, case in known:
        hypothesis = pairs.get(files.names[0])
        if hypothesis is None:
            continue
        try:
            said = build_hypothesis(hypothesis.texts, name=hypothesis.names[0], language=language or case.language)
            for remark in said.remarks:
                _say(f"{name}: {files.names[0]}: {remark}")
            scored = score_hypothesis(replace(case, language=language or case.language), said)
            if scored.is_empty:
                problems.append(f"{hypothesis.names[0]}: {NOTHING_SHARED}")
            else:
                scores.append(scored)
        except CleancastError as error:
            problems.append(hypothesis.where(error))
    lacking = [files.names[0] for files, _ in known if files.names[0] not in pairs]
    problems += [f"has nothing for {', '.join(lacking)}"] if lacking else []
    used = {id(one) for one in pairs.values()}
    extra = tuple(one for one in found if id(one) not in used)
    if extra:
        _say(f"{name}: without a reference: {', '.join(one.names[0] for one in extra)}")
    return Scored(System(name, tuple(scores)), tuple(problems), extra)


def match(found: Sequence[Gathered], known: Sequence[Gathered]) -> Mapping[str, Gathered]:
    """The name of each reference, and the files that are of its recording; one file each needs no equal names."""
    if len(found) == len(known) == 1:
        return {known[0].names[0]: found[0]}
    ours = {key(name): one.names[0] for one in reversed(known) for name in reversed(one.names)}
    pairs: dict[str, Gathered] = {}
    for one in found:
        name = next((ours[key(name)] for name in one.names if key(name) in ours), None)
        if name is not None:
            pairs.setdefault(name, one)
    return pairs


def _say(sentence: str) -> None:
    print(f"cleancast: {sentence}", file=sys.stderr)
