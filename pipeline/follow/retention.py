"""What is taken away of a show's older episodes, so that the disk holds: never what a person edited.

Of an episode whose outputs go, ``stages/item.json`` stays: by it the feed's episode is known as done. Originals are
only those that were downloaded; a recording of the user's own is never touched.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.cache import EpisodeFolder, FolderBusy, read_json
from pipeline.feeds.episode_index import ask
from pipeline.feeds.intact import FILE as MADE
from pipeline.feeds.items import FILE as ITEM
from pipeline.follow.config import Keep
from pipeline.library.edits.history import FILE as EDITS

DAY_S = 86_400.0
DOWNLOADS = "downloads"


@dataclass(frozen=True, slots=True)
class Kept:
    """An episode on the disk: its folder and its date (ISO 8601, or empty)."""

    folder: Path
    published: str


@dataclass(frozen=True, slots=True)
class Lightened:
    """An episode that something was taken from, and where its recording lay."""

    folder: Path
    recording: Path | None


def retain(show: Path, keep: Keep, *, now_s: float) -> tuple[Lightened, ...]:
    """Take away what a show need not keep; the episodes that something was taken from, the oldest first."""
    if keep.everything or not show.is_dir():
        return ()
    rows = ask(show, lambda episodes: episodes.on_disk())
    episodes = [Kept(show / name, published) for name, published in rows]
    found = ((episode.folder, _recording(episode.folder)) for episode in surplus(episodes, keep, now_s=now_s))
    return tuple(Lightened(folder, recording) for folder, recording in found if _lighten(folder, recording, keep))


def surplus(episodes: Sequence[Kept], keep: Keep, *, now_s: float) -> list[Kept]:
    """The episodes beyond what is kept, the oldest first; without a date an episode is the oldest.

    >>> two = [Kept(Path("a"), "2026-01-01"), Kept(Path("b"), "2026-01-02")]
    >>> [episode.folder.name for episode in surplus(two, Keep(episodes=1), now_s=0)]
    ['a']
    """
    newest = sorted(episodes, key=lambda episode: (episode.published, episode.folder.name), reverse=True)
    beyond = newest[keep.episodes :] if keep.episodes is not None else []
    if keep.days is not None:
        first = datetime.fromtimestamp(now_s - keep.days * DAY_S, UTC).isoformat()
        beyond += [episode for episode in newest if episode.published < first and episode not in beyond]
    return sorted(beyond, key=lambda episode: (episode.published, episode.folder.name))


def _lighten(path: Path, recording: Path | None, keep: Keep) -> bool:
    """Whether something of an episode was taken away."""
    if (path / EDITS).exists():
        return False
    downloads = path.resolve().parent.parent / DOWNLOADS
    downloaded = recording is not None and recording.parent.parent == downloads and recording.is_file()
    drops_original = downloaded and keep.drop != "outputs"
    if not drops_original and keep.drop == "originals":
        return False
    try:
        with EpisodeFolder(path).locked(needed_bytes=0):  # on a full disk, too
            if recording and drops_original:
                shutil.rmtree(recording.parent, ignore_errors=True)  # a download has a folder of its own
            outputs = _outputs(path) if keep.drop != "originals" else []
            for file in outputs:
                file.unlink(missing_ok=True)
            return bool(outputs) or drops_original
    except FolderBusy:
        return False  # the next look finds it


def _outputs(path: Path) -> list[Path]:
    """Every file of an episode but what is needed to know it again.

    First the note by which a look would miss the others, then the sound, which the feed offers.
    """
    stays = {path / "stages" / ITEM, path / "stages" / ".lock"}
    files = [file for file in path.rglob("*") if file.is_file() and file not in stays]
    return sorted(files, key=lambda file: (file != path / MADE, not file.name.startswith("clean."), file))


def _recording(path: Path) -> Path | None:
    """Where the recording of an episode lies, or lay; None where nobody knows."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return (path / str(read_json(path / "stages/run.json")["path"])).resolve()
    return None
