"""One finished episode as its show's feed announces it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from pipeline.feeds.items import Noted
from pipeline.formats.clock import clock
from pipeline.formats.feeds.feed import Person
from pipeline.formats.feeds.feed_print import Entry, File
from pipeline.formats.feeds.soundbites import find_soundbites
from pipeline.formats.records.chapters_json import clean_chapters
from pipeline.result import Result

SOUNDS = {".mp3": "audio/mpeg", ".m4a": "audio/mp4"}
TRANSCRIPTS = {
    "transcript.vtt": "text/vtt",
    "transcript.json": "application/json",
    "transcript.srt": "application/x-subrip",
}


def describe_entry(folder: Path, result: Result, noted: Noted | None) -> Entry | None:
    """One episode, its addresses seen from the show's folder; None while its sound is not there."""
    sound = next((folder / f"clean{suffix}" for suffix in SOUNDS if (folder / f"clean{suffix}").is_file()), None)
    if sound is None:
        return None
    here = quote(folder.name)
    transcripts = (
        File(f"{here}/{name}", 0, kind, result.transcript.language)
        for name, kind in TRANSCRIPTS.items()
        if (folder / name).is_file()
    )
    episode, item = result.episode, noted.item if noted else None
    return Entry(
        guid=f"cleancast:{item.key}" if item else f"cleancast:{episode.sha256}",
        title=item.title if item else episode.title,
        sound=File(f"{here}/{sound.name}", sound.stat().st_size, SOUNDS[sound.suffix]),
        duration_s=result.cuts.clean_duration,
        published=item.published if item else episode.published,
        description=item.description if item else episode.description,
        notes=_notes(result),
        link=item.link if item else "",
        image=item.image if item else "",
        season=item.season if item else "",
        number=item.number if item else "",
        kind=item.kind if item else "",
        explicit=item.explicit if item else None,
        persons=_persons(result, noted),
        soundbites=find_soundbites(result),
        transcripts=tuple(transcripts),
        chapters=f"{here}/chapters.json" if (folder / "chapters.json").is_file() and result.chapters else "",
    )


def _persons(result: Result, noted: Noted | None) -> tuple[Person, ...]:
    """Who took part according to the publisher; otherwise the named speakers."""
    if noted and noted.item.persons:
        return noted.item.persons
    return tuple(
        Person(speaker.name, speaker.role if speaker.role in ("host", "guest") else "guest")
        for speaker in result.speakers
        if speaker.name and speaker.role != "ad"
    )


def _notes(result: Result) -> tuple[str, ...]:
    """The chapters with their times in the clean recording, for players that know no chapters."""
    chapters = clean_chapters(result.chapters, result.cuts)
    return tuple(f"{clock(chapter.start)} {chapter.title}" for chapter in chapters)


def based(entry: Entry, base: str) -> Entry:
    """The episode with whole addresses; ``base`` is that of the show's folder."""
    return replace(
        entry,
        sound=replace(entry.sound, url=f"{base}/{entry.sound.url}"),
        transcripts=tuple(replace(file, url=f"{base}/{file.url}") for file in entry.transcripts),
        chapters=f"{base}/{entry.chapters}" if entry.chapters else "",
    )
