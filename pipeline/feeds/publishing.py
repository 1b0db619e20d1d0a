"""The clean feed of a show: feed.xml and the cover beside its finished episodes, a pure function of what lies there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import quote

from pipeline.cache import write_atomic
from pipeline.errors import CleancastError
from pipeline.feeds.download import Net, fetch_page
from pipeline.feeds.items import Noted, noted_in
from pipeline.formats.clock import clock
from pipeline.formats.feeds.feed import Feed, Person
from pipeline.formats.feeds.feed_print import Entry, File, print_feed
from pipeline.formats.feeds.soundbites import find_soundbites
from pipeline.formats.pages.index_page import IndexEntry, print_index
from pipeline.formats.records.chapters_json import clean_chapters
from pipeline.formats.records.result_json import parse_result
from pipeline.result import Result

_SELF = re.compile(r'<atom:link href="([^"]+)/feed\.xml" rel="self"')
LOCAL = "http://127.0.0.1:8765"  # where `cleancast serve` shows it
SOUNDS = {".mp3": "audio/mpeg", ".m4a": "audio/mp4"}
TRANSCRIPTS = {
    "transcript.vtt": "text/vtt",
    "transcript.json": "application/json",
    "transcript.srt": "application/x-subrip",
}
COVERS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


def publish(show: Path, *, base_url: str = LOCAL) -> Path:
    """Write the feed of a show's folder; every address in it begins with ``base_url``, which stands for OUT."""
    file = show / "feed.xml"
    text = feed_text(show, base_url=base_url)
    if not file.exists() or file.read_bytes() != text.encode():
        write_atomic(file, text)
    return file


def feed_text(show: Path, *, base_url: str) -> str:
    """The feed of a show's folder, as its finished episodes make it."""
    base = f"{base_url.rstrip('/')}/{quote(show.name)}"
    noted = {note.folder.path: note for note in noted_in(show)}
    newest = max(noted.values(), key=lambda note: (note.item.published, note.item.key), default=None)
    results = list(_results(show))
    about = newest.show if newest else Feed("", next((r.episode.show for _, r in results), "") or show.name, ())
    cover = next((p for p in sorted(show.glob("cover.*")) if p.suffix in COVERS.values()), None)
    about = replace(about, image=f"{base}/{cover.name}" if cover else "")
    entries = [entry for folder, result in results if (entry := _entry(folder, result, noted.get(folder), base))]
    return print_feed(about, entries, url=f"{base}/feed.xml")


def publish_index(out: Path) -> Path:
    """Write ``index.html``: one page over every finished episode of an output folder."""
    entries = [
        IndexEntry(folder.relative_to(out).as_posix(), result)
        for show in shows_in(out)
        for folder, result in _results(show)
    ]
    file = out / "index.html"
    text = print_index(entries, feeds=[show.name for show in shows_in(out) if (show / "feed.xml").is_file()])
    if not file.exists() or file.read_bytes() != text.encode():
        write_atomic(file, text)
    return file


def publish_again(folder: Path) -> None:
    """Update the feed of a show and the index page after one of its episodes was made again."""
    show, out = folder.parent, folder.parent.parent
    with suppress(OSError):
        address = _SELF.search((show / "feed.xml").read_text(encoding="utf-8"))
        base = unescape(address[1]).removesuffix(f"/{quote(show.name)}") if address else LOCAL
        publish(show, base_url=base)
    if (out / "index.html").is_file():
        publish_index(out)


def keep_cover(show: Path, image: str, *, net: Net) -> None:
    """The show's cover, fetched once; a show does not fail for it."""
    if not image or any(show.glob("cover.*")):
        return
    try:
        data = fetch_page(image, net=net).data
    except CleancastError:
        return
    for magic, suffix in COVERS.items():
        if data.startswith(magic):
            write_atomic(show / f"cover{suffix}", data)


def _results(show: Path) -> Iterator[tuple[Path, Result]]:
    for file in sorted(show.glob("*/result.json")):
        try:
            yield file.parent, parse_result(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, CleancastError):
            continue  # not ours, or of another version: the next run of that episode writes it again


def _entry(folder: Path, result: Result, noted: Noted | None, base: str) -> Entry | None:
    """One episode; None while its sound is not there."""
    sound = next((folder / f"clean{suffix}" for suffix in SOUNDS if (folder / f"clean{suffix}").is_file()), None)
    if sound is None:
        return None
    here = f"{base}/{quote(folder.name)}"
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


def shows_in(out: Path) -> list[Path]:
    """The folders of an output folder that hold a finished episode."""
    return sorted({file.parent.parent for file in out.glob("*/*/result.json")})
