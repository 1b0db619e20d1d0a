"""The weights of every network: what they are, whether they are here, and how they get here.

``catalogue.toml`` lists them. Files lie in ``<cache>/weights/<name>/<file>``; the cache is ``$CLEANCAST_CACHE``,
else ``$XDG_CACHE_HOME/cleancast``, else ``~/.cache/cleancast``. Nothing here loads a network or runs code that came
with one; whoever loads a checkpoint uses ``torch.load(..., weights_only=True)``.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.weights.catalogue import File, Source, Weights, find, read_catalogue
from models.weights.routes import Routes
from pipeline.cache import cache_folder
from pipeline.errors import WeightsError
from pipeline.ports import Progress, silent
from pipeline.recording import hash_file

MANIFEST = "manifest.json"
"""Beside weights without a hash in the catalogue: the size and hash of what came."""
CHECKED = ".checked.json"
"""Beside all weights: the state of the files when their hashes were last found right."""


RELIED_ON_S = 30 * 86_400.0
"""A bit that flips on the disk changes no time of the file: once a month all are hashed, which takes seconds."""


@dataclass(frozen=True, slots=True)
class InstalledWeights:
    """An entry of the catalogue and what is here of it."""

    weights: Weights
    folder: Path
    present: bool
    size: int


def locate(name: str) -> Path:
    """The folder that holds these weights, as good as when they came; WeightsError says which command brings them.

    Files that changed since they were last hashed, or were hashed long ago, are hashed again: a disk that lost bits
    must not make up words.
    """
    folder, files = _here(name)
    if _stamps(folder, files) != _read_json(folder / CHECKED) or _is_old(folder / CHECKED):
        verify(name)
    return folder


def _is_old(file: Path) -> bool:
    """Whether a check was made longer ago than it is relied on; with a clock that went back, it was."""
    return not 0 <= time.time() - file.stat().st_mtime < RELIED_ON_S


def _here(name: str) -> tuple[Path, Sequence[File]]:
    """Where these weights lie, and their files, of the right size; they are not read."""
    weights = find(name)
    folder = cache_folder() / "weights" / name
    source = _source_here(weights, folder)
    if source is None:
        raise WeightsError(name, f"not on this machine; fetch them with: cleancast models pull {name}")
    return folder, _remembered(source, folder)


def _stamps(folder: Path, files: Sequence[File]) -> dict[str, Any]:
    """What tells a file that was changed from the one that was hashed; all but the time of its entry can be set."""
    found = {file.name: (folder / file.name).stat() for file in files}
    return {name: [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino] for name, stat in found.items()}


def list_weights() -> tuple[InstalledWeights, ...]:
    """Every entry of the catalogue, and whether it is here."""
    found = []
    for weights in read_catalogue().values():
        folder = cache_folder() / "weights" / weights.name
        present = _source_here(weights, folder) is not None
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) if present else _known_size(weights)
        found.append(InstalledWeights(weights, folder, present, size))
    return tuple(found)


def verify(name: str) -> dict[str, str]:
    """The SHA-256 of every file of these weights, each compared with the catalogue or, failing that, the manifest.

    WeightsError names the file that is not what it should be, and the command that brings a good one.
    """
    folder, files = _here(name)
    stamps = _stamps(folder, files)
    found = {}
    for file in files:
        found[file.name] = hash_file(folder / file.name)
        if file.sha256 and found[file.name] != file.sha256:
            reason = f"{folder / file.name} is damaged (SHA-256 {found[file.name][:12]}..., not {file.sha256[:12]}...)"
            raise WeightsError(name, f"{reason}; fetch it again with: cleancast models pull {name}")
    with suppress(OSError):  # a cache that cannot be written is hashed every time
        (folder / CHECKED).write_text(json.dumps(stamps) + "\n", encoding="utf-8")
    return found


def fingerprint(name: str) -> str:
    """The SHA-256 of the main (largest) file as the catalogue or the manifest has it, without reading the file."""
    folder, files = _here(name)
    main = max(files, key=lambda file: file.size or 0)
    return main.sha256 or f"size {(folder / main.name).stat().st_size}"


def pull(name: str, progress: Progress = silent, *, routes: Routes | None = None) -> Path:
    """Fetches weights unless good ones are here, and returns their folder.

    Sources are tried in the catalogue's order. Every file is hashed before the finished folder is renamed into place,
    so an interrupted pull leaves nothing that looks complete. WeightsError says what each source answered.
    """
    from filelock import FileLock

    from models.weights.routes import Routes

    weights = find(name)
    root = cache_folder() / "weights"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f".{name}.lock"):
            try:
                verify(name)
            except WeightsError:
                _pull_first(weights, root, progress, routes or Routes())
    except OSError as error:
        raise WeightsError(name, f"cannot be written to {root}: {error.strerror or error}") from error
    progress(1.0)
    return root / name


def _pull_first(weights: Weights, root: Path, progress: Progress, routes: Routes) -> None:
    answers = []
    for source in weights.sources:
        partial = root / ".partial" / f"{weights.name}-{source.kind}"
        partial.mkdir(parents=True, exist_ok=True)
        try:
            stated = routes.fetch(weights.name, source, partial, progress)
            _check(weights.name, source, partial, stated)
        except WeightsError as error:
            answers.append(f"{source.shown}: {error.reason}")
            continue
        target = root / weights.name
        if target.exists():
            shutil.rmtree(target)
        partial.replace(target)
        return
    raise WeightsError(weights.name, "could not be downloaded from any source. " + " | ".join(answers))


def _check(name: str, source: Source, folder: Path, stated: dict[str, str]) -> None:
    """Refuses (and removes) a file that is not what the catalogue or its source says; writes the manifest."""
    manifest = {}
    for file in source.files:
        path = folder / file.name
        found = hash_file(path)
        wanted = file.sha256 or stated.get(file.name)
        if wanted and found != wanted:
            path.unlink()
            reason = f"refused {file.name}: its SHA-256 is {found[:12]}..., it should be {wanted[:12]}..."
            raise WeightsError(name, f"{reason} (the download is damaged or was changed)")
        manifest[file.name] = {"size": path.stat().st_size, "sha256": found}
    if any(file.sha256 is None for file in source.files):
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _source_here(weights: Weights, folder: Path) -> Source | None:
    """The source whose files lie complete in the folder."""
    for source in weights.sources:
        files = _remembered(source, folder)
        if all(f.size is not None and _size(folder / f.name) == f.size for f in files):
            return source
    return None


def _remembered(source: Source, folder: Path) -> Sequence[File]:
    """A source's files, sizes and hashes that the catalogue lacks filled in from the manifest."""
    if all(file.sha256 for file in source.files):
        return source.files
    known: dict[str, tuple[int, str]] = {}
    with suppress(KeyError, TypeError, AttributeError):  # a damaged manifest is none
        known = {name: (row["size"], row["sha256"]) for name, row in _read_json(folder / MANIFEST).items()}
    return [File(f.name, f.origin, *known.get(f.name, (f.size, f.sha256))) for f in source.files]


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _known_size(weights: Weights) -> int:
    """Bytes on disk once fetched, as far as the catalogue says; 0 where it does not."""
    return max(sum(file.size or 0 for file in source.files) for source in weights.sources)
