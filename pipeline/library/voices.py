"""The speaker profiles of a show: what each episode tells the others, and what it is told.

    OUT/<show>/<episode>/stages/voices.json      the voices that the episode could name on its own
    OUT/<show>/<episode>/stages/recognised.json  what the other episodes told it

An episode passes on what it found in its own recording or was told by a person, never what it was told by others, so
the order in which episodes are run makes no difference in the end. See docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, with_config

from pipeline.cache import EpisodeFolder
from pipeline.files import read_file, read_text
from pipeline.library.edits.kinds import Edit, PhraseCorrected, VoiceNamed, VoicesMerged
from pipeline.library.edits.on_voices import NAMED
from pipeline.recording import Recording
from pipeline.result import Result, Speaker
from pipeline.speakers.profiles import NamedVoice, recognise_voices
from pipeline.timeline import Diarization

PAGE, TOLD = "voices", "stages/recognised.json"
LEAST_CONFIDENCE = 0.8
"""Other episodes are told of names from this confidence; what they believe of it, ``speakers.profiles`` decides."""


@with_config(ConfigDict(allow_inf_nan=False))
@dataclass(frozen=True, slots=True)
class _Page:
    """What is read of a stage's file. Ten thousand of them are read in half a second, without an index."""

    data: tuple[NamedVoice, ...]


_PAGE = TypeAdapter(_Page)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an episode knew on its own when it asked the others, and the outcome."""

    recording: str
    speakers: tuple[Speaker, ...]
    voices: Mapping[str, tuple[float, ...]]
    named: tuple[Speaker, ...]


_ASKED = TypeAdapter(_Asked)


def recognise_speakers(
    named: tuple[Speaker, ...], diarization: Diarization, recording: Recording, folder: EpisodeFolder, memory: bool
) -> tuple[Speaker, ...]:
    """The speakers, with the names that other episodes of the show have for their voices."""
    if not memory:
        return named
    known = known_voices(folder, recording=recording.sha256)
    found = recognise_voices(named, diarization.voices, known)
    asked = _Asked(recording.sha256, named, diarization.voices, found)
    folder.write(TOLD, _ASKED.dump_json(asked, indent=1).decode() + "\n")
    return found


def describe_own_voices(
    named: tuple[Speaker, ...], diarization: Diarization, recording: Recording, title: str
) -> tuple[NamedVoice, ...]:
    """The voices that this episode could name on its own."""
    voices = diarization.voices
    return tuple(
        NamedVoice(s.name, s.role, s.confidence, voices[s.label], title, recording.sha256)
        for s in named
        if s.name and s.confidence >= LEAST_CONFIDENCE and s.label in voices
    )


def decided_voices(
    own_voices: tuple[NamedVoice, ...],
    result: Result,
    edits: tuple[Edit, ...],
    diarization: Diarization,
    recording: Recording,
    title: str,
) -> tuple[NamedVoice, ...]:
    """What this episode tells the others: the voices that it named, but where a person named one, that name."""
    if not any(isinstance(edit, VoiceNamed | VoicesMerged | PhraseCorrected) for edit in edits):
        return own_voices
    voices = diarization.voices
    told = [
        NamedVoice(s.name, s.role, s.confidence, voices[s.label], title, recording.sha256)
        for s in result.speakers
        if s.label in voices and s.name and NAMED in s.evidence
    ]
    here = {voices[s.label]: s for s in result.speakers if s.label in voices}
    left = [
        replace(own, name=speaker.name)  # as it is spelt now
        for own in own_voices
        if (speaker := here.get(own.voice)) is not None and NAMED not in speaker.evidence
    ]
    return (*left, *told)


def known_voices(folder: EpisodeFolder, *, recording: str) -> tuple[NamedVoice, ...]:
    """The named voices of all other episodes of the show, in order of their folders; none of the same recording."""
    here = folder.path.resolve()
    pages = (page for page in sorted(here.parent.glob(f"*/stages/{PAGE}.json")) if page.parent.parent != here)
    voices = (voice for page in pages for voice in _read(page))
    return tuple(voice for voice in voices if voice.recording != recording)


def knows_voices(folder: EpisodeFolder) -> bool:
    """Whether the other episodes know more, or less, of a finished episode's voices than when it was made."""
    try:
        asked = _ASKED.validate_json(read_text(folder.path / TOLD))
    except (OSError, ValueError):
        return False  # made without profiles, or damaged: its next run makes it again
    known = known_voices(folder, recording=asked.recording)
    return recognise_voices(asked.speakers, asked.voices, known) != asked.named


def _read(page: Path) -> tuple[NamedVoice, ...]:
    try:
        return _PAGE.validate_json(read_file(page)).data
    except (OSError, ValueError):
        return ()  # damaged, or gone since: the next run of that episode makes it again
