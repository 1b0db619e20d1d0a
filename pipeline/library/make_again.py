"""An episode made again from its folder, as it was run, with what has been decided or learnt since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.batch.jobs import Outcome
from pipeline.batch.progress import reporting
from pipeline.batch.remarks import remarks_on
from pipeline.cache import EpisodeFolder
from pipeline.errors import CleancastError
from pipeline.feeds.publishing import publish_again
from pipeline.library.recall import Recalled, kept_transcript, note_run, recall
from pipeline.library.recognise import knows_more
from pipeline.library.voices import knows_voices
from pipeline.result import Result
from pipeline.run import Run, run_episode
from pipeline.wiring import tools_for


def make_again(folder: EpisodeFolder, recalled: Recalled, source: Path) -> Result:
    """Make the outputs of an episode again; stages whose inputs are the same are reused."""
    settings, episode = recalled.settings, recalled.episode
    with reporting(episode.title) as reporter:
        published = kept_transcript(folder)
        result = run_episode(Run(episode, source, folder, tools_for(settings), settings, reporter, published)).result
        note_run(folder, episode, source, settings)
    publish_again(folder.path)
    return result


def learn_from_each_other(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes of episodes that were run together, once each knows the ads and the voices of all the others.

    Those that ran first could not know what the later ones hold; those few are judged again, so that the order in
    which they ran, and how many ran at a time, makes no difference in the end.
    """
    done = [outcome for outcome in outcomes if outcome.folder and not outcome.failed]
    if len(done) < 2:
        return tuple(outcomes)
    return tuple(_with_what_is_known(outcome) if outcome in done else outcome for outcome in outcomes)


def _with_what_is_known(outcome: Outcome) -> Outcome:
    folder = EpisodeFolder(Path(outcome.folder))
    if not (knows_more(folder) or knows_voices(folder)):
        return outcome
    try:
        recalled = recall(folder)
        if not recalled.path.is_file():
            return outcome  # it was worked on where this machine cannot see it: its next run will know
        result = make_again(folder, recalled, recalled.path)
    except CleancastError:
        return outcome  # what was made before stands
    held = any(ad.verdict == "hold" for ad in result.ads)
    return replace(outcome, status="held" if held else "done", remarks=remarks_on(result))
