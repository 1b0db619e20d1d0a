"""The tree is the architecture: who may import whom.

A room is a subject: a folder or a single file of ``pipeline/``, a folder or a single file of ``models/``, and
``audio/``. Imports inside functions and those for types alone count like any other.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import PurePosixPath

import pytest

from tests.paths import ROOT

PACKAGES = ("pipeline", "models", "audio")
MAY_IMPORT = {"pipeline": {"pipeline"}, "models": {"models", "pipeline"}, "audio": {"audio", "pipeline"}}
WIRES_THE_THREE = {"pipeline/wiring.py"}
PURE = (
    *(f"pipeline/{room}/" for room in ("words", "speakers", "ads", "notes", "formats", "scores")),
    *(f"pipeline/library/edits/{name}.py" for name in ("kinds", "apply", "history", "describe", "respelling")),
    *(f"pipeline/library/edits/on_{name}.py" for name in ("ads", "words", "voices", "notes")),
    "pipeline/language.py",
    "pipeline/timeline.py",
    "pipeline/result.py",
    "pipeline/ports.py",
)
IMPURE = {"torch", "os", "pathlib", "shutil", "subprocess", "socket", "httpx", "urllib.request", "time", "random"}
FILES = sorted(p.relative_to(ROOT).as_posix() for package in PACKAGES for p in (ROOT / package).rglob("*.py"))

VALUES = ("timeline", "result", "language", "ports", "errors", "digits", "files", "recording", "settings", "messages")
BASE = {f"pipeline.{name}" for name in VALUES}
"""What every room may import: the values, the ports, and what is said to the user."""
STEPS = {f"pipeline.{name}" for name in ("cli", "__main__", "api", "run", "walk", "wiring", "assemble")}
STEPS |= {f"pipeline.{name}" for name in ("cache", "provenance", "parsed", "children", "garbage", "locks")}
"""The run itself, what it keeps and starts, and what puts the rooms together."""
ARROWS = {
    # what a run does
    "pipeline.words": {"pipeline.scores"},  # a published transcript: its alignment
    "pipeline.speakers": {"pipeline.words", "pipeline.formats"},
    "pipeline.ads": {"pipeline.words", "pipeline.formats"},
    "pipeline.notes": {"pipeline.words", "pipeline.formats", "pipeline.scores"},  # numbers as they are compared
    "pipeline.tracks": {"pipeline.words", "pipeline.speakers"},
    # what is printed, parsed and measured
    "pipeline.formats": {"pipeline.words", "pipeline.ads"},  # sentences; an ad's offer in the notes
    "pipeline.scores": {"pipeline.words", "pipeline.formats"},
    # what lies around a run
    "pipeline.library": {
        *("pipeline.ads", "pipeline.speakers", "pipeline.formats"),
        "pipeline.words",  # what the publisher's transcript has otherwise
    },
    "pipeline.feeds": {"pipeline.covers", "pipeline.formats", "pipeline.library"},
    "pipeline.desk": {
        *("pipeline.ads", "pipeline.formats", "pipeline.notes"),  # an ad's offer; what a stage of the notes keeps
        *("pipeline.library", "pipeline.feeds", "pipeline.batch", "pipeline.follow"),
    },
    "pipeline.batch": {
        *("pipeline.words", "pipeline.tracks", "pipeline.formats"),
        *("pipeline.library", "pipeline.feeds"),
    },
    "pipeline.follow": {"pipeline.library", "pipeline.feeds", "pipeline.batch"},
    "pipeline.commands": {
        *("pipeline.ads", "pipeline.formats", "pipeline.scores"),
        *("pipeline.library", "pipeline.feeds", "pipeline.batch"),
    },
    # the networks and the sound
    "models.ads": {  # scored as the pipeline scores
        *("models.corrections", "models.encoder", "models.fine_tuning", "models.machine", "models.mpnet"),
        *("models.parallel", "models.weights", "pipeline.ads", "pipeline.scores"),
    },
    "models.chat": {"pipeline.feeds"},  # which addresses may be asked
    "models.corrections": {"models.mpnet"},
    "models.diarization": {"models.weights", "models.parallel", "pipeline.ads"},  # pauses: levels of sound
    "models.encoder": {"models.weights", "models.parallel"},
    "models.language": {"models.weights", "models.lean_imports"},
    "models.mpnet": {"models.machine"},
    "models.notes": {
        *("models.corrections", "models.encoder", "models.language", "models.fine_tuning", "models.mpnet"),
        *("models.parallel", "models.weights", "pipeline.words"),
        *("pipeline.notes", "pipeline.scores"),  # the same features, the same scores
    },
    "models.speakers": {
        *("models.corrections", "models.encoder", "models.fine_tuning", "models.language", "models.mpnet"),
        *("models.parallel", "models.weights", "pipeline.words", "pipeline.speakers"),
    },
    "models.weights": {"pipeline.feeds"},  # the deadline over an exchange
    "models.whisper": {
        *("models.weights", "models.machine", "models.parallel", "models.lean_imports"),
        "pipeline.words",  # windows
    },
    "audio": {"pipeline.formats"},  # the seed; times in sentences
}
"""Which subject may import which other one; everything else goes through the base or the run."""
MOST_FILES = 10
"""Files of one subject that can be kept in mind at a time; a subfolder counts for itself."""


@cache
def imported(file: str) -> frozenset[str]:
    """Every module that a file names in an import: at the top, inside a function, or for types alone."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; write the whole path"
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
def imported_to_run(file: str) -> frozenset[str]:
    """As ``imported``, without what is imported for types alone."""
    tree = ast.parse((ROOT / file).read_text())
    for branch in ast.walk(tree):
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING":
            branch.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_among_files() -> dict[str, set[str]]:
    """For each file of ours the files of ours that it imports."""
    of_module = {module_of(file): file for file in FILES}
    return {file: {of_module[name] for name in imported(file) if name in of_module} - {file} for file in FILES}


