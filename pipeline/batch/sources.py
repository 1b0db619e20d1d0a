"""From the arguments to recordings: files, folders, patterns, lists, playlists, subscriptions and URLs."""

from __future__ import annotations

import glob
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import AudioError, FormatError
from pipeline.formats.feeds.feed import Feed, Item
from pipeline.formats.feeds.m3u import local_path, parse_m3u
from pipeline.formats.feeds.opml import parse_opml
from pipeline.formats.sound_names import AUDIO_SUFFIXES
from pipeline.formats.text_encoding import decode_text
from pipeline.settings import Settings
from pipeline.tracks.names import shared_title

LISTS = frozenset((".txt", ".m3u", ".m3u8", ".pls", ".list"))
MOST_KINDS = 8  # of other files, named in a sentence
OUTPUTS = frozenset({"clean.mp3", "clean.m4a", "removed.mp3"})
SUBSCRIPTIONS = frozenset((".opml",))


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording to work on: a path or an address, and what its publisher says of it, if a feed announced it."""

    place: str
    title: str = ""
    item: Item | None = None
    feed: Feed | None = None  # the show alone, without its items
    show_folder: str = ""
    tracks: tuple[str, ...] = ()  # of one conversation, a voice each: the place is where they lie
    settings: Settings | None = None  # its show's own, where these are not those of the whole run

    @property
    def is_address(self) -> bool:
        return "://" in self.place


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed whose new episodes are to be processed; ``settings`` are its own, if it has any."""

    url: str
    settings: Settings | None = None


def find_recordings(typed: Sequence[str], *, leave_out: Path | None = None) -> tuple[Recording | Subscription, ...]:
    """What the arguments name, each once: a folder's sound files by name, a list's entries in its order.

    ``leave_out``: the output folder, whose episodes and downloads do not count when it lies inside a source.
    A path that does not exist is returned as it is: what is wrong with it is said when its turn comes.
    Raises AudioError for a folder or pattern without sound files, FormatError for a list that cannot be read.
    """
    found: dict[Recording | Subscription, None] = {}
    outputs = leave_out.resolve() if leave_out else None
    for name in typed:
        for recording in _named(name):
            if isinstance(recording, Recording) and not recording.is_address:
                place = Path(recording.place)
                if outputs and _can_be(place) and place.is_file() and Path(name) != place and is_made(place, outputs):
                    continue
            found.setdefault(recording)
    if typed and not found:
        raise AudioError(typed[0], "there is no audio file in it but what cleancast has written")
    return tuple(found)


def is_made(file: Path, outputs: Path) -> bool:
    """Whether a file in an output folder, which may be a source too, is one that a run has written or downloaded."""
    place = file.resolve()
    if outputs not in place.parents:
        return False
    first, *rest = place.relative_to(outputs).parts
    if first == "downloads" or place.name in OUTPUTS:
        return True
    return len(rest) > 1 and (outputs / first / rest[0] / "stages").is_dir()


def find_tracks(typed: Iterable[str]) -> tuple[Recording, ...]:
    """Conversations in tracks: each folder is one, and all files together are one; a single file has its streams.

    Raises AudioError for a folder without sound files and for what is neither a file nor a folder.
    """
    files, found = [], []
    for name in typed:
        path = Path(name)
        if "://" in name or not _can_be(path) or not path.exists():
            raise AudioError(name, "no such file or folder (--tracks takes files and folders)")
        if path.is_dir():
            paths = tuple(str(p) for p in _in_folder(path))
            found.append(Recording(name, path.resolve().name, tracks=paths))
        else:
            files.append(name)
    if files:
        title = shared_title([Path(name).stem for name in files]) or Path(files[0]).resolve().parent.name
        found.append(Recording(files[0], Path(files[0]).stem if len(files) == 1 else title, tracks=tuple(files)))
    return tuple(found)


