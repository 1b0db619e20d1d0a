"""How an episode was run, kept in its folder: enough to make it again from its recording, the same way.

stages/run.json   {"version": 2, "path", "episode", "settings"}
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipeline.cache import EpisodeFolder, adapter_of, place_of, read_json
from pipeline.errors import FormatError, StoreError
from pipeline.files import read_text
from pipeline.formats.captions.cues import Cue
from pipeline.formats.captions.vtt import parse_vtt
from pipeline.formats.records.result_json import parse_result
from pipeline.result import Episode, Result
from pipeline.run import PUBLISHED
from pipeline.settings import Settings, option_of

FILE = "stages/run.json"
NO_EPISODE = "is not an episode's folder: give one that cleancast run wrote, OUT/<show>/<episode>"
OTHER_VERSION = "was made by another version of cleancast; run the episode again with cleancast run first"
VERSION = 2
NOT_KEPT = frozenset(declared.name for declared in fields(Settings) if not option_of(declared).kept)


@dataclass(frozen=True, slots=True)
class Recalled:
    """An episode as it was run: what was known of it, where its recording lay, with which settings."""

    episode: Episode
    path: Path
    settings: Settings


def note_run(folder: EpisodeFolder, episode: Episode, path: Path, settings: Settings) -> None:
    """Keep how this episode was run; a recording inside the output folder by its place there: folders move."""
    kept = adapter_of(Settings).dump_python(settings, mode="json", exclude=set(NOT_KEPT))
    about = adapter_of(Episode).dump_python(episode, mode="json")
    record = {"version": VERSION, "path": place_of(path, folder.path), "episode": about, "settings": kept}
    folder.write(FILE, json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def kept_transcript(folder: EpisodeFolder) -> tuple[Cue, ...]:
    """The publisher's own transcript, as it was kept beside the outputs; nothing where there is none."""
    try:
        return parse_vtt(read_text(folder.path / PUBLISHED))
    except (OSError, ValueError, FormatError):
        return ()


def recall(folder: EpisodeFolder) -> Recalled:
    """How the episode of this folder was run. Raises StoreError when it is not an episode's folder."""
    from pydantic import ValidationError

    try:
        record: dict[str, Any] = read_json(folder.path / FILE)
        episode = adapter_of(Episode).validate_python(record["episode"])
        out = {"out": folder.path.parent.parent}
        settings = adapter_of(Settings).validate_python({**record["settings"], **out})
        return Recalled(episode, (folder.path / str(record["path"])).resolve(), settings)
    except FileNotFoundError:
        pass
    except (KeyError, TypeError, ValidationError):
        raise StoreError(folder.path, OTHER_VERSION) from None
    except (OSError, ValueError):
        raise StoreError(folder.path / FILE, "is damaged; run the episode again with cleancast run") from None
    if (folder.path / "result.json").is_file():
        raise StoreError(folder.path, OTHER_VERSION)
    raise StoreError(folder.path, NO_EPISODE)


def result_of(folder: EpisodeFolder) -> Result:
    """The result in an episode's folder.

    Raises StoreError where there is none or it is damaged; OSError where it cannot be read now, which may pass.
    """
    file = folder.path / "result.json"
    try:
        return parse_result(read_text(file), path=str(file))
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(folder.path, NO_EPISODE) from None
    except (FormatError, UnicodeDecodeError) as error:
        reason = error.reason if isinstance(error, FormatError) else "not UTF-8 text"
        raise StoreError(file, f"is damaged ({reason}); run the episode again with cleancast run") from None
