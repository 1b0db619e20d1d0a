"""Episodes that were run together, judged again where one knows more of another than it could at the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.batch.jobs import Outcome
from pipeline.batch.progress import reporting
from pipeline.cache import EpisodeFolder
from pipeline.errors import sentence_of
from pipeline.feeds.addresses import shown
from pipeline.feeds.intact import Differing, note_made
from pipeline.feeds.publishing import publish_again
from pipeline.formats.pages.remarks import remarks_on
from pipeline.library.make_again import make_again
from pipeline.library.recall import recall
from pipeline.library.recognise import knows_more
from pipeline.library.voices import knows_voices


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
    try:
        if not (knows_more(folder) or knows_voices(folder)):
            return outcome
        recalled = recall(folder)
        if not recalled.path.is_file():
            return outcome  # it was worked on where this machine cannot see it: its next run will know
        with reporting(recalled.episode.title) as reporter:
            result = make_again(folder, recalled, recalled.path, reporter=reporter, note=note_made)
        publish_again(folder.path)
    except Exception as error:  # what was made before stands
        remark = f"{outcome.title}: what other episodes know was not used: {sentence_of(error)}"
        return replace(outcome, remarks=(*outcome.remarks, remark))
    held = any(ad.verdict == "hold" for ad in result.ads)
    return replace(outcome, status="held" if held else "done", remarks=remarks_on(result))


def make_whole(differing: Differing, feed: str) -> Outcome:
    """The outcome of an episode that its feed no longer has, made again from its recording; ``feed``: the address."""
    folder = EpisodeFolder(differing.folder)
    outcome = Outcome(-1, shown(feed), "failed", folder.path.name)
    try:
        recalled = recall(folder)
        about = recalled.episode
        outcome = replace(outcome, title=about.title, show=about.show, audio_s=about.duration)
        with reporting(about.title) as reporter:
            result = make_again(folder, recalled, recalled.path, reporter=reporter, note=note_made)
    except Exception as error:  # it stays as it is, and is tried again
        return replace(outcome, reason=f"{', '.join(differing.files)} cannot be made again: {sentence_of(error)}")
    held = any(ad.verdict == "hold" for ad in result.ads)
    return replace(outcome, status="held" if held else "done", folder=str(folder.path), remarks=remarks_on(result))
