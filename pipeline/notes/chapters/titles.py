"""A title for each chapter: the noun phrases that tell it from the rest of the episode."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.notes.material import Material, unit
from pipeline.notes.topics.phrases import LONE, Phrase, find_phrases, names_banned
from pipeline.ports import SentenceEncoder

CANDIDATES = 24
"""Phrases of a chapter that are embedded: those that counting puts first."""
NEARNESS = 4.0
"""What a cosine of one between a phrase and its chapter (against the episode) is worth, in units of ``_distinct``."""
SECOND_SHARE = 0.5
"""A second phrase joins the first if it is worth this share of it; of two phrases none has more than three words."""
TERM = 2
"""Times that a phrase is said in a chapter from which it is taken for a term, so that its adjective belongs to it.

A second phrase is one as well. A reader kept 20 of 40 titles without this, 26 of 40 of other shows with it.
"""
FALLBACK = "Part"


def title_chapters(
    material: Material,
    groups: Sequence[Sequence[int]],
    *,
    encoder: SentenceEncoder,
    common: Mapping[str, float],
    avoid: Sequence[str] = (),
) -> tuple[str, ...]:
    """One title a chapter, all different, of one or two noun phrases; "Part 2" where the language has no grammar.

    ``groups``: the sentences that each chapter is titled by; ``common``: in what share of all episodes a noun is said;
    ``avoid``: names (of the show, of its voices) that say nothing about a chapter.
    """
    banned = names_banned(avoid)
    found = [terms(find_phrases(material, group, banned)) for group in groups]
    everywhere: Counter[str] = Counter()
    for phrases in found:
        for phrase in phrases.values():
            everywhere.update({lemma: phrase.weight for lemma in phrase.key})
    used: set[tuple[str, ...]] = set()
    titles = []
    for number, (group, phrases) in enumerate(zip(groups, found, strict=True), 1):
        ranked = _rank(material, group, phrases, everywhere, encoder, common)
        title, keys = _compose([(p, worth) for p, worth in ranked if p.key not in used])
        used |= keys
        titles.append(title or f"{FALLBACK} {number}")
    return tuple(titles)


def terms(phrases: Mapping[tuple[str, ...], Phrase]) -> dict[tuple[str, ...], Phrase]:
    """The phrases without those that an adjective opens which is said with its noun once: "chunky cluster"."""
    return {
        key: phrase for key, phrase in phrases.items() if phrase.named or not phrase.described or phrase.said >= TERM
    }


def _rank(
    material: Material,
    group: Sequence[int],
    phrases: Mapping[tuple[str, ...], Phrase],
    everywhere: Counter[str],
    encoder: SentenceEncoder,
    common: Mapping[str, float],
) -> list[tuple[Phrase, float]]:
    """The chapter's phrases with what they are worth, best first."""
    here: Counter[str] = Counter()
    for phrase in phrases.values():
        here.update({lemma: phrase.weight for lemma in phrase.key})
    size, all_of_it = max(1.0, float(here.total())), max(1.0, float(everywhere.total()))

    def distinct(phrase: Phrase) -> float:
        """How much oftener its words are said here than elsewhere in the episode and in other episodes."""
        told = [
            (1.0 - common.get(lemma, 0.0)) * math.log1p(here[lemma]) * max(0.0, math.log(
                (here[lemma] / size) / ((everywhere[lemma] - here[lemma] + 1.0) / all_of_it)))
            for lemma in phrase.key
        ]  # fmt: skip
        whole = math.log1p(phrase.weight)
        return (sum(told) / len(told) ** 0.5) * whole * (LONE if len(phrase.key) == 1 else 1.0)

    first = sorted(phrases.values(), key=lambda p: (-distinct(p), p.key))[:CANDIDATES]
    if not first:
        return []
    indices = list(group)
    weights = material.weights[indices][:, None]
    middle = (material.vectors[indices] * weights).sum(0) / max(1.0, float(weights.sum()))
    near = encoder.encode([phrase.shown for phrase in first]) @ unit(middle - 0.5 * material.centre)
    worth = [distinct(p) + NEARNESS * max(0.0, float(n)) for p, n in zip(first, near, strict=True)]
    order = sorted(range(len(first)), key=lambda i: (-worth[i], first[i].key))
    return [(first[i], worth[i]) for i in order]


def _may_join(phrase: Phrase) -> bool:
    return len(phrase.key) <= 3 and phrase.said >= TERM


def _compose(ranked: Sequence[tuple[Phrase, float]]) -> tuple[str, set[tuple[str, ...]]]:
    """The best phrase where it has three words or more, else the best two that share no word; and the keys used."""
    if not ranked:
        return "", set()
    best, worth = ranked[0]
    longer = next((p for p, w in ranked[1:8] if set(best.key) < set(p.key) and w >= 0.6 * worth), None)
    best = longer or best
    if len(best.key) >= 3:
        return title_case(best.shown), {best.key}
    second = next(
        (p for p, w in ranked if not set(p.key) & set(best.key) and _may_join(p) and w >= SECOND_SHARE * worth), None
    )
    if second is None:
        return title_case(best.shown), {best.key}
    return f"{title_case(best.shown)} and {title_case(second.shown)}", {best.key, second.key}


_SMALL = frozenset(
    ["a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "vs"]
)


def title_case(text: str) -> str:
    """Title case that leaves spellings such as OpenAI and iPhone alone.

    >>> title_case("OpenAI's code of conduct")
    "OpenAI's Code of Conduct"
    """
    words = text.split()
    cased = []
    for index, word in enumerate(words):
        keep = any(c.isupper() for c in word) or (0 < index < len(words) - 1 and word.lower() in _SMALL)
        cased.append(word if keep else word[:1].upper() + word[1:])
    return " ".join(cased)
