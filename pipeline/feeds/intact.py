"""Whether finished episodes are still as they were made: every file of them, with its size and its hash.

    OUT/<show>/<episode>/stages/made.json   {"version", "feed", "key", "files": {name: [bytes, SHA-256]}}

It is written when an episode is finished. A look compares times, sizes and places on the disk with those of the look
before, which the index of the show holds; only what has changed since is read. Where nothing is known of an earlier
look, sizes are compared.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cache import EpisodeFolder, FolderBusy, read_json
from pipeline.errors import StoreError
from pipeline.feeds.entries import SOUNDS
from pipeline.feeds.episode_index import Whole, ask
from pipeline.feeds.items import noted_of
from pipeline.formats.outputs import TEXT_OUTPUTS
from pipeline.ports import Reporter
from pipeline.recording import REMOVED, SoundFile, hash_file
from pipeline.result import Result

if TYPE_CHECKING:
    from pipeline.library.recall import Recalled

FILE = "stages/made.json"
STAGES = "stages"
OUTPUTS = (
    *TEXT_OUTPUTS,
    *("published.vtt", REMOVED, *(f"clean{suffix}" for suffix in SOUNDS)),
)
"""What is published of an episode."""
RECORDS = ("episode", "item", "run", "waits", "matches", "recognised")
"""What later runs need of it, beside the outcomes of stages."""
SOUND_STAGES = ("clean", "removed")


@dataclass(frozen=True, slots=True)
class Differing:
    """A finished episode that is not as it was made; ``key``: its item in the feed ``feed``, empty where not known."""

    folder: Path
    files: tuple[str, ...]
    feed: str = ""
    key: str = ""

    @property
    def told(self) -> str:
        """What is said of it."""
        return f"{self.folder.name}: not as it was made, so it is made again: {', '.join(self.files)}"


def note_made(folder: EpisodeFolder) -> None:
    """Note the files of an episode as they are now that it is finished. Where that fails, a later look does it."""
    with suppress(OSError, StoreError):
        _note(folder)


def _note(folder: EpisodeFolder) -> None:
    from pipeline.run import FINDING, MAKING, OF_TRACKS  # takes a while, and a look needs none of it

    stages = {*RECORDS, *(stage.name for stage in (*FINDING, *OF_TRACKS, *MAKING) if stage.kept)}
    sounds = {sound.name: sound for name in SOUND_STAGES if (sound := _sound(folder, name))}
    files: dict[str, list[Any]] = {}
    for name in (*OUTPUTS, *(f"{STAGES}/{stage}.json" for stage in sorted(stages))):
        path = folder.path / name
        if sound := sounds.get(name):
            files[name] = [sound.size, sound.sha256]
        elif path.is_file():
            files[name] = [path.stat().st_size, hash_file(path)]
    noted = noted_of(folder.path)
    of = {"feed": noted.feed_id, "key": noted.item.key} if noted else {"feed": "", "key": ""}
    listed = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(facts)}" for name, facts in files.items())
    folder.write(FILE, f'{{"version": 1, "of": {json.dumps(of)}, "files": {{\n  {listed}\n}}}}\n')


def _sound(folder: EpisodeFolder, stage: str) -> SoundFile | None:
    """A sound as it was written, which spares reading it."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found: SoundFile | None = folder.load(stage, SoundFile | None).value  # type: ignore[arg-type]
        return found
    return None


def _has_its_sounds(folder: EpisodeFolder) -> bool:
    sounds = [_sound(folder, name) for name in SOUND_STAGES]
    return all((folder.path / sound.name).is_file() for sound in sounds if sound)