def _named(name: str) -> Iterator[Recording | Subscription]:
    if "://" in name:
        yield Recording(name)
        return
    if name == "-":
        if sys.stdin is None:
            raise FormatError("-", "there is no standard input")
        yield from _listed(sys.stdin.read(), Path())
        return
    path = Path(name)
    suffix = path.suffix.lower()
    if not _can_be(path):
        yield Recording(name)
    elif path.is_dir():
        yield from (Recording(str(p)) for p in _in_folder(path))
    elif suffix in SUBSCRIPTIONS and path.exists():
        yield from (Subscription(url) for url in parse_opml(_bytes_of(path), path=name))
    elif suffix in LISTS and path.exists():
        entries = tuple(_listed(decode_text(_bytes_of(path)), path.parent))
        if not entries:
            raise FormatError(path, "this list names no recording (expected one path or URL per line)")
        yield from entries
    elif path.exists() or not glob.has_magic(name):
        yield Recording(name)
    else:
        matched = [Path(p) for p in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 - a pattern may be absolute
        files = [p for p in matched if p.is_file() and p.suffix.lower() in AUDIO_SUFFIXES]
        if not files:
            raise AudioError(name, "no audio file matches this pattern")
        yield from (Recording(str(p)) for p in files)


def _can_be(path: Path) -> bool:
    """Whether a file could have this name: not with a zero byte in it, nor with more letters than a name may have."""
    try:
        path.exists()
    except (OSError, ValueError):
        return False
    return True


def _listed(text: str, folder: Path) -> Iterator[Recording]:
    """The entries of a list; a relative path starts from where the list lies.

    An entry that names no file as it is written may be an address of one: ``file:`` or escaped by percent signs.
    """
    for place, title in parse_m3u(text):
        plain, escaped = place, local_path(place)
        if escaped is None:
            yield Recording(place, title)
        elif place.lower().startswith("file:") or not (folder / plain).exists():
            found = [folder / name for name in (escaped, escaped.replace("\\", "/")) if (folder / name).exists()]
            unread = escaped if place.lower().startswith("file:") else plain
            yield Recording(str(found[0] if found else folder / unread), title)
        else:
            yield Recording(str(folder / plain), title)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from None


def describe_others(typed: Iterable[str], *, leave_out: Path | None = None) -> tuple[str, ...]:
    """What lies in the folders that were named and is not taken for sound, as a sentence for each folder."""
    outputs = leave_out.resolve() if leave_out else None
    folders = [Path(name) for name in typed if "://" not in name and name != "-" and _can_be(Path(name))]
    told = []
    for folder in (path for path in folders if path.is_dir()):
        others = [p for p in _visible(folder) if p.suffix.lower() not in AUDIO_SUFFIXES]
        if others := [p for p in others if not (outputs and outputs in p.resolve().parents)]:
            count = f"{len(others)} file is" if len(others) == 1 else f"{len(others)} files are"
            told.append(f"{folder}: {count} not taken, because the name is none of sound ({_kinds(others)})")
    return tuple(told)


def _kinds(files: Iterable[Path]) -> str:
    """How many files have which ending, the most first.

    >>> _kinds([Path("a.pdf"), Path("b.PDF"), Path("c")])
    '2 .pdf, 1 without an ending'
    """
    counts = Counter(path.suffix.lower() or "without an ending" for path in files)
    listed = [f"{count} {kind}" for kind, count in counts.most_common(MOST_KINDS)]
    return ", ".join([*listed, "..."] if len(counts) > MOST_KINDS else listed)


def _visible(folder: Path) -> list[Path]:
    """The files of a folder and those below it by name, without hidden ones."""
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]


def _in_folder(folder: Path) -> list[Path]:
    every = _visible(folder)
    found = [p for p in every if p.suffix.lower() in AUDIO_SUFFIXES]
    if not found:
        there = f"has the name of a sound file or a film: there are {_kinds(every)}" if every else "lies in it"
        raise AudioError(folder, f"there is no audio file in this folder; nothing {there}")
    return found
