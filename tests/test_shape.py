"""Functions that fit on a screen, and parameter lists that can be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.paths import ROOT

MOST_LINES = 50
MOST_PARAMETERS = 8
BEING_REWRITTEN: set[str] = set()
"""``file:function`` of those that are longer for now."""
FILES = sorted(
    p.relative_to(ROOT).as_posix()
    for package in ("pipeline", "models", "audio")
    for p in (ROOT / package).rglob("*.py")
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: str) -> Iterator[Function]:
    """Every function and method of a module, also those inside others."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, Function))


def lines(function: Function) -> int:
    """From ``def`` to the last line, both included; decorators do not count."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def parameters(function: Function) -> int:
    """All that a caller may pass; ``self`` and ``cls`` are not passed."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    own = bool(named) and named[0].arg in ("self", "cls")
    return len(named) - own + bool(given.vararg) + bool(given.kwarg)


@pytest.mark.parametrize("file", FILES)
def test_every_function_is_short_and_takes_few_parameters(file):
    for function in functions((ROOT / file).read_text()):
        if f"{file}:{function.name}" in BEING_REWRITTEN:
            continue
        assert lines(function) < MOST_LINES, f"{file}:{function.lineno} {function.name} has {lines(function)} lines"
        if file != "pipeline/cli.py":  # a command takes its options
            assert parameters(function) <= MOST_PARAMETERS, f"{file}:{function.lineno} {function.name}"


def test_lines_and_parameters_are_counted():
    inner, outer = sorted(
        functions("class A:\n def f(self, a, *b, c=1, **d):\n  def g(): ...\n  return g\n"), key=lines
    )
    assert (lines(inner), parameters(inner), lines(outer), parameters(outer)) == (1, 0, 3, 4)
