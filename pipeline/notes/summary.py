"""Show notes out of the transcript alone: chosen sentences, never written ones, each with its time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.notes.entities import find_mentions
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material, unit
from pipeline.notes.ranking import OPENING_S, content_lemmas, sentence_features, subject_of, views
from pipeline.notes.standalone import Standing, judge_sentence
from pipeline.result import Chapter, Notes, Quote, Speaker
from pipeline.timeline import Seconds
from pipeline.words.lists import COARSE

SUMMARY_SENTENCES, SUMMARY_WORDS = 3, 100
"""About what a podcast app shows before "more"; a fourth sentence where it names one of the names said most."""
POINTS = (4, 8)
QUOTES = 2
"""Of 88 quotes of 23 episodes, read by hand, 42 % of the first two by score would be struck, 63 % of the others."""
WORDS, OPENING_WORDS = (8, 32), 45
"""Of a sentence that is printed: under it little is said, beyond it a recogniser has joined several."""
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
NAMED, NAMES = 0.03, 6
"""What each of so many names that the episode says most is worth to a summary that has not named it yet."""
APART = 12
"""Quotes are at least this part of the episode's length away from each other."""
PERSONAL, OWN = 0.1, 0.02
"""What a sentence's "I" and "you" take off a point's score, each: it tells of the voice, not of the subject; and what
one's own "I" adds to a quote's, twice at most."""
OF_ITSELF = frozenset({"episode", "podcast", "show", "conversation", "interview"})
"""Lemmas by which a show speaks of itself: such a sentence may sum it up, but is no point and no quote."""
ADDRESSED = frozenset({"thank", "welcome", "subscribe", "sponsor", "listener", "listen", "email", "newsletter"})
"""Lemmas by which a show speaks of itself to whoever hears it; no sentence with one is printed."""
GUEST = 0.05
"""What a voice that is no host adds to a quote's score."""


@dataclass(frozen=True)
class _Candidates:
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
    show: str = "",
    chapters: Sequence[Chapter] = (),
    ad_chances: Sequence[float] = (),
) -> Notes:
    """The notes of an episode; where its language has no grammar, only the links that are spoken.

    ``ad_chances``: of each sentence to be ad copy, if known. The show's description is not read: notes that repeat it
    would tell nothing about the episode.
    """
    mentions = find_mentions(material, speakers, show=show)
    if not material.parsed:
        return Notes(mentions=mentions)
    candidates = weigh_sentences(material, model, ad_chances=ad_chances)
    summary = choose_summary(candidates)
    points = _choose_points(candidates, chapters, summary)
    quotes = _choose_quotes(candidates, speakers, [*summary, *points])
    return Notes(
        summary=tuple(_quote(candidates, i) for i in summary),
        points=tuple(_quote(candidates, i) for i in points),
        quotes=tuple(_quote(candidates, i) for i in quotes),
        mentions=mentions,
    )


def weigh_sentences(material: Material, model: NotesModel, *, ad_chances: Sequence[float] = ()) -> _Candidates:
    """Which sentences may be printed, and how near each is to what a description would say."""
    opening = material.starts[0] + OPENING_S if len(material.starts) else 0.0
    standings = tuple(
        judge_sentence(text, opening=bool(start < opening))
        for text, start in zip(material.texts, material.starts, strict=True)
    )
    seen = views(material)
    subject = subject_of(seen, model.subject)
    scores = model.sentence.score(sentence_features(material, standings, seen, subject))
    pool = tuple(
        index
        for index, standing in enumerate(standings)
        if not standing.faults
        and WORDS[0] <= standing.counts["words"] <= (OPENING_WORDS if material.starts[index] < opening else WORDS[1])
        and _clear(material, index)
        and (not ad_chances or ad_chances[index] < AD_CHANCE)
    )
    return _Candidates(material, standings, subject, scores, pool)


