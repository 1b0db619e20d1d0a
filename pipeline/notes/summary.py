"""Show notes out of the transcript alone: sentences that were spoken, each with its time, and what they are about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.notes.entities import find_mentions
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material, unit
from pipeline.notes.ranking import content_lemmas, sentence_features, subject_of, views
from pipeline.notes.standing import Standing, stand
from pipeline.notes.topics.choose import choose_topics
from pipeline.ports import SentenceEncoder
from pipeline.result import Notes, Quote, Speaker
from pipeline.words.lists import COARSE

SUMMARY_SENTENCES, SUMMARY_WORDS = 2, 80
"""Of the summary, beside its topics: fewer than an app shows, but such as nobody would strike."""
POINTS, QUOTES = 3, 2
FIT = 1.0
"""Log-odds that a reader leaves a sentence as it is, under which it is not printed beside others.

Of 95 episodes' sentences above it, or the surest of an episode that has none, 8 of 169 are struck, each show judged by
a model without it; from 0.9 on 14 of 191.
"""
SOLE_FIT = 0.5
"""The same of an episode's surest sentence, where nothing else is printed.

It is a point or a quote, and in the summary only where that has no topics: with it there, summaries of 103 episodes
are above first sentences of equal length by a cosine of 0.09, without it by 0.125.
"""
LEAST_HEARD = 0.8
"""Mean probability of a sentence's words under which it is likely to be misheard.

Sentences of clear recordings lie at 0.9 to 1, garbled ones under 0.8.
"""
AD_CHANCE = 0.2
"""Of a sentence to be ad copy, beyond which it is not printed: far lower than what cuts: leaving it out is cheap."""
ALIKE, SHARED = 0.72, 0.6
"""Cosine, and share of the shorter one's content words, beyond which two sentences say the same."""
RANKED = 1.0
"""What a point of the learnt score is worth against the cosine of all that is chosen with the expected description."""
APART = 12
"""Points, and quotes, are at least this part of the episode's length away from each other."""
OF_ITSELF = frozenset({"episode", "podcast", "show", "conversation", "interview"})
"""Lemmas by which a show speaks of itself: such a sentence may sum it up, but is no point and no quote."""
ADDRESSED = frozenset({"thank", "welcome", "subscribe", "sponsor", "listener", "listen", "email", "newsletter"})
"""Lemmas by which a show speaks of itself to whoever hears it; no sentence with one is printed."""
GUEST = 0.05
"""What a voice that is no host adds to a quote's score."""


@dataclass(frozen=True)
class Candidates:
    """Sentences that may be printed: ``pool`` are their indices, ``scores`` the learnt score of every sentence.

    ``sure``: whether they are so from FIT on; otherwise there is only the surest of the episode.
    """

    material: Material
    standings: tuple[Standing, ...]
    subject: np.ndarray
    scores: np.ndarray
    pool: tuple[int, ...]
    sure: bool

    def alike(self, one: int, others: Sequence[int]) -> bool:
        return any(self._alike(one, other) for other in others)

    def _alike(self, one: int, other: int) -> bool:
        if one == other or float(self.material.vectors[one] @ self.material.vectors[other]) > ALIKE:
            return True
        a, b = content_lemmas(self.material, one), content_lemmas(self.material, other)
        return (a & b).total() > SHARED * max(1, min(a.total(), b.total()))


def write_notes(
    material: Material,
    speakers: Sequence[Speaker],
    *,
    model: NotesModel,
    topics: tuple[Quote, ...] = (),
    show: str = "",
    ad_chances: Sequence[float] = (),
) -> Notes:
    """The notes of an episode; where its language has no grammar, only the links that are spoken.

    ``topics``: the line that ends the summary. ``ad_chances``: of each sentence to be ad copy, if known. The show's
    description is not read: notes that repeat it would tell nothing about the episode.
    """
    mentions = find_mentions(material, speakers, show=show)
    if not material.parsed:
        return Notes(mentions=mentions)
    candidates = weigh_sentences(material, model, ad_chances=ad_chances)
    summary = choose_summary(candidates) if candidates.sure or not topics else []
    points = _choose_points(candidates, summary)
    quotes = _choose_quotes(candidates, speakers, [*summary, *points])
    return Notes(
        summary=(*(_quote(candidates, i) for i in summary), *topics),
        points=tuple(_quote(candidates, i) for i in points),
        quotes=tuple(_quote(candidates, i) for i in quotes),
        mentions=mentions,
    )


def may_be_printed(material: Material) -> list[str]:
    """The sentences with the form of a statement, as they would be printed; each once."""
    standings = (stand(text) for text in material.texts)
    return list(dict.fromkeys(standing.printed for standing in standings if standing.whole))


