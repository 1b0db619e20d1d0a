"""One recording through the pipeline, in this process."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from pipeline.batch.progress import reporting
from pipeline.batch.sources import find_tracks
from pipeline.cache import EpisodeFolder
from pipeline.feeds.intact import note_made
from pipeline.formats.pages.remarks import remarks_on
from pipeline.library.make_again import run_where_free
from pipeline.library.recall import note_run
from pipeline.library.recordings import describe_source, folder_for
from pipeline.library.spot_index import keep_index
from pipeline.ports import Reporter
from pipeline.result import Result
from pipeline.run import Run
from pipeline.settings import Settings
from pipeline.tracks.joining import join_tracks
from pipeline.wiring import tools_for


def run_one(
    source: Path | str, settings: Settings, *, reporter: Reporter | None = None
) -> tuple[EpisodeFolder, Result]:
    """The folder of a recording's outputs, and what was found in it. Raises CleancastError.

    With ``settings.tracks`` the source is a folder with a recording of each speaker, or a file with a stream of each.
    ``reporter``: who is told what is under way; a bar or lines on stderr if nobody.
    """
    path, title = Path(source), settings.title
    if settings.tracks:
        (found,) = find_tracks([str(source)])
        path = join_tracks(found.tracks, settings.out / "downloads", starts=settings.track_start)
        title = title or found.title
    episode = describe_source(path, title=title, show=settings.show, description=settings.description)
    folder = folder_for(episode, path, settings.out)

    def note(made: EpisodeFolder) -> None:
        note_run(made, episode, path, settings)
        note_made(made)

    with nullcontext(reporter) if reporter else reporting(episode.title) as reporter:
        begun = Run(episode, path, folder, tools_for(settings), settings, reporter)
        run, finished = run_where_free(begun, note)
        folder, result = run.folder, finished.result
        if settings.memory:
            keep_index(folder.path.resolve().parent)
        for line in remarks_on(result):
            reporter.say(line)
    return folder, result
