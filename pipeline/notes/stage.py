"""The stages in which a run divides an episode into chapters and writes its notes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pipeline.language import AnalysedText
from pipeline.notes.chapters.divide import chapters_of_description, find_chapters, keep_given
from pipeline.notes.chapters.divisions import SHORTEST_S
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material, read_material
from pipeline.notes.rewrite import Rewritten, rewrite_notes
from pipeline.notes.summary import AD_CHANCE, list_topics, may_be_printed, write_notes
from pipeline.ports import LanguageAnalysis, LanguageModel, Progress, SentenceEncoder
from pipeline.result import OWN_KINDS, AdSpan, Chapter, FoundAds, Notes, Quote, Result, Speaker
from pipeline.timeline import CutList, Seconds, Segment, Span, Transcript, merge_spans
from pipeline.words.sentences import drop_words, group_segments

SPARE_S = 90.0
"""A stretch that was cut and is taken back begins chapters of its own if it has room for two of the shortest."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """What the networks say of the sentences of a whole episode, ads among them: one analysis and one vector each.

    ``vectors``: float16, ``width`` a sentence, the title's last if there is one, as base64 of little-endian bytes.
    ``judged``: the judge's log-odds of each sentence that may be printed, by how it would be printed.
    """

    texts: tuple[AnalysedText, ...]
    vectors: str
    width: int
    titled: bool
    judged: dict[str, float]


@dataclass(frozen=True, slots=True)
class Remembered:
    """The SentenceJudge port over what a judge has said; a sentence that it was not asked about is not printed."""

    judged: Mapping[str, float]

    def odds(self, sentences: Sequence[str]) -> np.ndarray:
        return np.array([self.judged.get(sentence, -np.inf) for sentence in sentences])


@dataclass(frozen=True, slots=True)
class Described:
    """What is said about an episode once its ads are gone.

    ``spare``: chapters that begin inside an ad; ``topics``: the line of topics that the summary ends with.
    ``doubtful``: stretches that may be ad copy, of which nothing is printed.
    """

    chapters: tuple[Chapter, ...]
    notes: Notes
    spare: tuple[Chapter, ...] = ()
    topics: tuple[Quote, ...] = ()
    doubtful: tuple[Span, ...] = ()


def read(
    transcript: Transcript,
    judged: tuple[AdSpan, ...],
    about: Mapping[str, str],
    encoder: SentenceEncoder,
    language_analysis: LanguageAnalysis,
    notes_model: NotesModel,
    progress: Progress,
) -> Sentences:
    """The grammar, vectors and judgements of all sentences: which of them are ads may be decided anew."""
    segments, spoken = every_sentence(transcript, judged), transcript.language
    found = read_material(segments, encoder=encoder, analysis=language_analysis, language=spoken, title=about["title"])
    rows = found.vectors if found.title is None else np.vstack([found.vectors, found.title[None]])
    packed = base64.b64encode(rows.astype("<f2").tobytes()).decode()
    may_be = may_be_printed(found)
    fits = dict(zip(may_be, (round(float(fit), 3) for fit in notes_model.judge.odds(may_be)), strict=True))
    return Sentences(found.texts, packed, rows.shape[-1], found.title is not None, fits)


def whole(sentences: Sentences, transcript: Transcript, judged: tuple[AdSpan, ...]) -> Material:
    """The episode as the notes see it, ads among the rest."""
    rows = np.frombuffer(base64.b64decode(sentences.vectors), "<f2").astype(float).reshape(-1, sentences.width)
    vectors, title = (rows[:-1], rows[-1]) if sentences.titled else (rows, None)
    return Material(every_sentence(transcript, judged), sentences.texts, vectors, title)


def are_of(sentences: Sentences, transcript: Transcript, judged: tuple[AdSpan, ...]) -> bool:
    """Whether these are the sentences of a transcript with these ads: a run that was killed leaves some of another."""
    return [text.text for text in sentences.texts] == [s.text for s in every_sentence(transcript, judged)]


def remember(notes_model: NotesModel, sentences: Sentences) -> NotesModel:
    """The model with the judgements that were made of an episode's sentences in place of its judge."""
    return replace(notes_model, judge=Remembered(sentences.judged))