def room_of(file: str) -> str:
    parts = module_of(file).split(".")
    return "audio" if parts[0] == "audio" else ".".join(parts[:2])


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """The files of one circle; empty where there is none."""
    done: set[str] = set()

    def follow(file: str, path: list[str]) -> list[str]:
        if file in path:
            return path[path.index(file) :]
        if file in done:
            return []
        for other in sorted(arrows[file]):
            if found := follow(other, [*path, file]):
                return found
        done.add(file)
        return []

    return next((found for file in sorted(arrows) if (found := follow(file, []))), [])


@pytest.mark.parametrize("file", FILES)
def test_a_package_imports_only_what_it_may(file):
    if file in WIRES_THE_THREE:
        return
    ours = {name.split(".")[0] for name in imported(file)} & set(PACKAGES)
    assert ours <= MAY_IMPORT[file.split("/")[0]], f"{file} reaches into another package"


@pytest.mark.parametrize("file", [f for f in FILES if f.startswith(PURE)])
def test_the_middle_is_pure(file):
    reached = {n for n in imported_to_run(file) if n in IMPURE or n.split(".")[0] in IMPURE}
    assert not reached, f"{file} touches the world: {reached}"


@pytest.mark.parametrize("file", [f for f in FILES if f not in ("pipeline/cli.py", "pipeline/__main__.py")])
def test_nobody_imports_the_command_line_or_the_api(file):
    assert not {"pipeline.cli", "pipeline.api"} & imported(file)


def test_no_files_import_each_other_in_a_circle():
    found = circle(imports_among_files())
    assert not found, " -> ".join([*found, *found[:1]])


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_a_subject_imports_only_the_subjects_it_may():
    odd = []
    for file, others in imports_among_files().items():
        here = room_of(file)
        for other in others:
            there = room_of(other)
            if here in STEPS or there in BASE | STEPS or here == there or there in PACKAGES:
                continue
            if there not in ARROWS.get(here, set()):
                odd.append(f"{file} -> {other}")
    assert not odd


def test_every_arrow_in_the_table_is_there():
    drawn = {(room_of(file), room_of(other)) for file, others in imports_among_files().items() for other in others}
    assert not [(here, there) for here, others in ARROWS.items() for there in others if (here, there) not in drawn]


def test_a_subject_has_few_files():
    held = Counter(str(PurePosixPath(file).parent) for file in FILES if not file.endswith("__init__.py"))
    large = {folder for folder, count in held.items() if count > MOST_FILES and folder != "pipeline"}
    assert not large
