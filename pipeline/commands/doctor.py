"""Whether this machine has what a run needs, what is wrong, and how to fix it."""

from __future__ import annotations

import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.batch.workers.cores import cores
from pipeline.errors import CleancastError

PACKAGES = ("openai-whisper", "faster-whisper", "ctranslate2", "pyannote.audio", "torch", "pydub", "ffmpeg-python")
INSTALL = "pip install -c constraints.txt -e ."
LEAST_DISK = 1_000_000_000  # bytes: the outputs and the download of some twenty episodes
LEAST_MEMORY = 2_500_000_000  # bytes free: the networks and an hour of sound (`make bench` prints the peak)
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check; ``problem`` is empty if all is well, ``fix`` says what to do otherwise."""

    name: str
    found: str
    problem: str = ""
    fix: str = ""

    @property
    def good(self) -> bool:
        return not self.problem


@dataclass(frozen=True, slots=True)
class Machine:
    """What the checks ask models and audio; tests pass stand-ins.

    ``weights``: (name, problem or "") of every set that is present or needed. ``ffmpeg``: path, version, what it
    lacks. ``device``: what the networks would run on.
    """

    weights: Callable[[], Iterable[tuple[str, str]]]
    ffmpeg: Callable[[], tuple[str, str, tuple[str, ...]]]
    device: Callable[[], str]
    cache: Path
    packages: Sequence[str] = PACKAGES
    version: Callable[[str], str] = version
    free_disk: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    free_memory: Callable[[], int] = lambda: 0


def examine(machine: Machine, *, out: Path) -> tuple[Check, ...]:
    """Every check, in the order in which a run would need it."""
    return (
        _program(machine),
        *(_package(name, machine) for name in machine.packages),
        *_weights(machine),
        _ffmpeg(machine),
        _device(machine),
        _memory(machine),
        *(_folder(name, path, machine) for name, path in (("cache", machine.cache), ("output", out))),
    )


def print_checks(checks: Sequence[Check]) -> str:
    """The checks as text: a line each; below a failed check, the problem and how to fix it."""
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{'good' if check.good else 'WRONG':5}  {check.name:{width}}  {check.found}".rstrip())
        if not check.good:
            lines += [f"{'':{width + 9}}{check.problem}", f"{'':{width + 9}}fix: {check.fix}"]
    wrong = sum(not check.good for check in checks)
    lines.append("this machine has everything a run needs" if not wrong else f"{wrong} of {len(checks)} checks failed")
    return "\n".join(lines)


def print_checks_json(checks: Sequence[Check]) -> str:
    """The checks as JSON: {"version": 1, "good": bool, "checks": [{"name", "good", "found", ...}]}."""
    listed = [
        {"name": check.name, "good": check.good, "found": check.found}
        | ({} if check.good else {"problem": check.problem, "fix": check.fix})
        for check in checks
    ]
    document = {"version": 1, "good": all(check.good for check in checks), "checks": listed}
    return json.dumps(document, ensure_ascii=False, indent=1)


def _program(machine: Machine) -> Check:
    try:
        own = machine.version("cleancast")
    except PackageNotFoundError:
        own = "not installed"
    found = f"{own}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return Check("cleancast", found, f"it needs Python {wanted} or newer", f"make setup PYTHON=python{wanted}")
    return Check("cleancast", found)


def _package(name: str, machine: Machine) -> Check:
    try:
        return Check(name, machine.version(name))
    except PackageNotFoundError:
        return Check(name, "", "this package is not installed", INSTALL)


def _weights(machine: Machine) -> Iterable[Check]:
    for name, problem in machine.weights():
        if problem:
            yield Check(f"weights {name}", "", problem, f"cleancast models pull {name}")
        else:
            yield Check(f"weights {name}", "present, hashes match")


def _ffmpeg(machine: Machine) -> Check:
    fix = "install another ffmpeg, or remove this one from the PATH: the package imageio-ffmpeg brings its own"
    try:
        path, found, lacking = machine.ffmpeg()
    except (OSError, RuntimeError, ImportError, CleancastError) as error:
        return Check("ffmpeg", "", f"no ffmpeg that runs was found ({error})", "pip install imageio-ffmpeg")
    if not found:
        return Check("ffmpeg", path, "it does not run", fix)
    if lacking:
        return Check("ffmpeg", f"{found} at {path}", f"it lacks {'; '.join(lacking)}", fix)
    return Check("ffmpeg", f"{found} at {path}")


def _device(machine: Machine) -> Check:
    try:
        return Check("device", f"{machine.device()}, {cores()} threads")
    except (ImportError, OSError, RuntimeError) as error:
        return Check("device", "", f"torch does not load ({str(error).splitlines()[0][:120]})", INSTALL)


def _memory(machine: Machine) -> Check:
    free = machine.free_memory()
    found = f"{free / 1e9:.1f} GB free" if free else "unknown"
    if 0 < free < LEAST_MEMORY:
        problem = f"with less than {LEAST_MEMORY / 1e9:.1f} GB, a long episode may not fit"
        return Check("memory", found, problem, "close other programs, or use --model tiny and --jobs 1")
    return Check("memory", found)


def _folder(name: str, path: Path, machine: Machine) -> Check:
    """Whether a folder can be written and how much space it has; a missing one is judged by its nearest parent."""
    option = "choose another with -o" if name == "output" else "set CLEANCAST_CACHE to another folder"
    there = next((parent for parent in (path, *path.parents) if parent.exists()), Path("/"))
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        free = machine.free_disk(there)
    except OSError as error:
        return Check(f"{name} folder", str(path), f"it cannot be written ({error.strerror})", option)
    found = f"{path}, {free / 1e9:.0f} GB free"
    if free < LEAST_DISK:
        problem = f"less than {LEAST_DISK / 1e9:.0f} GB is free, which a few episodes fill"
        return Check(f"{name} folder", found, problem, f"free some space there, or {option}")
    return Check(f"{name} folder", found)