def weigh_sentences(material: Material, model: NotesModel, *, ad_chances: Sequence[float] = ()) -> Candidates:
    """Which sentences may be printed, and how near each is to what a description would say."""
    standings = tuple(stand(text) for text in material.texts)
    seen = views(material)
    subject = subject_of(seen, model.subject)
    scores = model.sentence.score(sentence_features(material, seen, subject))
    whole = [
        index
        for index, standing in enumerate(standings)
        if standing.whole and _clear(material, index) and (not ad_chances or ad_chances[index] < AD_CHANCE)
    ]
    odds = model.judge.odds([standings[index].printed for index in whole])
    sure = float(odds.max(initial=0.0)) >= FIT
    return Candidates(material, standings, subject, scores, surest(whole, odds.tolist()), sure)


def surest(indices: Sequence[int], odds: Sequence[float]) -> tuple[int, ...]:
    """The sentences that may be printed, in order: those from FIT on, or the one surest from SOLE_FIT on."""
    least = max(SOLE_FIT, min(FIT, max(odds, default=FIT)))
    return tuple(index for index, fit in zip(indices, odds, strict=True) if fit >= least)


def choose_summary(candidates: Candidates) -> list[int]:
    """Up to SUMMARY_SENTENCES, in order of time: together nearest to the expected description; greedy."""
    vectors, lengths = candidates.material.vectors, candidates.material.lengths
    chosen: list[int] = []
    total, words = np.zeros(vectors.shape[1]), 0.0
    while len(chosen) < SUMMARY_SENTENCES:
        options = [
            i for i in candidates.pool if words + lengths[i] <= SUMMARY_WORDS and not candidates.alike(i, chosen)
        ]
        if not options:
            break
        sums = unit(total + vectors[options] * np.sqrt(lengths[options])[:, None])
        best = options[int((sums @ candidates.subject + RANKED * candidates.scores[options]).argmax())]
        chosen.append(best)
        total, words = total + vectors[best] * np.sqrt(lengths[best]), words + lengths[best]
    return sorted(chosen)


def list_topics(
    material: Material, *, model: NotesModel, encoder: SentenceEncoder, avoid: Sequence[str] = ()
) -> tuple[Quote, ...]:
    """A line that lists what an episode is about, at the sentence in which the first topic comes up.

    None where too few topics are found. ``avoid``: names that are no topics, of the show and of its voices.
    """
    if not material.parsed:
        return ()
    subject = subject_of(views(material), model.subject)
    topics = choose_topics(material, subject, encoder=encoder, common=model.common, avoid=avoid)
    if not topics:
        return ()
    place = material.segments[topics[0].first]
    return (Quote(place.start, place.end, f"Topics: {', '.join(topic.shown for topic in topics)}.", ""),)


def _choose_points(candidates: Candidates, taken: Sequence[int]) -> list[int]:
    """Sentences of the subject, from different moments."""
    pool = [i for i in candidates.pool if not _of_itself(candidates.material, i)]

    return _choose_apart(candidates, pool, lambda i: float(candidates.scores[i]), POINTS, taken)


def _choose_quotes(candidates: Candidates, speakers: Sequence[Speaker], taken: Sequence[int]) -> list[int]:
    """Sentences exactly as they were said, of somebody who speaks of himself, from different moments."""
    material = candidates.material
    roles = {s.label: s.role for s in speakers}
    pool = [
        i
        for i in candidates.pool
        if candidates.standings[i].exact
        and not _of_itself(material, i)
        and roles.get(material.segments[i].speaker or "") != "ad"
    ]

    def worth(i: int) -> float:
        guest = GUEST if "host" not in roles.get(material.segments[i].speaker or "", "") else 0.0
        return float(candidates.scores[i]) + guest

    return _choose_apart(candidates, pool, worth, QUOTES, taken)


def _choose_apart(
    candidates: Candidates,
    pool: Sequence[int],
    worth: Callable[[int], float],
    count: int,
    taken: Sequence[int],
) -> list[int]:
    """The best ``count`` of the pool that lie apart from each other and repeat none that is ``taken``, by time."""
    starts = candidates.material.starts
    gap = (starts[-1] - starts[0]) / APART if pool else 0.0
    chosen: list[int] = []
    for i in sorted(pool, key=lambda i: (-worth(i), i)):
        if len(chosen) == count:
            break
        if all(abs(starts[i] - starts[o]) >= gap for o in chosen) and not candidates.alike(i, [*taken, *chosen]):
            chosen.append(i)
    return sorted(chosen)


def _of_itself(material: Material, index: int) -> bool:
    """Whether a sentence is about the show rather than about its subject."""
    return any(token.lemma.lower() in OF_ITSELF for token in material.texts[index].tokens)


def _clear(material: Material, index: int) -> bool:
    """Whether a sentence was heard well, is not coarse and does not speak to the listener."""
    words = material.segments[index].words
    heard = sum(word.probability for word in words) >= LEAST_HEARD * len(words)
    if any(token.lemma.lower() in ADDRESSED for token in material.texts[index].tokens):
        return False
    return heard and not any(word.text.lower().strip(".,!?\"'") in COARSE for word in words)


def _quote(candidates: Candidates, index: int) -> Quote:
    segment = candidates.material.segments[index]
    return Quote(segment.start, segment.end, candidates.standings[index].printed, segment.speaker or "")
