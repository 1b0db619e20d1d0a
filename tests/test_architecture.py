"""The tree is the architecture: who may import whom."""

import ast

import pytest

from tests.paths import ROOT

PACKAGES = ("pipeline", "models", "audio")
MAY_IMPORT = {"pipeline": {"pipeline"}, "models": {"models", "pipeline"}, "audio": {"audio", "pipeline"}}
WIRES_THE_THREE = {"pipeline/wiring.py"}
PURE = (
    *(f"pipeline/{room}/" for room in ("words", "speakers", "ads", "notes", "formats", "scores")),
    "pipeline/timeline.py",
    "pipeline/language.py",
    "pipeline/ports.py",
)
IMPURE = {"torch", "os", "pathlib", "shutil", "subprocess", "socket", "httpx", "urllib.request", "time", "random"}
FILES = sorted(p.relative_to(ROOT).as_posix() for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def imported(file: str) -> set[str]:
    """Every module that a file names in an import, at the top or inside a function; not those for types alone."""
    names: set[str] = set()
    tree = ast.parse((ROOT / file).read_text())
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; write the whole path"
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("file", FILES)
def test_a_room_imports_only_what_it_may(file):
    if file in WIRES_THE_THREE:
        return
    ours = {name.split(".")[0] for name in imported(file)} & set(PACKAGES)
    assert ours <= MAY_IMPORT[file.split("/")[0]], f"{file} reaches into another room"


@pytest.mark.parametrize("file", [f for f in FILES if f.startswith(PURE)])
def test_the_middle_is_pure(file):
    reached = {n for n in imported(file) if n in IMPURE or n.split(".")[0] in IMPURE}
    assert not reached, f"{file} touches the world: {reached}"


@pytest.mark.parametrize("file", [f for f in FILES if f not in ("pipeline/cli.py", "pipeline/__main__.py")])
def test_nobody_imports_the_command_line(file):
    assert "pipeline.cli" not in imported(file)
