"""The three word error rates of an episode: raw, masked and pipeline; never one in place of another.

raw       every word heard, before ads are removed, against the whole reference
masked    the words outside the reference's ads, on both sides: how well the show itself was heard
pipeline  the words that are published, ads cut, against the reference without its ads: what a reader gets
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.scores.case import Case
from pipeline.scores.words.alignment import Alignment, Pair, align_words, join_compounds
from pipeline.scores.words.masking import Mask, mask_ads
from pipeline.scores.words.word_errors import WordErrors
from pipeline.timeline import CutList, Word
from pipeline.words.sentences import drop_words


@dataclass(frozen=True, slots=True)
class Compared:
    """Two texts aligned: which words of each side took part (indices into the case's and the transcript's words).

    ``joined`` are the errors with compounds joined.
    """

    alignment: Alignment
    reference: tuple[int, ...]
    found: tuple[int, ...]
    joined: WordErrors

    @property
    def errors(self) -> WordErrors:
        return self.alignment.errors

    def word_said(self, pair: Pair) -> int | None:
        """The case's word that a pair begins at."""
        return None if pair.reference is None else self.reference[self.alignment.reference[pair.reference].first]

    def word_found(self, pair: Pair) -> int | None:
        """The transcript's word that a pair begins at."""
        return None if pair.found is None else self.found[self.alignment.found[pair.found].first]


@dataclass(frozen=True, slots=True)
class WordScores:
    """``masked`` and ``mask`` are None where nothing says which words are ads; ``pipeline`` then takes none to be."""

    raw: Compared
    masked: Compared | None
    pipeline: Compared
    mask: Mask | None
    published: tuple[bool, ...]


def score_words(case: Case, words: Sequence[Word], cuts: CutList) -> WordScores | None:
    """The three rates of ``words`` (all that were heard) and what is published of them; None without a reference."""
    if not case.words:
        return None
    published = published_words(words, cuts)
    everything = range(len(case.words)), range(len(words))
    raw = _compare(case, words, *everything)
    mask = mask_ads(case, words, raw.alignment)
    show = everything[0] if mask is None else [i for i in everything[0] if not mask.reference[i]]
    heard = None if mask is None else [i for i in everything[1] if not mask.found[i]]
    return WordScores(
        raw=raw,
        masked=None if heard is None else _compare(case, words, show, heard),
        pipeline=_compare(case, words, show, [i for i in everything[1] if published[i]]),
        mask=mask,
        published=published,
    )


def published_words(words: Sequence[Word], cuts: CutList) -> tuple[bool, ...]:
    """Whether each word is in the published transcript (its middle outside every cut)."""
    kept = {id(word) for word in drop_words(words, cuts.removed)}
    return tuple(id(word) in kept for word in words)


def _compare(case: Case, words: Sequence[Word], reference: Sequence[int], found: Sequence[int]) -> Compared:
    texts = [case.words[i].text for i in reference], [words[i].text for i in found]
    alignment = align_words(*texts, language=case.language)
    return Compared(alignment, tuple(reference), tuple(found), join_compounds(alignment))