def describe(
    material: Material,
    speakers: tuple[Speaker, ...],
    cuts: CutList,
    suspected: FoundAds,
    publisher_chapters: tuple[Chapter, ...],
    about: Mapping[str, str],
    encoder: SentenceEncoder,
    judged_model: NotesModel,
) -> Described:
    """Chapters and notes of the show itself; what may be ad copy, though it was not cut, is in neither."""
    names = [about["show"], *(speaker.name for speaker in speakers)]
    divide = partial(
        find_chapters,
        model=judged_model,
        encoder=encoder,
        given=publisher_chapters,
        description=about["description"],
        avoid=names,
    )
    shown = without_spans(material, cuts.removed)
    chances = ad_chances(shown.segments, suspected.ads, suspected.doubtful)
    chapters = divide(shown, cuts=cuts, untold=_likely(chances))
    likely = [ad for ad in suspected.ads if ad.score >= AD_CHANCE]
    plain = without_spans(shown, merge_spans([*likely, *suspected.doubtful]))
    topics = list_topics(plain, model=judged_model, encoder=encoder, avoid=names)
    notes = write_notes(
        shown,
        speakers,
        model=judged_model,
        topics=topics,
        show=about["show"],
        ad_chances=chances,
        unmentioned=_paid_copy(shown.segments, suspected.ads, suspected.doubtful),
    )
    published = publisher_chapters or chapters_of_description(about["description"], duration_s=cuts.duration)
    spare: tuple[Chapter, ...] = ()
    if published or any(span.duration >= SPARE_S for span in cuts.removed):
        apart_s = 0.0 if published else SHORTEST_S
        spare = _spare(divide(material, cuts=CutList((), cuts.duration)), chapters, cuts, apart_s=apart_s)
    return Described(chapters, notes, spare, topics, suspected.doubtful)


def describe_again(
    found: Result,
    described: Described,
    sentences: Sentences,
    ads: tuple[AdSpan, ...],
    cuts: CutList,
    notes_model: NotesModel,
) -> Described:
    """Chapters and notes where a person has other ads, with ``cuts``, than were ``found``; no network is asked.

    What was taken back belongs to the show, and what was marked does not.
    """
    every = sorted((*described.chapters, *described.spare), key=lambda chapter: chapter.start)
    chapters = keep_given(every, cuts=cuts, duration_s=cuts.duration)
    shown = without_spans(whole(sentences, found.transcript, found.ads), cuts.removed)
    kept = [ad for ad in ads if not is_taken_back(ad, found.ads)]
    chances = ad_chances(shown.segments, kept, described.doubtful)
    model, topics = remember(notes_model, sentences), described.topics
    notes = write_notes(
        shown,
        found.speakers,
        model=model,
        topics=topics,
        show=found.episode.show,
        ad_chances=chances,
        unmentioned=_paid_copy(shown.segments, kept, described.doubtful),
    )
    return Described(chapters, notes, described.spare, topics, described.doubtful)


def _likely(chances: Sequence[float]) -> frozenset[int]:
    """The numbers of the sentences that are likely ad copy."""
    return frozenset(number for number, chance in enumerate(chances) if chance >= AD_CHANCE)


def _paid_copy(sentences: Sequence[Segment], ads: Sequence[AdSpan], doubtful: Sequence[Span]) -> frozenset[int]:
    """The sentences that are likely ad copy and no call of the show itself, whose links are mentioned."""
    return _likely(ad_chances(sentences, [ad for ad in ads if ad.kind not in OWN_KINDS], doubtful))


def is_taken_back(ad: AdSpan, found: Sequence[AdSpan]) -> bool:
    """Whether an ad is kept that was found to be cut, or held for a person to decide."""
    return ad.verdict == "keep" and any(other.overlap(ad) > 0 and other.verdict != "keep" for other in found)


def _spare(
    every: Sequence[Chapter], chapters: Sequence[Chapter], cuts: CutList, *, apart_s: Seconds
) -> tuple[Chapter, ...]:
    """The chapters of a whole episode that the cuts have swallowed, apart from those that are there without them."""
    starts = [chapter.start for chapter in chapters]
    lost = [c for c in every if c.title and c.start not in starts and (cuts.removes(c.start) or not apart_s)]
    return tuple(c for c in lost if all(abs(c.start - start) >= apart_s for start in starts))


def ad_chances(sentences: Sequence[Segment], ads: Sequence[AdSpan], doubtful: Sequence[Span] = ()) -> tuple[float, ...]:
    """For each sentence the chance of the ad that it lies in: held, kept, or the show's own call; 0 outside of all.

    In a ``doubtful`` stretch it is at least AD_CHANCE.
    """
    stretches = [*((ad, ad.score) for ad in ads), *((span, AD_CHANCE) for span in doubtful)]
    return tuple(
        max((chance for span, chance in stretches if span.overlap(sentence) > 0), default=0.0) for sentence in sentences
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


def every_sentence(transcript: Transcript, judged: Sequence[AdSpan]) -> tuple[Segment, ...]:
    """The sentences of an episode; none reaches over the edge of an ad."""
    return group_segments(transcript.words, breaks=[time for ad in judged for time in (ad.start, ad.end)])


def without_spans(material: Material, spans: Sequence[Span]) -> Material:
    """An episode without the sentences of which a word lies in one of the (sorted, disjoint) spans."""
    kept = [
        place
        for place, segment in enumerate(material.segments)
        if len(drop_words(segment.words, spans)) == len(segment.words)
    ]
    return Material(
        tuple(material.segments[place] for place in kept),
        tuple(material.texts[place] for place in kept),
        material.vectors[kept],
        material.title,
    )


def without_ads(transcript: Transcript, cuts: CutList) -> tuple[Segment, ...]:
    """The sentences of the show itself."""
    breaks = [time for span in cuts.removed for time in (span.start, span.end)]
    return group_segments(drop_words(transcript.words, cuts.removed), breaks=breaks)