def has_all_findings(folder: EpisodeFolder) -> bool:
    """Whether what was found in an episode is as it was noted, to the byte: what an edit would build on and leave."""
    try:
        files = read_json(folder.path / FILE)["files"].items()
        stages = [(folder.path / name, facts) for name, facts in files if name.startswith(f"{STAGES}/")]
        return all([path.stat().st_size, hash_file(path)] == facts for path, facts in stages)
    except FileNotFoundError:
        return not (folder.path / FILE).exists()  # of an older cleancast
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def make_edited_whole(folder: EpisodeFolder, recalled: Recalled, source: Path, *, reporter: Reporter) -> Result:
    """Make the outputs of an episode again with its edits; where something that was found is damaged, that too."""
    from pipeline.library.make_again import make_again, make_edited

    make = make_edited if has_all_findings(folder) else make_again
    return make(folder, recalled, source, reporter=reporter, note=note_made)


def find_differing(show: Path) -> tuple[Differing, ...]:
    """The finished episodes of a show that are not as they were made, but for those that a run is working on."""
    if not show.is_dir():
        return ()
    known = ask(show, lambda episodes: episodes.whole())
    found, whole = [], []
    for name in sorted(entry.name for entry in os.scandir(show) if not entry.name.startswith(".") and entry.is_dir()):
        before = known.get(name)
        if before and _stamps(show / name, before.names) == before.stamps:
            continue
        if _is_busy(show / name):
            continue
        differing = _differing(show / name, before)
        if differing and differing.files:
            found.append(differing)
            continue
        names: tuple[str, ...] = (FILE, "result.json")  # of what is not finished, or taken away
        if differing:
            names = (FILE, STAGES, *(file for file in OUTPUTS if (show / name / file).is_file()))
        whole.append(Whole(name, names, _stamps(show / name, names)))
    if whole:
        ask(show, lambda episodes: episodes.note_whole(whole))
    return tuple(found)


def _stamps(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """What changes when a file does; an empty text where there is none."""
    return tuple(map(_stamp, (f"{folder}/{name}" for name in names)))


def _stamp(path: str) -> str:
    try:
        found = os.stat(path)  # noqa: PTH116  (ten thousands of them)
    except OSError:
        return ""
    return f"{found.st_mtime_ns}.{found.st_size}.{found.st_ino}"


def _differing(folder: Path, before: Whole | None) -> Differing | None:
    """What of an episode differs, perhaps nothing; None where it is not finished, or nothing of it is kept."""
    try:
        record = read_json(folder / FILE)
        files = {str(name): (int(size), str(sha256)) for name, (size, sha256) in record["files"].items()}
        of = {name: str(record["of"][name]) for name in ("feed", "key")}
    except FileNotFoundError:
        if not (folder / "result.json").is_file():
            return None
        with suppress(OSError, StoreError):
            if _has_its_sounds(EpisodeFolder(folder)):  # of an older cleancast: watched from now on
                _note(EpisodeFolder(folder))
                return Differing(folder, ())
        return None  # half of what retention takes away, perhaps, which goes on with the rest
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        with suppress(OSError):
            if noted := noted_of(folder):
                return Differing(folder, (FILE,), noted.feed_id, noted.item.key)
        return Differing(folder, (FILE,))
    seen = dict(zip(before.names, before.stamps, strict=True)) if before else {}
    bad = [name for name, facts in files.items() if not _is_as_made(folder / name, facts, seen.get(name, ""))]
    return Differing(folder, tuple(bad), **of)


def _is_as_made(path: Path, facts: tuple[int, str], seen: str) -> bool:
    """Whether a file has its size; and its hash, if it has changed since it was last seen."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size != facts[0]:
            return False
        return not seen or _stamp(str(path)) == seen or hash_file(path) == facts[1]
    except OSError:
        return False


def _is_busy(folder: Path) -> bool:
    """Whether a run is working in an episode's folder, so that nothing can be said of it."""
    if not (folder / "stages/.lock").exists():
        return False
    try:
        with EpisodeFolder(folder).locked():
            return False
    except FolderBusy:
        return True
    except StoreError:
        return False


def keys_of(differing: Sequence[Differing], feed: str) -> dict[str, Differing]:
    """The episodes of one feed among them, by their items' keys, or by their folders where the item is not known."""
    return {each.key or each.folder.name: each for each in differing if each.feed in (feed, "")}
