"""A title for each chapter: the noun phrases that tell it from the other chapters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.notes.kinds import GIVEN_NAMES
from pipeline.notes.tagger import NOUNS, Token, dictionary_tag, tag_words
from pipeline.ports import SentenceEncoder
from pipeline.timeline import Segment
from pipeline.words.lists import COARSE, listed

LONGEST_WORDS = 5
CANDIDATES = 30
"""Phrases of a chapter that are embedded: those that counting puts first."""

LEAST_HEARD = 0.75
"""Mean probability of a phrase's words under which it is likely to be misheard."""
LONE_NAME = 0.6
"""What a single given name is worth as a title: "Matt" tells a reader little."""
TITLED = 1.6
"""How much more a phrase is worth that the episode's title puts in quotation marks."""

_VAGUE = listed(
    """
    thing things way ways lot lots kind sort bit part point case question questions answer reason time times day
    days week weeks month months year years today tomorrow yesterday monday tuesday wednesday thursday friday
    saturday sunday january february march april may june july august september october november december people
    person guy guys man woman everybody everyone someone somebody anyone anybody something anything nothing
    everything one ones stuff idea fact example sense terms moment moments number numbers side end start beginning
    episode show podcast minute minutes hour hours second seconds course matter place world life work word words
    story version couple bunch piece amount place rest whole half dozen hundred thousand million billion trillion
    look job name page yeah okay ok oh uh um hey wow mr mrs ms dr folks kid kids thanks thank hello hi bye topic
    thought thoughts feeling guest host listener listeners conversation interview reporting statement detail details
    level type types set use etc gonna wanna latest newer older new old good great big best better other same
    different next last own real sure fine nice able ready little small huge whole many much several few such
    favorite other others nobody right wrong blah decision store edge review plan today's stage everyday bunch
    """
)
_NO_NOUNS = ("VB", "VBZ", "VBD", "VBP", "MD", "RB", "IN", "DT", "PRP", "PRP$", "WP", "WDT", "CC", "TO")
"""What the dictionary says of words that a stray capital made a noun of: "Cloud Puts Lightroom", "That Raid"."""
_EDGE_ADJECTIVES = _VAGUE | listed("more most less least very first second third only high low long short")


@dataclass(slots=True)
class _Phrase:
    """A noun phrase of a chapter, told apart by its lower-case singular words."""

    key: tuple[str, ...]
    forms: Counter[str] = field(default_factory=Counter)
    count: float = 0.0
    proper: bool = False
    titled: bool = False

    @property
    def shown(self) -> str:
        return max(self.forms, key=lambda form: (self.forms[form], form))


def title_chapters(
    chapters: Sequence[Sequence[Sequence[Segment]]],
    *,
    encoder: SentenceEncoder,
    title: str = "",
    avoid: Sequence[str] = (),
) -> tuple[str, ...]:
    """One title a chapter, all different: one or two of its noun phrases in title case.

    ``title``: the episode's own, whose phrases are looked for whatever their part of speech; ``avoid``: names (of the
    show, of its voices) that say nothing about a chapter.
    """
    banned = {_key_of(name) for name in avoid if name.strip()}
    known = _title_phrases(title)
    found = [_phrases([s for group in chapter for s in group], known=known, banned=banned) for chapter in chapters]
    everywhere = Counter(key for phrases in found for key in phrases)
    said = [" ".join(s.text for group in chapter for s in group) for chapter in chapters]
    centres = _centres([[s.text for group in chapter for s in group] for chapter in chapters], encoder)
    used: set[str] = set()
    titles = []
    for index, phrases in enumerate(found):
        ranked = _rank(phrases, index, found, everywhere, centres, encoder, said)
        text = _compose(ranked, used)
        titles.append(text or f"Part {index + 1}")
        used |= {word for phrase in ranked[:2] if phrase.shown in text for word in phrase.key}
    return tuple(titles)


def noun_phrases(tokens: Sequence[Token]) -> list[list[Token]]:
    """Runs of adjectives and nouns that end in a noun, with "of" between two of them left out."""
    runs: list[list[Token]] = [[]]
    for index, token in enumerate(tokens):
        following = tokens[index + 1].tag if index + 1 < len(tokens) else ""
        fits = token.tag in NOUNS or token.tag in ("JJ", "CD") or (token.tag == "POS" and bool(runs[-1]))
        fits = fits or (token.tag == "VBG" and following == "NN" and token.lower not in ("being", "having", "going"))
        if not fits or token.text.startswith("$") or token.lower in ("the", "a", "an"):
            runs.append([])
        else:
            runs[-1].append(token)
    return [run for run in (_trimmed(run) for run in runs) if run]


