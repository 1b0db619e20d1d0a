"""What is known of a recording before it is worked on, and the folder that its outputs go to."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.cache import EpisodeFolder
from pipeline.library.names import slug
from pipeline.result import Episode
from pipeline.wiring import sound_facts


def describe_source(path: Path, *, title: str = "", show: str = "", description: str = "") -> Episode:
    """What is known of a recording before it is processed; what the user says wins over the file's own tags.

    Raises AudioError when it is not a readable sound file.
    """
    facts = sound_facts()
    sha256 = facts.hash_file(path)  # first: what is read after it is compared with it
    found = facts.probe(path)
    tags = {key.lower(): value for key, value in found.tags.items()}
    title = title or tags.get("title") or re.sub(r"[_\s]+", " ", _shown(path.stem)).strip()
    return Episode(
        id=slug(title, otherwise="episode"),
        source=_shown(str(path)),
        duration=found.duration,
        sha256=sha256,
        title=title,
        show=show or tags.get("album") or tags.get("show") or tags.get("artist") or "",
        description=description or tags.get("description") or tags.get("comment") or tags.get("synopsis") or "",
        published=tags.get("date", ""),
        tags=found.tags,
        chapters=found.chapters,
    )


def _shown(name: str) -> str:
    """A file's name as it can be written: one that is not UTF-8 without the bytes that are not."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def folder_for(episode: Episode, path: Path, out: Path, *, show_folder: str = "") -> EpisodeFolder:
    """Where an episode's outputs go: another recording of the same title gets a folder of its own."""
    show = out / (show_folder or slug(episode.show, otherwise="episodes"))
    folder = EpisodeFolder(show / episode.id)
    if folder.is_for(sha256=episode.sha256, path=path, source=episode.source):
        return folder
    return another_folder(folder, episode)


def another_folder(folder: EpisodeFolder, episode: Episode) -> EpisodeFolder:
    """A folder beside one that is another recording's."""
    return EpisodeFolder(folder.path.with_name(f"{episode.id}-{episode.sha256[:8]}"))
