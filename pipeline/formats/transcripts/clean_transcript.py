"""What every transcript prints: the words that are left after the cuts, as sentences on the clean clock.

With ``--ads mark`` and ``--ads keep`` nothing is cut, so both clocks agree; sentences inside an ad that stayed carry
that ad, and each format shows it in its own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.result import AdSpan, Result
from pipeline.timeline import CutList, Span, Word, join_words
from pipeline.words.sentences import drop_words, group_segments

PARAGRAPH_WORDS = 90
"""A long turn is broken into paragraphs at the sentence that passes this many words."""


@dataclass(frozen=True, slots=True)
class Sentence(Span):
    """One sentence on the clean clock: ``speaker`` is the name to show, ``ad`` the ad it stayed in."""

    words: tuple[Word, ...]
    speaker: str = ""
    ad: AdSpan | None = None

    @property
    def text(self) -> str:
        return join_words(self.words)


@dataclass(frozen=True, slots=True)
class Paragraph(Span):
    """Sentences of one speaker that belong together, on the clean clock."""

    sentences: tuple[Sentence, ...]
    speaker: str = ""
    ad: AdSpan | None = None

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


def clean_sentences(result: Result) -> tuple[Sentence, ...]:
    """The sentences of the clean recording; no sentence spans a cut or the edge of an ad that stayed."""
    names = tuple((speaker.label, speaker.shown) for speaker in reversed(result.speakers))
    return _sentences(result.transcript.words, result.cuts, kept_ads(result), names)


@lru_cache(maxsize=1)
def _sentences(
    words: tuple[Word, ...], cuts: CutList, stayed: tuple[AdSpan, ...], names: tuple[tuple[str, str], ...]
) -> tuple[Sentence, ...]:
    """Those of the last episode are kept: nine of its outputs are printed from them."""
    kept, shown = drop_words(words, cuts.removed), dict(names)
    edges = [t for span in (*cuts.removed, *stayed) for t in (span.start, span.end)]
    sentences = []
    for segment in group_segments(kept, breaks=edges):
        own = tuple(_clean_word(word, cuts) for word in segment.words)
        start, end = own[0].start, max(word.end for word in own)
        ad = next((ad for ad in stayed if ad.contains(segment.words[0].middle)), None)
        speaker = shown.get(segment.speaker, segment.speaker) if segment.speaker else ""
        sentences.append(Sentence(start, max(start, end), own, speaker, ad))
    return tuple(sentences)


def clean_paragraphs(result: Result) -> tuple[Paragraph, ...]:
    """The sentences gathered by speaker (and ad), long turns broken where a reader would want a breath."""
    groups: list[list[Sentence]] = []
    for sentence in clean_sentences(result):
        last = groups[-1] if groups else []
        same = bool(last) and last[-1].speaker == sentence.speaker and last[-1].ad == sentence.ad
        if not same or sum(len(s.words) for s in last) >= PARAGRAPH_WORDS:
            groups.append([])
        groups[-1].append(sentence)
    return tuple(Paragraph(g[0].start, max(s.end for s in g), tuple(g), g[0].speaker, g[0].ad) for g in groups)


def kept_ads(result: Result) -> tuple[AdSpan, ...]:
    """The ads that are still in the clean recording though nobody chose so (``--ads mark``, or held for a person)."""
    return tuple(ad for ad in result.ads if ad.verdict != "keep" and _mostly_kept(ad, result.cuts.removed))


def cut_ads(result: Result) -> tuple[AdSpan, ...]:
    """The ads that were taken out."""
    return tuple(ad for ad in result.ads if not _mostly_kept(ad, result.cuts.removed))


def ad_title(ad: AdSpan) -> str:
    """What to call an ad in print."""
    kinds = {"promo": "Promo", "self": "Show's own promotion", "credits": "Credits"}
    kind = kinds.get(ad.kind, "Ad")
    if ad.verdict == "hold":
        kind = f"Possible {kind[0].lower()}{kind[1:]}"
    return f"{kind}: {ad.sponsor}" if ad.sponsor else kind


def _mostly_kept(ad: Span, removed: Sequence[Span]) -> bool:
    return sum(ad.overlap(span) for span in removed) < 0.5 * ad.duration or not removed


def _clean_word(word: Word, cuts: CutList) -> Word:
    start = cuts.to_clean(word.start)
    return replace(word, start=start, end=max(start, cuts.to_clean(word.end)))