def _trimmed(run: list[Token]) -> list[Token]:
    while run and (run[-1].tag not in NOUNS or run[-1].tag == "POS"):
        run = run[:-1]
    while run and (run[0].tag in ("POS", "CD", "VBG") or run[0].lower in _EDGE_ADJECTIVES):
        run = run[1:]
    return run


def _key_of(text: str) -> tuple[str, ...]:
    return tuple(
        singular(word) for word in re.findall(r"[\w&+-]+", text.lower()) if word not in ("the", "a", "an", "s")
    )


def _title_phrases(title: str) -> tuple[tuple[Token, ...], ...]:
    """Runs of two or more words of the title without small words: what the episode calls its subject."""
    quoted = re.findall(r"[\"\u201c\u2018']([^\"\u201d\u2019']+ [^\"\u201d\u2019']+)[\"\u201d\u2019']", title)
    return tuple(tuple(Token(word, "NNP", i) for i, word in enumerate(text.split())) for text in quoted)


def _title_runs(tokens: Sequence[Token], known: Sequence[tuple[Token, ...]]) -> list[list[Token]]:
    lower = [token.lower for token in tokens]
    runs = []
    for phrase in known:
        wanted = [token.lower for token in phrase]
        hits = sum(lower[i : i + len(wanted)] == wanted for i in range(len(lower)))
        runs += [list(phrase)] * hits
    return runs


def _phrases(
    segments: Sequence[Segment], *, known: Sequence[tuple[Token, ...]], banned: set[tuple[str, ...]]
) -> dict[tuple[str, ...], _Phrase]:
    phrases: dict[tuple[str, ...], _Phrase] = {}
    for segment in segments:
        tokens = tag_words([word.text for word in segment.words])
        runs = [(False, _parts(run)) for run in noun_phrases(tokens)]
        runs += [(True, [run]) for run in _title_runs(tokens, known)]
        for titled, parts in runs:
            for part in parts:
                key = tuple(singular(token.lower) for token in part if token.tag != "POS")
                heard = sum(segment.words[token.word].probability for token in part) / len(part)
                if heard < LEAST_HEARD and not titled:
                    continue
                if not _tells(key, part) or any(set(key) <= set(name) for name in banned):
                    continue
                phrase = phrases.setdefault(key, _Phrase(key))
                phrase.forms[_spell(part)] += 1
                phrase.count += 1.0
                phrase.titled = phrase.titled or titled
                phrase.proper = phrase.proper or all(t.tag.startswith("NNP") for t in part)
    return phrases


def _parts(run: list[Token]) -> list[list[Token]]:
    """The phrase itself and its tails: "popular consumer app", "consumer app", "app"."""
    parts = []
    for begin in range(len(run)):
        part = run[begin:]
        if len(part) <= LONGEST_WORDS and part[0].tag not in ("POS", "CD", "VBG"):
            parts.append(part)
    return parts


def _tells(key: tuple[str, ...], part: Sequence[Token]) -> bool:
    words = [token for token in part if token.tag != "POS"]
    if not words or {words[-1].lower, singular(words[-1].lower)} & _VAGUE or words[0].lower in _EDGE_ADJECTIVES:
        return False
    if len(words) == 1 and len(words[0].text) < 3 and not words[0].text.isupper():
        return False
    if any(word.lower in COARSE or dictionary_tag(word.lower) in _NO_NOUNS for word in words):
        return False
    return all(re.fullmatch(r"[\w&.\u2019'/+-]+", word.text) for word in words)


