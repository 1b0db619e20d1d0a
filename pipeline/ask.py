"""Where a run asks a language model, if the user named one: answers are kept like those of any stage.

What a model did not answer is asked again by the next run; everything else is good until what it was asked changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.ads.opinion import Opinion, second_opinion
from pipeline.cache import digest_of_words
from pipeline.code_version import code_hash
from pipeline.notes.rewrite import Rewritten, rewrite_notes
from pipeline.result import AdSpan, Chapter, Notes, Speaker
from pipeline.timeline import Segment, Word

if TYPE_CHECKING:
    from pipeline.run import Run


def ask_about_ads(run: Run, ads: tuple[AdSpan, ...], words: Sequence[Word]) -> Opinion:
    """The ads with a second opinion on those that are held, where an adviser is named and anything is held."""
    adviser = run.tools.adviser
    if adviser is None or not any(ad.verdict == "hold" for ad in ads):
        return Opinion(ads)

    def compute() -> Opinion:
        with run.working("opinion"):
            return second_opinion(ads, words, model=adviser())

    inputs = [str(ads), digest_of_words(words), adviser.identity, code_hash("pipeline.ads.opinion")]
    found = run.folder.stage("opinion", Opinion, inputs, compute).value
    if not found.reached:
        run.folder.forget("opinion")
    return found


def ask_for_notes(
    run: Run, notes: Notes, chapters: Sequence[Chapter], segments: Sequence[Segment], speakers: Sequence[Speaker]
) -> Rewritten:
    """The notes and chapter titles in a model's words, where a rewriter is named and they can be checked."""
    rewriter = run.tools.rewriter
    if rewriter is None:
        return Rewritten(notes, tuple(chapters))
    given = bool(run.episode.chapters)

    def compute() -> Rewritten:
        with run.working("rewrite"):
            return rewrite_notes(notes, chapters, segments, speakers, model=rewriter(), given=given)

    words = [word for segment in segments for word in segment.words]
    said = [str(notes), [str(c) for c in chapters], given, [s.name for s in speakers], digest_of_words(words)]
    inputs = [*said, rewriter.identity, code_hash("pipeline.notes.rewrite")]
    found = run.folder.stage("rewrite", Rewritten, inputs, compute).value
    if not found.reached:
        run.folder.forget("rewrite")
    return found
