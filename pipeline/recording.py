"""The recording itself, through the audio ports: decoded for the networks, cut for the listener, its cuts to hear."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ChangedError
from pipeline.files import regular
from pipeline.ports import Audition, CutAudio, Decode, Progress, Tool
from pipeline.result import Chapter, Episode
from pipeline.timeline import CutList, Seconds, Waveform

if TYPE_CHECKING:
    from pipeline.cache import EpisodeFolder

M4A_LIKE = {".m4a", ".mp4", ".m4b", ".aac", ".mov"}
"""Sources whose clean audio stays AAC; every other becomes mp3."""
REMOVED = "removed.mp3"


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound file of the user's, and the hash of its bytes."""

    path: Path
    sha256: str

    def check(self) -> None:
        """Raise ChangedError unless the file is still the one that was hashed: asked after each time it was read."""
        try:
            same = hash_file(self.path) == self.sha256
        except OSError as error:
            raise ChangedError(self.path, f"cannot be read any more ({error.strerror}); run again") from None
        if not same:
            raise ChangedError(self.path, "was changed while it was being worked on; run again")


@dataclass(frozen=True, slots=True)
class Sound:
    """A decoded recording; ``losses`` are sentences about what of it could not be read."""

    wave: Waveform
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What is kept of the decoded sound: its length, and what could not be read."""

    duration: Seconds
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A sound file that was written into the episode's folder: name, size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str

    def is_in(self, folder: Path) -> bool:
        """Whether the folder still holds this file as it was written."""
        path = folder / self.name
        return path.is_file() and path.stat().st_size == self.size and hash_file(path) == self.sha256


def decode(recording: Recording, decoder: Decode, progress: Progress) -> Sound:
    """The sound of a recording, mono at 16 kHz. Raises AudioError when it holds none that can be read."""
    losses: list[str] = []
    wave = decoder(recording.path, progress=progress, warn=losses.append)
    recording.check()
    return Sound(wave, tuple(losses))


def describe_sound(sound: Sound) -> Decoded:
    """How long a decoded recording is, and what of it was lost."""
    return Decoded(sound.wave.duration, sound.losses)


def tags_of(episode: Episode) -> dict[str, str]:
    """What a clean file says of itself to a player: title, album (the show), artist and date, as far as known.

    The artist is the recording's own; where it names none, the show.

    >>> tags_of(Episode("on-tea", "tea.mp3", 60.0, "", title="On tea", show="Cups", published="2026-05-04"))
    {'title': 'On tea', 'album': 'Cups', 'artist': 'Cups', 'date': '2026-05-04'}
    """
    own = {name.lower(): value for name, value in episode.tags.items()}
    artist = own.get("artist") or own.get("album_artist") or episode.show
    tags = {"title": episode.title, "album": episode.show, "artist": artist, "date": episode.published}
    return {name: value for name, value in tags.items() if value}


def cut(
    recording: Recording,
    applied_cuts: CutList,
    chapters: tuple[Chapter, ...],
    sound_tags: Mapping[str, str],
    loudness_lufs: float | None,
    cutter: CutAudio,
    place: Path,
    progress: Progress,
) -> SoundFile:
    """The clean audio: the recording without its cuts, with its tags, and chapters on the clean clock."""
    cuts = applied_cuts
    moved = ((cuts.to_clean(c.start), cuts.to_clean(c.end), c) for c in chapters)
    clean = tuple(Chapter(start, end, c.title, c.url) for start, end, c in moved if end > start)
    target = place / _clean_name(recording)
    cutter(recording.path, cuts, target, chapters=clean, tags=sound_tags, loudness=loudness_lufs, progress=progress)
    return _written(target, recording)


def begin_cut(
    recording: Recording,
    planned_cuts: CutList,
    sound_tags: Mapping[str, str],
    loudness_lufs: float | None,
    cutter: CutAhead,
    folder: EpisodeFolder,
) -> None:
    """Begin to encode the clean audio as soon as its cuts are planned, unless it has been made before."""
    if planned_cuts.kept and not (folder.stages / "clean.json").exists():
        target = folder.path / _clean_name(recording)
        cutter.begin(recording.path, planned_cuts, target, tags=sound_tags, loudness=loudness_lufs)


def _clean_name(recording: Recording) -> str:
    return "clean.m4a" if recording.path.suffix.lower() in M4A_LIKE else "clean.mp3"


class CutAhead:
    """The CutAudio port, which can begin before the chapters are known: they come last in a file.

    What was begun is used where it is what is asked for in the end, and given up otherwise, or where the run ends.
    """

    def __init__(self, tool: Tool[CutAudio]) -> None:
        self.tool = tool
        self._asked: tuple[object, ...] = ()
        self._chapters: Future[tuple[Chapter, ...]] = Future()
        self._written: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, "cut")

    def __enter__(self) -> CutAhead:
        return self

    def __exit__(self, *_error: object) -> None:
        self._give_up()
        self._thread.shutdown()

    def begin(
        self, source: Path, cuts: CutList, target: Path, *, tags: Mapping[str, str], loudness: float | None
    ) -> None:
        """Begin to write ``target``; the chapters come with the call that asks for the same file."""
        self._asked = (source, cuts, target, dict(tags), loudness)
        self._written = self._thread.submit(
            self.tool(), source, cuts, target,
            chapters=_Awaited(self._chapters), tags=tags, loudness=loudness, progress=self._go_on,
        )  # fmt: skip

    def __call__(
        self,
        source: Path,
        cuts: CutList,
        target: Path,
        *,
        chapters: Sequence[Chapter],
        tags: Mapping[str, str],
        loudness: float | None,
        progress: Progress,
    ) -> None:
        if self._written and self._asked == (source, cuts, target, dict(tags), loudness):
            self._chapters.set_result(tuple(chapters))
            written, self._written = self._written, None
            written.result()
            progress(1.0)
            return
        self._give_up()
        self.tool()(source, cuts, target, chapters=chapters, tags=tags, loudness=loudness, progress=progress)

    def _go_on(self, _share: float) -> None:
        """Called while it is written: raises where it has been given up."""
        if self._chapters.done():
            self._chapters.result()

    def _give_up(self) -> None:
        if self._written:
            self._chapters.set_exception(CancelledError())
            wait([self._written])
            self._written = None


class _Awaited(Sequence[Chapter]):
    """Chapters that are still being found: whoever looks at them waits."""

    def __init__(self, found: Future[tuple[Chapter, ...]]) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found.result())

    def __getitem__(self, place: Any) -> Any:
        return self._found.result()[place]


def audition(recording: Recording, applied_cuts: CutList, auditioner: Audition, place: Path) -> SoundFile | None:
    """A minute in which the edges of every cut are heard; None, and no file, where nothing was cut."""
    target = place / REMOVED
    if not applied_cuts.removed:
        target.unlink(missing_ok=True)
        return None
    auditioner(recording.path, applied_cuts, target)
    return _written(target, recording)


def _written(path: Path, recording: Recording) -> SoundFile:
    """What was written of a recording; taken away again where that is not the recording any more."""
    try:
        recording.check()
    except ChangedError:
        path.unlink(missing_ok=True)
        raise
    return SoundFile(path.name, path.stat().st_size, hash_file(path))


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb", opener=regular) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
