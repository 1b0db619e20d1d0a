"""Every test that the threat model names exists, and every line of it names one."""

from __future__ import annotations

import ast
import re

import pytest

from tests.paths import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text()
LINES = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and "| Test |" not in line]
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+)::(\w+)`", DOCUMENT)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_named_test_exists(file: str, name: str) -> None:
    functions = [
        node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(node, ast.FunctionDef)
    ]
    assert functions.count(name) == 1


@pytest.mark.parametrize("line", LINES)
def test_every_threat_names_its_test(line: str) -> None:
    assert re.search(r"`tests/[\w/.]+::\w+`", line.rsplit("|", 2)[1])


def test_there_are_threats() -> None:
    assert len(LINES) > 20 and len(NAMED) > 40
