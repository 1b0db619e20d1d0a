"""What a stage's code is, as a hash: finished work is reused only while the code that made it stands."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = ("pipeline", "models", "audio")


@cache
def code_hash(*modules: str) -> str:
    """SHA-256 over the source of modules and of every module of ours that they reach by imports."""
    seen: set[Path] = set()
    waiting = [path for module in modules for path in _files_of(module)]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += [found for name in _imported(path) for found in _files_of(name)]
    digest = hashlib.sha256()
    for path in sorted(seen):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files_of(module: str) -> list[Path]:
    """The file behind a dotted name of ours; nothing for a foreign name or a name inside a module."""
    if module.split(".")[0] not in OURS:
        return []
    stem = ROOT.joinpath(*module.split("."))
    return [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names
