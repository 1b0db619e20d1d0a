"""An episode made again from its folder, as it was run, with what has been decided or learnt since."""

from __future__ import annotations

from pathlib import Path

from pipeline.cache import EpisodeFolder
from pipeline.library.recall import Recalled, kept_transcript, note_run
from pipeline.ports import Reporter
from pipeline.result import Result
from pipeline.run import Run, run_episode
from pipeline.wiring import tools_for


def make_again(folder: EpisodeFolder, recalled: Recalled, source: Path, *, reporter: Reporter) -> Result:
    """Make the outputs of an episode again; stages whose inputs are the same are reused."""
    settings, episode = recalled.settings, recalled.episode
    published = kept_transcript(folder)
    result = run_episode(Run(episode, source, folder, tools_for(settings), settings, reporter, published)).result
    note_run(folder, episode, source, settings)
    return result
