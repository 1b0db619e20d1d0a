"""From a named recording to a job: downloaded, probed, with what is known of it and a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pipeline.batch.jobs import Job
from pipeline.batch.sources import Recording
from pipeline.errors import AudioError, CleancastError
from pipeline.feeds.addresses import shown
from pipeline.feeds.download import Net, download, kept_page
from pipeline.feeds.retries import is_half
from pipeline.formats.captions.cues import Cue
from pipeline.formats.captions.published import best_link, parse_published
from pipeline.formats.feeds.chapters import chapters_in_text
from pipeline.formats.feeds.feed import Item, Person
from pipeline.formats.records.chapters_json import fit_chapters, parse_chapters
from pipeline.formats.untrusted_text import visible
from pipeline.library.recordings import another_folder, describe_source, folder_for
from pipeline.result import Chapter, Episode
from pipeline.settings import Settings
from pipeline.tracks.joining import join_tracks
from pipeline.wiring import extract_stream


@dataclass
class Preparer:
    """Makes jobs, one after another in the order of the batch, so that equal titles get the same folders every time."""

    settings: Settings
    net: Net
    fetching: Callable[[int, str, float], None] = lambda number, name, share: None
    claimed: dict[Path, str] = field(default_factory=dict)

    def __call__(self, recording: Recording, number: int) -> Job:
        """Raises CleancastError when the recording cannot be downloaded or is not one."""
        settings, item = recording.settings or self.settings, recording.item
        if recording.is_address:
            name = item.title if item else shown(recording.place)
            progress = partial(self.fetching, number, name)
            path = download(recording.place, self.downloads, net=self.net, progress=progress)
        else:
            path = Path(recording.place)
        if recording.tracks:
            path = join_tracks(recording.tracks, self.downloads, starts=settings.track_start)
        elif settings.stream:
            path = extract_stream(path, settings.stream, self.downloads)
        describe = partial(
            describe_source,
            path,
            title=settings.title or recording.title or (item.title if item else ""),
            show=settings.show or (recording.feed.title if recording.feed else ""),
            description=settings.description or (about(item) if item else ""),
        )
        episode = _of_download(describe, path, recording.place) if recording.is_address else describe()
        remarks: list[str] = []
        lacking: list[str] = []
        cues: tuple[Cue, ...] = ()
        if item:
            cues = self._transcript(item, settings.language or "", remarks, lacking)
            chapters = self._chapters(item, episode, remarks, lacking) or episode.chapters
            lacking += ["transcript"] if is_half(cues, episode.duration) else []
            episode = replace(episode, published=item.published or episode.published, chapters=chapters)
        if not episode.chapters:
            listed = chapters_in_text(episode.description)
            episode = replace(episode, chapters=fit_chapters(listed, duration=episode.duration))
        return Job(
            number=number,
            episode=episode,
            path=str(path),
            folder=str(self._folder(episode, path, recording.show_folder)),
            place=shown(recording.place) if recording.is_address else recording.place,
            item=item,
            feed=recording.feed,
            published=cues,
            remarks=tuple(remarks),
            settings=recording.settings,
            lacking=tuple(lacking),
        )

    @property
    def downloads(self) -> Path:
        return self.settings.out / "downloads"

    def _folder(self, episode: Episode, path: Path, show_folder: str) -> Path:
        """A folder that no other recording of this batch has."""
        folder = folder_for(episode, path, self.settings.out, show_folder=show_folder)
        if self.claimed.setdefault(folder.path, episode.sha256) != episode.sha256:
            folder = another_folder(folder, episode)
            self.claimed[folder.path] = episode.sha256
        return folder.path

    def _chapters(self, item: Item, episode: Episode, remarks: list[str], lacking: list[str]) -> tuple[Chapter, ...]:
        """The publisher's chapters: of their own file, else of the feed; none where none can be used."""
        said: list[str] = []
        found: tuple[Chapter, ...] = ()
        if item.chapters_url:
            read = partial(parse_chapters, duration=episode.duration, warn=said.append)
            try:
                found = kept_page(item.chapters_url, self.downloads, read, net=self.net)
            except CleancastError as error:
                remarks.append(f"{item.title}: the publisher's chapters are not used: {error}")
                lacking.append("chapters")
        found = found or fit_chapters(item.chapters, duration=episode.duration, warn=said.append)
        remarks += [f"{item.title}: the publisher's chapters: {text}" for text in said]
        plain = (replace(chapter, title=visible(chapter.title).strip()) for chapter in found)
        return tuple(chapter for chapter in plain if chapter.title)

    def _transcript(self, item: Item, language: str, remarks: list[str], lacking: list[str]) -> tuple[Cue, ...]:
        """The publisher's transcript, if it can be downloaded and read; otherwise none."""
        link = best_link(item.transcripts, language=language)
        if link is None:
            if item.transcripts:
                kinds = " and ".join(dict.fromkeys(offered.media_type or "no kind" for offered in item.transcripts))
                why = f"it is offered as {kinds}, and VTT, SRT and JSON are read"
                remarks.append(f"{item.title}: the publisher's transcript is not used: {why}")
            return ()
        try:
            said: list[str] = []
            cues = kept_page(link.url, self.downloads, partial(parse_published, warn=said.append), net=self.net)
            remarks += [f"{item.title}: the publisher's transcript: {text}" for text in said]
            return cues
        except CleancastError as error:
            remarks.append(f"{item.title}: the publisher's transcript is not used: {error}")
            lacking.append("transcript")
            return ()


def _of_download(describe: Callable[[], Episode], path: Path, address: str) -> Episode:
    """What is known of a download; one that is no recording is not kept, so that the next try asks for it again."""
    try:
        return replace(describe(), source=shown(address))
    except AudioError:
        path.unlink(missing_ok=True)
        raise


def about(item: Item) -> str:
    """An item's description, and who takes part: names that the sound alone cannot spell."""
    return "\n".join(filter(None, (item.description, people(item.persons))))


def people(persons: tuple[Person, ...]) -> str:
    """Who takes part, by role.

    >>> people((Person("Ann"), Person("Bo", "guest"), Person("Cy", "guest")))
    'Host: Ann. Guests: Bo, Cy.'
    """
    roles = dict.fromkeys(person.role for person in persons)
    parts = []
    for role in roles:
        names = [person.name for person in persons if person.role == role]
        parts.append(f"{role.capitalize()}{'s' if len(names) > 1 else ''}: {', '.join(names)}.")
    return " ".join(parts)
