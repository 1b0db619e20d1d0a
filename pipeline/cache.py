"""The episode folder is the record: one file per finished stage, reused while what went into it is the same.

OUT/<show>/<episode>/           the outputs
OUT/<show>/<episode>/stages/    <stage>.json = {"key": hash of what went in, "digest": hash of the data, "data": what
                                came out}, timings.json
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar

from pipeline.errors import AudioError, StoreError
from pipeline.files import read_text, regular
from pipeline.locks import Busy, locked

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

TEMPORARY = ".writing-"  # begins the name of a file that is not whole yet
HIDDEN_QUERY = "?..."  # ends an address that is shown without its secrets: it does not tell two recordings apart
STORAGE_ERRORS = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE)
_ADAPTERS: dict[Any, Any] = {}
LOCK_TRIES = 100  # the folder, or the lock in it, may be taken away by a run that ends just then
SWEPT_AWAY = 3  # tries to write a file whose temporary one was taken away meanwhile
NEEDED_BYTES = 50_000_000  # an hour's outputs with its clean audio; less free space ends in a half-written file


class FolderBusy(StoreError):
    """Another run holds the folder."""


class FolderTaken(StoreError):
    """The folder is another recording's."""


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A stage's outcome; ``digest`` stands for it in the keys of later stages."""

    value: T
    digest: str
    reused: bool