def choose_summary(candidates: _Candidates) -> list[int]:
    """Three or four sentences, in order of time: together nearest to the expected description; greedy."""
    vectors, lengths = candidates.material.vectors, candidates.material.lengths
    opening = candidates.material.starts < candidates.material.starts[:1] + OPENING_S
    plain = [i for i in candidates.pool if opening[i] or not _is_personal(candidates.standings[i])] or candidates.pool
    names = _names_said_most(candidates.material)
    chosen: list[int] = []
    total, words = np.zeros(vectors.shape[1]), 0.0
    while len(chosen) <= SUMMARY_SENTENCES:
        options = [i for i in plain if words + lengths[i] <= SUMMARY_WORDS and not candidates.alike(i, chosen)]
        if not options:
            break
        sums = unit(total + vectors[options] * np.sqrt(lengths[options])[:, None])
        told = set().union(*(_names_in(candidates.material, i) for i in chosen)) if chosen else set()
        fresh = np.array([len((_names_in(candidates.material, i) & names) - told) for i in options])
        if len(chosen) == SUMMARY_SENTENCES:
            options, sums, fresh = (
                [i for i, n in zip(options, fresh, strict=True) if n],
                sums[fresh > 0],
                fresh[fresh > 0],
            )
        if not options:
            break
        worth = sums @ candidates.subject + RANKED * candidates.scores[options] + NAMED * fresh
        best = options[int(worth.argmax())]
        chosen.append(best)
        total, words = total + vectors[best] * np.sqrt(lengths[best]), words + lengths[best]
    return sorted(chosen)


def _names_in(material: Material, index: int) -> set[str]:
    return {token.lemma.lower() for token in material.texts[index].tokens if token.pos == "PROPN"}


def _names_said_most(material: Material) -> set[str]:
    said = Counter(name for index in range(len(material.texts)) for name in _names_in(material, index))
    return {name for name, _ in sorted(said.items(), key=lambda item: (-item[1], item[0]))[:NAMES]}


def _choose_points(candidates: _Candidates, chapters: Sequence[Chapter], taken: Sequence[int]) -> list[int]:
    """One sentence a part of the episode, near to what that part is about; the parts are chapters, joined if many."""
    material = candidates.material
    parts = _parts(material, chapters)
    chosen: list[int] = []
    for part in parts:
        inside = [i for i in candidates.pool if not _of_itself(material, i) and part[0] <= material.starts[i] < part[1]]
        options = [i for i in inside if not candidates.alike(i, [*taken, *chosen])]
        if not options:
            continue
        all_of_it = (material.starts >= part[0]) & (material.starts < part[1])
        mean = (material.vectors * (material.weights * all_of_it)[:, None]).sum(0) / material.weights[all_of_it].sum()
        near = material.vectors[options] @ unit(mean)
        counts = [candidates.standings[i].counts for i in options]
        personal = np.array([c["i"] + c["you"] for c in counts])
        chosen.append(options[int((near + candidates.scores[options] - PERSONAL * personal).argmax())])
    return sorted(chosen)


def _parts(material: Material, chapters: Sequence[Chapter]) -> list[tuple[Seconds, Seconds]]:
    """From POINTS[0] to POINTS[1] stretches of about the same length, at chapter starts where there are enough."""
    begin, end = float(material.starts[0]), float(material.segments[-1].end) + 1.0
    inner = [c.start for c in chapters if begin < c.start < end]
    count = min(POINTS[1], max(POINTS[0], len(inner) + 1))
    edges = [begin + (end - begin) * i / count for i in range(count + 1)]
    if len(inner) >= count - 1:
        edges[1:-1] = sorted({min(inner, key=lambda t: abs(t - edge)) for edge in edges[1:-1]})
    return list(pairwise(edges))


def _choose_quotes(candidates: _Candidates, speakers: Sequence[Speaker], taken: Sequence[int]) -> list[int]:
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
    gap = (material.starts[-1] - material.starts[0]) / APART if pool else 0.0

    def worth(i: int) -> float:
        counts = candidates.standings[i].counts
        guest = GUEST if "host" not in roles.get(material.segments[i].speaker or "", "") else 0.0
        return float(candidates.scores[i]) + guest + OWN * min(2, counts["i"] + counts["we"])

    chosen: list[int] = []
    for i in sorted(pool, key=lambda i: (-worth(i), i)):
        apart = all(abs(material.starts[i] - material.starts[o]) >= gap for o in chosen)
        if apart and not candidates.alike(i, [*taken, *chosen]):
            chosen.append(i)
        if len(chosen) == QUOTES:
            break
    return sorted(chosen)


def _is_personal(standing: Standing) -> bool:
    """Whether somebody speaks of himself or to somebody: a summary does not say who."""
    return standing.counts["i"] + standing.counts["you"] > 0


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


def _quote(candidates: _Candidates, index: int) -> Quote:
    segment = candidates.material.segments[index]
    return Quote(segment.start, segment.end, candidates.standings[index].printed, segment.speaker or "")
