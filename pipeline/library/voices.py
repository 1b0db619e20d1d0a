"""The voices of a show by name: what each episode tells the others, and what it is told.

    OUT/<show>/<episode>/stages/voices.json      the voices that the episode could name by itself: its page of the book
    OUT/<show>/<episode>/stages/recognised.json  what the other pages told it

An episode tells what it hears, reads, or was told by a person, never what it knows from others: so the order in which
episodes are run makes no difference in the end. See docs/decisions/0008.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from pipeline.cache import EpisodeFolder, Stored
from pipeline.code_version import code_hash
from pipeline.result import Speaker
from pipeline.speakers.profiles import NamedVoice, recognise_voices
from pipeline.timeline import Diarization

if TYPE_CHECKING:
    from pipeline.run import Run

PAGE, TOLD = "voices", "stages/recognised.json"
LEAST_CONFIDENCE = 0.8
"""A name passes on to other episodes from this confidence: here it can be wrong once, there it would be every time."""
_PAGE = TypeAdapter(tuple[NamedVoice, ...])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an episode knew by itself when it asked the book, and what it made of the answer."""

    recording: str
    speakers: tuple[Speaker, ...]
    voices: Mapping[str, tuple[float, ...]]
    named: tuple[Speaker, ...]


_ASKED = TypeAdapter(_Asked)


def name_from_book(run: Run, speakers: tuple[Speaker, ...], voices: Stored[Diarization]) -> tuple[Speaker, ...]:
    """The speakers, with the names that other episodes of the show have for their voices; these learn those of here."""
    if not run.settings.memory:
        return speakers
    _tell(run, speakers, voices)
    heard = voices.value.voices
    named = recognise_voices(speakers, heard, known_voices(run.folder, recording=run.episode.sha256))
    asked = _Asked(run.episode.sha256, speakers, heard, named)
    run.folder.write(TOLD, _ASKED.dump_json(asked, indent=1).decode() + "\n")
    return named


def known_voices(folder: EpisodeFolder, *, recording: str) -> tuple[NamedVoice, ...]:
    """The pages of all other episodes of the show, in order of their folders; none of the same recording."""
    here = folder.path.resolve()
    pages = (page for page in sorted(here.parent.glob(f"*/stages/{PAGE}.json")) if page.parent.parent != here)
    voices = (voice for page in pages for voice in _read(page))
    return tuple(voice for voice in voices if voice.recording != recording)


def knows_voices(folder: EpisodeFolder) -> bool:
    """Whether the other episodes know more, or less, of a finished episode's voices than when it was made."""
    try:
        asked = _ASKED.validate_json((folder.path / TOLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # made without a book, or damaged: its next run mends it
    known = known_voices(folder, recording=asked.recording)
    return recognise_voices(asked.speakers, asked.voices, known) != asked.named


def _tell(run: Run, speakers: Sequence[Speaker], voices: Stored[Diarization]) -> None:
    def compute() -> tuple[NamedVoice, ...]:
        heard = voices.value.voices
        return tuple(
            NamedVoice(s.name, s.role, s.confidence, heard[s.label], run.episode.title, run.episode.sha256)
            for s in speakers
            if s.name and s.confidence >= LEAST_CONFIDENCE and s.label in heard
        )

    told = [[s.label, s.name, s.role, s.confidence] for s in speakers]
    code = code_hash("pipeline.speakers.profiles")
    run.folder.stage(PAGE, tuple[NamedVoice, ...], [voices.digest, told, run.episode.title, code], compute)


def _read(page: Path) -> tuple[NamedVoice, ...]:
    try:
        return _PAGE.validate_python(json.loads(page.read_text(encoding="utf-8"))["data"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()  # damaged, or gone since: the next run of that episode makes it again
