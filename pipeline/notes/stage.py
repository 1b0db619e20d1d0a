"""The stages in which a run divides an episode into chapters and writes its notes."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.notes.chapters import find_chapters
from pipeline.notes.rewrite import Rewritten, rewrite_notes
from pipeline.notes.summary import write_notes
from pipeline.ports import LanguageModel, Progress, SentenceEncoder
from pipeline.result import Chapter, Notes, Speaker
from pipeline.timeline import CutList, Segment, Transcript
from pipeline.words.sentences import drop_words, group_segments


@dataclass(frozen=True, slots=True)
class Described:
    """What is said about an episode once its ads are gone."""

    chapters: tuple[Chapter, ...]
    notes: Notes


def describe(
    transcript: Transcript,
    speakers: tuple[Speaker, ...],
    cuts: CutList,
    publisher_chapters: tuple[Chapter, ...],
    title: str,
    show: str,
    encoder: SentenceEncoder,
    progress: Progress,
) -> Described:
    """Chapters and notes from the words that are no ads, whether the ads are cut or not."""
    segments = without_ads(transcript, cuts)
    avoid = [show, *(speaker.name for speaker in speakers)]
    chapters = find_chapters(segments, encoder=encoder, given=publisher_chapters, cuts=cuts, title=title, avoid=avoid)
    notes = write_notes(segments, speakers, encoder=encoder, chapters=chapters, title=title, show=show)
    return Described(chapters, notes)


def reword(
    described: Described,
    transcript: Transcript,
    cuts: CutList,
    speakers: tuple[Speaker, ...],
    publisher_chapters: tuple[Chapter, ...],
    rewriter: LanguageModel,
    progress: Progress,
) -> Rewritten:
    """Notes and chapter titles in a language model's words, as far as these can be checked."""
    notes, chapters = described.notes, described.chapters
    segments = without_ads(transcript, cuts)
    return rewrite_notes(notes, chapters, segments, speakers, model=rewriter, given=bool(publisher_chapters))


def without_ads(transcript: Transcript, cuts: CutList) -> tuple[Segment, ...]:
    """The sentences of the show itself."""
    breaks = [time for span in cuts.removed for time in (span.start, span.end)]
    return group_segments(drop_words(transcript.words, cuts.removed), breaks=breaks)
