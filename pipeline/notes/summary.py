"""Show notes out of the transcript alone: sentences that were spoken, each with its time, and what they are about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.notes.entities import find_mentions
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material, bare_word
from pipeline.notes.ranking import content_lemmas, sentence_features, subject_of, views
from pipeline.notes.standing import Standing, stand
from pipeline.notes.topics.choose import choose_topics
from pipeline.ports import SentenceEncoder
from pipeline.result import Notes, Quote, Speaker
from pipeline.words.lists import COARSE

PRINTED = 3
"""Sentences of an episode in summary, points and quotes together: the surest, of which fewest are struck."""
POINTS, QUOTES = 3, 2
FIT = 2.5
"""Log-odds by the judge, which is surer than it is right, under which a sentence is not printed.

Of the surest three of 82 episodes down to 2.5, each show judged by a model without it, 6 of 155 are struck; down to
2.4 it is 8 of 166, down to 2.75 5 of 133, of the surest four down to 2.5 10 of 185.
"""
LEAST_NEAR = 0.5
"""Cosine with the expected description from which a sentence stands in a summary that has topics; others are points.

Of 61 episodes two in five have one. Summaries are nearer to published descriptions with fewer: 0.53 where any sentence
may stand there, 0.56 from 0.4 on, 0.57 from 0.5 on, 0.58 from 0.6 on and with topics alone.
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
"""What a point of the learnt score is worth against the cosine with the expected description."""
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
    """Sentences that may be printed: ``pool`` are their indices, ``scores`` the learnt score of every sentence."""

    material: Material
    standings: tuple[Standing, ...]
    subject: np.ndarray
    scores: np.ndarray
    pool: tuple[int, ...]

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
    unmentioned: Collection[int] = (),
) -> Notes:
    """The notes of an episode; where its language has no grammar, only the links that are spoken.

    ``topics``: the line that ends the summary. ``ad_chances``: of each sentence to be ad copy, if known;
    ``unmentioned``: the numbers of sentences of which nothing is mentioned. The show's description is not read: notes
    that repeat it would tell nothing about the episode.
    """
    mentions = find_mentions(material, speakers, show=show, left_out=unmentioned)
    if not material.parsed:
        return Notes(mentions=mentions)
    candidates = weigh_sentences(material, model, ad_chances=ad_chances)
    summary = choose_summary(candidates, least_near=LEAST_NEAR if topics else -1.0)
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
    return Candidates(material, standings, subject, scores, surest(whole, odds.tolist()))


def surest(indices: Sequence[int], odds: Sequence[float]) -> tuple[int, ...]:
    """The sentences that may be printed, in order: the PRINTED surest of those from FIT on."""
    fit = [(-fit, index) for index, fit in zip(indices, odds, strict=True) if fit >= FIT]
    return tuple(sorted(index for _, index in sorted(fit)[:PRINTED]))


def choose_summary(candidates: Candidates, *, least_near: float) -> list[int]:
    """The best sentence among those whose cosine with the expected description is large enough; none where none is."""
    near = candidates.material.vectors @ candidates.subject
    worth = near + RANKED * candidates.scores
    return sorted((i for i in candidates.pool if near[i] >= least_near), key=lambda i: (-worth[i], i))[:1]


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
    said = {bare_word(word.text) for word in words}
    return heard and said.isdisjoint(COARSE) and said.isdisjoint(material.misheard)


def _quote(candidates: Candidates, index: int) -> Quote:
    segment = candidates.material.segments[index]
    return Quote(segment.start, segment.end, candidates.standings[index].printed, segment.speaker or "")
