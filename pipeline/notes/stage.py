"""The stages in which a run divides an episode into chapters and writes its notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.notes.chapters.divide import find_chapters
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material, read_material
from pipeline.notes.rewrite import Rewritten, rewrite_notes
from pipeline.notes.summary import write_notes
from pipeline.ports import LanguageAnalysis, LanguageModel, Progress, SentenceEncoder
from pipeline.result import AdSpan, Chapter, Notes, Speaker
from pipeline.timeline import CutList, Segment, Transcript
from pipeline.words.sentences import drop_words, group_segments


@dataclass(frozen=True, slots=True)
class Described:
    """What is said about an episode once its ads are gone."""

    chapters: tuple[Chapter, ...]
    notes: Notes


def read(
    transcript: Transcript,
    cuts: CutList,
    about: Mapping[str, str],
    encoder: SentenceEncoder,
    language_analysis: LanguageAnalysis,
    progress: Progress,
) -> Material:
    """The sentences that are no ads, whether the ads are cut or not, with their grammar and their vectors."""
    segments, spoken = without_ads(transcript, cuts), transcript.language
    return read_material(segments, encoder=encoder, analysis=language_analysis, language=spoken, title=about["title"])


def describe(
    material: Material,
    speakers: tuple[Speaker, ...],
    cuts: CutList,
    judged: tuple[AdSpan, ...],
    publisher_chapters: tuple[Chapter, ...],
    about: Mapping[str, str],
    encoder: SentenceEncoder,
    notes_model: NotesModel,
) -> Described:
    """Chapters and notes of the show itself; what may be ad copy, though it was not cut, is in neither."""
    chapters = find_chapters(
        material,
        model=notes_model,
        encoder=encoder,
        given=publisher_chapters,
        description=about["description"],
        cuts=cuts,
        avoid=[about["show"], *(speaker.name for speaker in speakers)],
    )
    doubts = ad_chances(material.segments, judged)
    notes = write_notes(material, speakers, model=notes_model, encoder=encoder, show=about["show"], ad_chances=doubts)
    return Described(chapters, notes)


def ad_chances(sentences: Sequence[Segment], ads: Sequence[AdSpan]) -> tuple[float, ...]:
    """For each sentence the chance of the ad that it lies in: held, kept, or the show's own call; 0 outside of all."""
    return tuple(
        max((ad.score for ad in ads if ad.start < sentence.end and sentence.start < ad.end), default=0.0)
        for sentence in sentences
    )


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
