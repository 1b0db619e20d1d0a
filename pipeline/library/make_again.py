"""An episode made where its folder is free, and made again as it was run, with what has been learnt since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.cache import EpisodeFolder, FolderTaken
from pipeline.library.recall import Recalled, kept_transcript, note_run
from pipeline.library.recordings import another_folder
from pipeline.ports import Reporter
from pipeline.result import Result
from pipeline.run import Finished, Run, run_episode
from pipeline.wiring import tools_for


def run_where_free(run: Run) -> tuple[Run, Finished]:
    """The run of an episode; beside its folder where another run has claimed that for another recording meanwhile."""
    try:
        return run, run_episode(run)
    except FolderTaken:
        beside = replace(run, folder=another_folder(run.folder, run.episode))
        return beside, run_episode(beside)


def make_again(folder: EpisodeFolder, recalled: Recalled, source: Path, *, reporter: Reporter) -> Result:
    """Make the outputs of an episode again; stages whose inputs are the same are reused."""
    settings, episode = recalled.settings, recalled.episode
    published = kept_transcript(folder)
    result = run_episode(Run(episode, source, folder, tools_for(settings), settings, reporter, published)).result
    note_run(folder, episode, source, settings)
    return result