@dataclass(frozen=True, slots=True)
class EpisodeFolder:
    path: Path

    @property
    def stages(self) -> Path:
        return self.path / "stages"

    def stage(self, name: str, shape: type[T], inputs: object, compute: Callable[[], T]) -> Stored[T]:
        """The outcome of a stage: read from its file if the same inputs made it, else computed and written.

        ``shape`` is the frozen type that comes out; ``inputs`` is anything JSON can hold: all that the outcome
        depends on. What is returned has always been through its file, so a reused run equals a fresh one.
        """
        adapter = adapter_of(shape)
        key = digest_of([name, inputs])
        file = self.stages / f"{name}.json"
        with suppress(OSError, ValueError, KeyError, TypeError):  # another version's idea of it, or damaged: made again
            record = _read_stage(file)
            if record["key"] == key:
                return Stored(adapter.validate_python(record["data"]), record["digest"], reused=True)
        data = adapter.dump_python(compute(), mode="json")
        digest = digest_of(data)
        record = {"stage": name, "key": key, "digest": digest, "data": data}
        write_atomic(file, json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
        # JSON has no tuples: lax validation turns its lists back into them.
        return Stored(adapter.validate_python(data), digest, reused=False)

    def load(self, name: str, shape: type[T]) -> Stored[T]:
        """The outcome of a finished stage, whatever made it.

        Raises OSError, ValueError, KeyError or TypeError where it cannot be read.
        """
        record = _read_stage(self.stages / f"{name}.json")
        return Stored(adapter_of(shape).validate_python(record["data"]), record["digest"], reused=True)

    def claim(self, *, sha256: str, path: Path, source: str) -> None:
        """Note which recording this folder is for; done under its lock, before any work.

        Raises FolderTaken when it is another recording's.
        """
        if not self.is_for(sha256=sha256, path=path, source=source):
            raise FolderTaken(self.path, "holds another recording of this title")
        owner = {"source": source, "sha256": sha256, "place": self._place(path, source)}
        self.write("stages/episode.json", json.dumps(owner, ensure_ascii=False) + "\n")

    def is_for(self, *, sha256: str, path: Path, source: str) -> bool:
        """Whether this folder is nobody's, or this recording's: by its bytes, or because it lies in the same place."""
        owner = self.owner()
        if owner is None or owner.get("sha256") == sha256:
            return True
        return owner.get("place", owner.get("source")) == self._place(path, source)

    def _place(self, path: Path, source: str) -> str:
        """Where a recording comes from: an absolute path or a whole address as it is, else where its file lies."""
        told = "\ufffd" not in source  # a name that is not UTF-8 is shown without what it lacks
        whole = (told and PurePath(source).is_absolute()) or ("://" in source and not source.endswith(HIDDEN_QUERY))
        return source if whole else place_of(path, self.path)

    def owner(self) -> dict[str, object] | None:
        """Which recording this folder is for; None while it is nobody's."""
        for name in ("stages/episode.json", "result.json"):
            with suppress(OSError, ValueError):
                found = read_json(self.path / name)
                found = found.get("episode", found) if isinstance(found, dict) else {}
                if isinstance(found, dict) and isinstance(found.get("sha256"), str):
                    return found
        return None

    def forget(self, name: str) -> None:
        """Have a stage computed again, whatever its file says."""
        (self.stages / f"{name}.json").unlink(missing_ok=True)

    def note_time(self, stage: str, took_s: float) -> None:
        """Keep how long a stage took; never part of a key or of an output, which must not vary between runs."""
        write_atomic(self.stages / "timings.json", json.dumps({**self.timings(), stage: round(took_s, 3)}) + "\n")

    def timings(self) -> dict[str, float]:
        try:
            found = read_json(self.stages / "timings.json")
            return {str(k): float(v) for k, v in found.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def write(self, name: str, text: str) -> None:
        """Write an output, unless it already says the same."""
        target = self.path / name
        with suppress(OSError, UnicodeDecodeError):
            if read_text(target) == text:
                return
        write_atomic(target, text)

    @contextmanager
    def locked(self, *, needed_bytes: int | None = None) -> Iterator[None]:
        """Hold the folder against a second run; leaves no empty folder behind if nothing was written.

        ``needed_bytes``: the free space without which nothing is begun, NEEDED_BYTES unless said. Raises StoreError
        when the folder cannot be written or another run holds it.
        """
        fresh = [p for p in (self.path, *self.path.parents) if not os.path.exists(p)]  # noqa: PTH110  (a name that none can have is nowhere)
        new = self.path in fresh or not self.stages.exists()
        with self._lock() as lock:
            try:
                for folder in (self.path, self.stages):
                    sweep(folder, f"{TEMPORARY}*", ".*.part*")
                if shutil.disk_usage(self.path).free < (NEEDED_BYTES if needed_bytes is None else needed_bytes):
                    reason = "the disk is almost full (under 50 MB free); free some space and run again"
                    raise StoreError(self.path, reason)
                yield
            except AudioError:  # no episode: what little was found about it helps nobody
                if new:
                    shutil.rmtree(self.stages, ignore_errors=True)
                raise
            except OSError as error:
                if error.errno not in STORAGE_ERRORS:
                    raise
                raise StoreError(
                    self.path, f"cannot be written ({error.strerror or error}); finished stages are kept: run again"
                ) from error
            finally:
                with suppress(OSError):  # a folder that became read-only
                    lock.unlink(missing_ok=True)
                for folder in [self.stages, self.path, *fresh]:
                    with suppress(OSError):
                        folder.rmdir()  # only ever removes an empty one

    @contextmanager
    def _lock(self) -> Iterator[Path]:
        lock = self.stages / ".lock"
        with ExitStack() as held:
            for _ in range(LOCK_TRIES):
                try:
                    self.stages.mkdir(parents=True, exist_ok=True)
                    handle = held.enter_context(open(lock, "w", opener=regular))
                    held.enter_context(locked(handle, lock))
                except FileNotFoundError:
                    continue  # a run that ended took the empty folder away
                except Busy:
                    reason = "another cleancast run is working in this folder; wait for it or choose another with -o"
                    raise FolderBusy(self.path, reason) from None
                except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
                    told = getattr(error, "strerror", None) or str(error)
                    reason = f"the output folder cannot be written ({told}); choose another with -o"
                    raise StoreError(self.path, reason) from None
                if _is_at(handle, lock):
                    break
                held.close()  # the run before us took the file away as it ended: lock the new one
            else:
                raise StoreError(self.path, "the output folder cannot be made; choose another with -o")
            yield lock


def _is_at(handle: IO[str], path: Path) -> bool:
    try:
        return os.fstat(handle.fileno()).st_ino == path.stat().st_ino
    except OSError:
        return False


def sweep(folder: Path, *patterns: str) -> None:
    """Take away the halves of files that killed runs were writing in a folder."""
    for pattern in patterns:
        for left in folder.glob(pattern):
            left.unlink(missing_ok=True)


def sweep_above(out: Path) -> None:
    """The same for what lies beside the shows and beside the episodes of an output folder.

    A run that is writing there now writes it again; a folder that cannot be read is left as it is.
    """
    with suppress(OSError):
        for folder in (out, *filter(Path.is_dir, out.glob("*"))):
            sweep(folder, f"{TEMPORARY}*")


def adapter_of(shape: type[T]) -> TypeAdapter[T]:
    """What turns a type of ours into plain values and back; made once, which takes 10 to 30 ms."""
    from pydantic import TypeAdapter

    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    adapter: TypeAdapter[T] = _ADAPTERS[shape]
    return adapter


def cache_folder() -> Path:
    """Where this machine keeps what can be had or made again: $CLEANCAST_CACHE, else below $XDG_CACHE_HOME or home."""
    if own := os.environ.get("CLEANCAST_CACHE"):
        return Path(own).expanduser()
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared).expanduser() / "cleancast"
    return Path.home() / ".cache" / "cleancast"


def place_of(path: Path, folder: Path) -> str:
    """Where a recording lies; inside the output folder as seen from an episode's folder, because folders move."""
    path, folder = path.resolve(), folder.resolve()
    out = folder.parent.parent
    return (Path("../..") / path.relative_to(out)).as_posix() if path.is_relative_to(out) else str(path)


def digest_of(value: object) -> str:
    """SHA-256 of a value: frozen dataclasses, sequences, mappings and plain JSON values, whatever the order of keys.

    Raises TypeError for anything else: a key may hold nothing whose text could change by itself.
    """
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {declared.name: _plain(getattr(value, declared.name)) for declared in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"no key can be made of {type(value).__name__}")


def write_atomic(path: Path, text: str | bytes) -> None:
    """Write a whole file or none: to a temporary name beside it, then renamed."""
    # A name that is not UTF-8 holds lone surrogates: written as JSON escapes them, and read back the same.
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    try:
        for _ in range(SWEPT_AWAY):
            with suppress(FileNotFoundError):  # a run that begins takes it for a killed run's
                _write_and_rename(path, data)
                return
        _write_and_rename(path, data)
    except OSError as error:
        reason = f"cannot be written ({error.strerror}); finished stages are kept: fix this and run again"
        raise StoreError(path, reason) from None


def _write_and_rename(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{TEMPORARY}{path.name[:80]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(OSError):  # not every file system has modes
            Path(name).chmod(0o644)  # mkstemp's own keeps others from reading
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read_stage(file: Path) -> dict[str, Any]:
    """A stage file whose data is as it was written.

    Raises OSError, ValueError, KeyError or TypeError where it cannot be read.
    """
    record = read_json(file)
    if record["digest"] != digest_of(record["data"]):
        raise ValueError("is damaged")
    found: dict[str, Any] = record
    return found


def read_json(file: Path) -> Any:
    """What a JSON file of ours holds, every number finite.

    Raises ValueError for anything else that may stand in a file, however deep or long, OSError when there is none.
    """
    try:
        return json.loads(read_text(file), parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no number")
    return number
