"""What was read out of source files and installed packages, kept on this machine by what it was read from.

Each command asks what its code depends on (``provenance.py``); to parse the same fifty files again takes half a second.

    CACHE/provenance.json   {"reader", "modules": {hash of a file: what is in it},
                             "packages": {hash of where packages lie, and when that changed: who brings which}}

Losing the file costs that half second.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from pipeline.cache import cache_folder, read_json, write_atomic
from pipeline.errors import StoreError

FILE = "provenance.json"
MOST_MODULES = 500
"""Of all versions of all files: those that were used last."""
MOST_PLACES = 8
"""Of all environments in which it was started, and their states."""


class Parsed:
    """The kept file, read once; ``reader`` stands for the code that reads source files."""

    def __init__(self, reader: str) -> None:
        self.reader = f"{reader} {sys.version}"
        self.file = cache_folder() / FILE
        self.changed = False
        self.modules: dict[str, Any] = {}
        self.packages: dict[str, Any] = {}
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            kept = read_json(self.file)
            if kept["reader"] == self.reader:
                self.modules, self.packages = dict(kept["modules"]), dict(kept["packages"])

    def module(self, source: bytes, parse: Callable[[bytes], Any]) -> Any:
        """What is in a source file, as plain JSON values."""
        key = hashlib.sha256(source).hexdigest()
        found = self.modules.pop(key, None)
        if found is None:
            found, self.changed = parse(source), True
        self.modules[key] = found  # the last one used
        return found

    def distributions(self) -> Mapping[str, list[str]]:
        """Which distributions bring a package; read again when something was installed or taken away."""
        places = sorted({(place, Path(place).stat().st_mtime_ns) for place in sys.path if Path(place).is_dir()})
        key = hashlib.sha256(json.dumps(places).encode()).hexdigest()
        found: Mapping[str, list[str]] | None = self.packages.pop(key, None)
        if found is None:
            found = {name: list(brought) for name, brought in packages_distributions().items()}
            self.changed = True
        self.packages[key] = found
        return found

    def keep(self) -> None:
        """Write what is new; a cache that cannot be written is none."""
        if not self.changed:
            return
        self.changed = False
        modules = dict(list(self.modules.items())[-MOST_MODULES:])
        packages = dict(list(self.packages.items())[-MOST_PLACES:])
        document = {"reader": self.reader, "modules": modules, "packages": packages}
        with suppress(StoreError, OSError):
            write_atomic(self.file, json.dumps(document, separators=(",", ":")))


@cache
def parsed_by(reader: str) -> Parsed:
    """What this machine keeps for a reader."""
    return Parsed(reader)
