"""An episode made where its folder is free, and made again as it was run, with what has been learnt since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.cache import EpisodeFolder, FolderTaken
from pipeline.errors import AudioError
from pipeline.library.recall import Recalled, kept_transcript, note_run
from pipeline.library.recordings import another_folder, describe_source
from pipeline.ports import Reporter, Tools
from pipeline.result import Result
from pipeline.run import Finished, Note, Run, publish_edits, run_episode
from pipeline.wiring import publishing_tools, tools_for


def run_where_free(run: Run, note: Note) -> tuple[Run, Finished]:
    """The run of an episode; beside its folder where another run has claimed that for another recording meanwhile."""
    try:
        return run, run_episode(run, note)
    except FolderTaken:
        beside = replace(run, folder=another_folder(run.folder, run.episode))
        return beside, run_episode(beside, note)


def make_again(folder: EpisodeFolder, recalled: Recalled, source: Path, *, reporter: Reporter, note: Note) -> Result:
    """Make the outputs of an episode again; stages whose inputs are the same are reused."""

    def note_all(made: EpisodeFolder) -> None:
        note_run(made, recalled.episode, source, recalled.settings)
        note(made)

    return run_episode(_run(folder, recalled, source, reporter, tools_for(recalled.settings)), note_all).result


def make_edited(folder: EpisodeFolder, recalled: Recalled, source: Path, *, reporter: Reporter, note: Note) -> Result:
    """Make the outputs of a finished episode again with its edits, without running a network.

    Where what was found in it is damaged, the episode is run again.
    """
    made = publish_edits(_run(folder, recalled, source, reporter, publishing_tools()), note)
    return made if made is not None else make_again(folder, recalled, source, reporter=reporter, note=note)


def recording_of(recalled: Recalled, audio: Path | None = None) -> Path:
    """The recording that an episode was made from, and no other. Raises AudioError when it is not there."""
    path = audio or recalled.path
    title, again = recalled.episode.title, "put it back, or give its path with --audio FILE"
    if not path.is_file():
        raise AudioError(path, f"the recording of “{title}” is no longer there; {again}")
    if describe_source(path).sha256 != recalled.episode.sha256:
        raise AudioError(path, f"is not the recording that “{title}” was made from (its bytes differ); {again}")
    return path


def _run(folder: EpisodeFolder, recalled: Recalled, source: Path, reporter: Reporter, tools: Tools) -> Run:
    published = kept_transcript(folder)
    return Run(recalled.episode, source, folder, tools, recalled.settings, reporter, published)
