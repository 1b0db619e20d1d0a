"""Imports of libraries without the parts of them that are costly to import and that nothing here uses.

Within ``with without_...():`` such a part is replaced by a stand-in. What the library took from it loads the real one
when it is called, so the library lacks nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

COMPILED = "compiled"
"""The attribute of a function whose compiling has been put off, which compiles it."""


@contextmanager
def without_numba() -> Iterator[None]:
    """For ``import whisper``, whose own word times are compiled: 0.02 instead of 0.3 s of CPU."""
    with _replaced("numba", jit=_compiled_when_called):
        yield


@contextmanager
def without_spacy_commands() -> Iterator[None]:
    """For ``import spacy``, whose command line imports what downloads packages: 0.4 instead of 0.8 s of CPU."""

    def info(*given: Any, **named: Any) -> Any:
        return import_module("spacy.cli.info").info(*given, **named)

    with _replaced("spacy.cli", __path__=[]), _replaced("spacy.cli.info", info=info):
        yield


@contextmanager
def _replaced(name: str, **members: Any) -> Iterator[None]:
    """Has an import of the module find these members only; nothing is changed where it is imported already."""
    if name in sys.modules:
        yield
        return
    stand_in = ModuleType(name)
    vars(stand_in).update(members)
    sys.modules[name] = stand_in
    try:
        yield
    finally:
        sys.modules.pop(name, None)


def _compiled_when_called(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``numba.jit``, put off to the first call: that compiles all its module has put off, as they call each other."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def compiled() -> Any:
            return import_module("numba").jit(**options)(function)

        def call(*given: Any) -> Any:
            home = function.__globals__
            for name, found in [(name, found) for name, found in home.items() if hasattr(found, COMPILED)]:
                home[name] = getattr(found, COMPILED)()
            return home[function.__name__](*given)

        setattr(call, COMPILED, compiled)
        return call

    return decorate
