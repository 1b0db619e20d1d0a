"""What decides a stage's outcome besides its inputs: our own code, the data files it reads, the packages it runs on.

A stage's key holds ``provenance`` of its function, so that a stored outcome is used again only while all of that is
the same. It follows the code name by name: a function counts together with the functions, classes and constants that
it refers to, in its own file and in others of ours; the rest of these files does not. Comments and docstrings do not
count. A file that the code names and that lies beside it (a trained model, a word list) counts with its content, a
foreign package with its version.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline.parsed import Parsed, parsed_by

ROOT = Path(__file__).parent.parent
OURS = ("pipeline", "models", "audio")
EVERYTHING = "*"
"""Stands for all names of a module, where the module itself was imported."""
_FILE_NAME = re.compile(r"[\w.-]{1,80}\.\w{1,8}")

Reference = tuple[str, str]
"""A module of ours and a name in it."""


Source = tuple[str, str | None]
"""What an import names: a module, and a name in it."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One statement of a module: its code's hash, what it refers to, and texts in it that may be names of files."""

    code: str
    names: tuple[str, ...]
    imports: tuple[Source, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """The statements of a file by the names that they define; ``always`` run when it is imported, whatever is used."""

    definitions: dict[str, tuple[Definition, ...]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    always: tuple[Definition, ...] = ()


@cache
def provenance(*targets: str) -> str:
    """SHA-256 of what the named code depends on; ``targets``: ``package.module`` or ``package.module:name``."""
    digest = hashlib.sha256()
    for line in sorted(set(_lines(targets))):  # one statement may define several names
        digest.update(line.encode() + b"\0")
    _kept().keep()
    return digest.hexdigest()


@cache
def _kept() -> Parsed:
    """What this machine has read before, by this very code."""
    return parsed_by(hashlib.sha256(Path(__file__).read_bytes()).hexdigest())


def _lines(targets: Iterable[str]) -> Iterator[str]:
    reached, foreign = _reach(targets)
    for module, name, definition in reached:
        yield f"{module}:{name} {definition.code}"
        if not definition.texts:
            continue
        folder = (_path(module) or ROOT).parent
        for text in definition.texts:
            if text in _files_in(folder):
                yield f"{module}:{text} {_file_hash(folder / text)}"
    for package, found in _versions(foreign):
        yield f"{package}=={found}"


def _reach(targets: Iterable[str]) -> tuple[list[tuple[str, str, Definition]], set[str]]:
    """Every definition that the targets depend on, and the foreign packages among what these import."""
    waiting = [(module, name or EVERYTHING) for module, _, name in (target.partition(":") for target in targets)]
    seen: set[Reference] = set()
    reached: list[tuple[str, str, Definition]] = []
    foreign: set[str] = set()
    while waiting:
        reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        name, module = reference[1], _module(reference[0])
        names = list(module.definitions) if name == EVERYTHING else [name]
        for found in [*names, ""]:
            for definition in module.always if not found else module.definitions.get(found, ()):
                reached.append((reference[0], found, definition))
                here, abroad = _follow(reference[0], module, definition)
                waiting += here
                foreign |= abroad
        if name in module.imports:  # a name that is passed on
            waiting += _ours(*module.imports[name])
    return reached, foreign


def _follow(home: str, module: Module, definition: Definition) -> tuple[list[Reference], set[str]]:
    """What a definition refers to: names of ours, and foreign packages."""
    imported = [module.imports[name] for name in definition.names if name in module.imports]
    imported += definition.imports
    ours = [(home, name) for name in definition.names if name in module.definitions]
    foreign = set()
    for source, name in imported:
        if source.split(".")[0] in OURS:
            ours += _ours(source, name)
        elif source.split(".")[0] not in sys.stdlib_module_names:
            foreign.add(source.split(".")[0])
    return ours, foreign


def _ours(source: str, name: str | None) -> list[Reference]:
    if source.split(".")[0] not in OURS:
        return []
    if name and _path(f"{source}.{name}"):
        return [(f"{source}.{name}", EVERYTHING)]
    return [(source, name or EVERYTHING)]


@cache
def _path(module: str) -> Path | None:
    stem = ROOT.joinpath(*module.split("."))
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


@cache
def _module(name: str) -> Module:
    path = _path(name)
    if path is None:
        return Module()
    plain = _kept().module(path.read_bytes(), lambda source: asdict(_parse(source)))
    definitions = {local: tuple(map(_from_plain, found)) for local, found in plain["definitions"].items()}
    imports = {local: (module, imported) for local, (module, imported) in plain["imports"].items()}
    return Module(definitions, imports, tuple(map(_from_plain, plain["always"])))


def _from_plain(plain: Mapping[str, Any]) -> Definition:
    imports = tuple((module, name) for module, name in plain["imports"])
    return Definition(plain["code"], tuple(plain["names"]), imports, tuple(plain["texts"]))


def _parse(source: bytes) -> Module:
    definitions: dict[str, tuple[Definition, ...]] = {}
    imports: dict[str, tuple[str, str | None]] = {}
    always = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports |= {local: origin for local, origin in _imports(statement) if local}
            continue
        if _is_docstring(statement) or _is_for_types(statement):
            continue
        definition = _definition(statement)
        named = _names_defined(statement)
        for local in named:
            definitions[local] = (*definitions.get(local, ()), definition)
        if not named:
            always.append(definition)
    return Module(definitions, imports, tuple(always))


def _definition(statement: ast.stmt) -> Definition:
    for node in ast.walk(statement):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [inner for inner in body if not _is_docstring(inner)] or [ast.Pass()]  # type: ignore[attr-defined]
    nodes = list(ast.walk(statement))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    inner = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    files = sorted(text for text in texts if _FILE_NAME.fullmatch(text))
    imports = tuple(source for node in inner for _, source in _imports(node))
    code = hashlib.sha256(ast.dump(statement).encode()).hexdigest()
    return Definition(code, tuple(sorted(names)), imports, tuple(files))


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Each name that an import brings, and where it comes from."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, (str(node.module), alias.name)
        else:
            yield alias.asname or alias.name.split(".")[0], (alias.name, None)


def _names_defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def _is_docstring(statement: object) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_for_types(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"


@cache
def _files_in(folder: Path) -> frozenset[str]:
    return frozenset(entry.name for entry in os.scandir(folder) if entry.is_file())


@cache
def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _versions(packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Distribution and version behind each foreign import; a package that is not installed decides nothing."""
    for package in sorted(packages):
        for distribution in sorted(set(_kept().distributions().get(package, (package,)))):
            if found := _version(distribution):
                yield distribution, found


@cache
def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