def singular(word: str) -> str:
    """A plain guess, enough to count "signals" with "signal".

    >>> singular("companies"), singular("crises"), singular("glass")
    ('company', 'crisis', 'glass')
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ises") and len(word) > 5:
        return word[:-2] + "is"
    if word.endswith(("ses", "xes", "ches", "shes")) and len(word) > 4:
        return word[:-1] if word.endswith("ses") and not word.endswith("sses") else word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and len(word) > 3:
        return word[:-1]
    return word


def _spell(part: Sequence[Token]) -> str:
    text = ""
    for token in part:
        text += token.text if token.tag == "POS" or not text else f" {token.text}"
    return text


def _centres(texts: Sequence[Sequence[str]], encoder: SentenceEncoder) -> np.ndarray:
    vectors = encoder.encode([text for chapter in texts for text in chapter])
    centres, at = [], 0
    for chapter in texts:
        weights = np.array([min(len(text.split()), 30) for text in chapter], float)[:, None]
        centres.append((vectors[at : at + len(chapter)] * weights).sum(0) / weights.sum())
        at += len(chapter)
    return np.stack(centres)


def _rank(
    phrases: dict[tuple[str, ...], _Phrase],
    index: int,
    found: Sequence[dict[tuple[str, ...], _Phrase]],
    everywhere: Counter[tuple[str, ...]],
    centres: np.ndarray,
    encoder: SentenceEncoder,
    said: Sequence[str],
) -> list[_Phrase]:
    """The chapter's phrases, best first: frequent here, rare elsewhere, near in meaning to what is said here."""
    chapters = len(found)
    words_here = len(said[index].split())
    words_else = sum(len(text.split()) for text in said) - words_here

    def tells(phrase: _Phrase) -> float:
        elsewhere = sum(other[phrase.key].count for i, other in enumerate(found) if i != index and phrase.key in other)
        here = phrase.count / max(words_here, 1)
        there = (elsewhere + 0.5) / max(words_else, 1) if chapters > 1 else 1e-3
        return math.log1p(phrase.count) * max(0.1, math.log(here / there + 1.0))

    def sized(phrase: _Phrase) -> float:
        return (
            {1: 0.75, 2: 1.25, 3: 1.2, 4: 1.0}.get(len(phrase.key), 0.8)
            * (1.15 if phrase.proper else 1.0)
            * (LONE_NAME if len(phrase.key) == 1 and phrase.key[0] in GIVEN_NAMES else 1.0)
            * (TITLED if phrase.titled else 1.0)
        )

    first = sorted(phrases.values(), key=lambda p: (-tells(p) * sized(p), p.key))[:CANDIDATES]
    if not first:
        return []
    vectors = encoder.encode([phrase.shown for phrase in first])
    centre = centres[index] - 0.5 * centres.mean(0)
    near = vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-6))
    scores = [tells(p) * sized(p) * (0.4 + max(0.0, float(n))) for p, n in zip(first, near, strict=True)]
    order = sorted(range(len(first)), key=lambda i: (-scores[i], first[i].key))
    return [first[i] for i in order]


def _compose(ranked: Sequence[_Phrase], used: set[str]) -> str:
    """The best phrase alone where it has two words or more of its own, else the best two."""
    fresh = [p for p in ranked if not set(p.key) <= used]
    if not fresh:
        return ""
    best = fresh[0]
    least = 1.0 if len(best.key) == 1 and not best.proper else 0.5 * best.count
    best = next((p for p in fresh[1:12] if set(best.key) < set(p.key) and p.count >= least), best)
    if len(best.key) >= 3 or (len(best.key) == 2 and not best.proper):
        return title_case(best.shown)
    second = next((p for p in fresh if not set(p.key) & set(best.key) and not _inside(p, best) and _stands(p)), None)
    return title_case(best.shown) + (f" and {title_case(second.shown)}" if second else "")


def _stands(phrase: _Phrase) -> bool:
    """Worth standing beside another: a name, two words, or one that is said again."""
    return phrase.proper or len(phrase.key) > 1 or phrase.count > 1


def _inside(one: _Phrase, other: _Phrase) -> bool:
    return " ".join(one.key) in " ".join(other.key) or " ".join(other.key) in " ".join(one.key)


_SMALL = listed("a an and as at but by for from in of on or the to with vs")


def title_case(text: str) -> str:
    """Title case that leaves spellings such as OpenAI and iPhone alone.

    >>> title_case("OpenAI's code of conduct")
    "OpenAI's Code of Conduct"
    """
    words = text.split()
    cased = []
    for index, word in enumerate(words):
        keep = any(c.isupper() for c in word) or (0 < index < len(words) - 1 and word.lower() in _SMALL)
        mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word) and len(word) < 5  # ps5
        cased.append(word if keep else word.upper() if mixed else word[:1].upper() + word[1:])
    return " ".join(cased)
