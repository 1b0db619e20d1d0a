"""The noun phrases of an episode as they would be printed: what is talked about, without articles and small talk."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.language import AnalysedText, Token, TokenSpan
from pipeline.notes.material import Material, bare_word
from pipeline.words.lists import COARSE

LONGEST_WORDS = 4
"""Of one phrase."""
LEAST_HEARD = 0.75
"""Mean probability of a sentence's words under which its phrases are likely to be misheard."""
OPENING_WORDS, OPENING_WEIGHT = 80.0, 2.0
"""What is said in the first so many words counts so much more: there the subject is named."""
LONE = 0.7
"""What a phrase of one word is worth against one of two to four: it tells a reader less."""

_INSIDE = frozenset({"NOUN", "PROPN", "ADJ", "VERB"})
"""Parts of speech that a phrase may start with."""


@dataclass(slots=True)
class Phrase:
    """A noun phrase, told apart by its lemmas.

    ``weight``: how often it is said, more at the start; ``named``: whether it is all of a named entity, and has a
    capital; ``described``: whether it starts with an adjective or a participle; ``first``: the sentence in which it
    comes first.
    """

    key: tuple[str, ...]
    first: int
    forms: Counter[str] = field(default_factory=Counter)
    weight: float = 0.0
    named: bool = False
    described: bool = False

    @property
    def said(self) -> int:
        return self.forms.total()

    @property
    def shown(self) -> str:
        return max(self.forms, key=lambda form: (self.forms[form], form))


def names_banned(names: Iterable[str]) -> set[str]:
    """The words of names (of the show, of its voices) that say nothing about a subject."""
    return {word.lower() for name in names for word in re.findall(r"\w+", name)}


def find_phrases(material: Material, group: Sequence[int], banned: set[str]) -> dict[tuple[str, ...], Phrase]:
    """The phrases of the sentences in ``group``, by key; those all of whose words are ``banned`` are left out."""
    phrases: dict[tuple[str, ...], Phrase] = {}
    said = 0.0
    for index in group:
        text, segment = material.texts[index], material.segments[index]
        weight = OPENING_WEIGHT if said < OPENING_WORDS else 1.0
        said += len(segment.words)
        if sum(word.probability for word in segment.words) < LEAST_HEARD * len(segment.words):
            continue
        names = _names(text)
        for span in text.noun_phrases:
            for part in _parts(text, span):
                tokens = text.tokens[part.first : part.last]
                key = tuple(token.lemma.lower() for token in tokens if token.tag != "POS")
                if not _tells(tokens, banned) or any(bare_word(t.text) in material.misheard for t in tokens):
                    continue
                phrase = phrases.setdefault(key, Phrase(key, index, described=tokens[0].pos in ("ADJ", "VERB")))
                phrase.forms[text.text_of(part)] += 1
                phrase.weight += weight
                phrase.named = phrase.named or ((part.first, part.last) in names and text.text_of(part)[:1].isupper())
    return phrases


def _names(text: AnalysedText) -> set[tuple[int, int]]:
    """First and last token of each named entity, without the article before it."""
    inside = (range(entity.first, entity.last) for entity in text.entities)
    return {(next((at for at in span if text.tokens[at].pos in _INSIDE), span.start), span.stop) for span in inside}


def _parts(text: AnalysedText, span: TokenSpan) -> list[TokenSpan]:
    """The phrase without determiners, and its tails: "popular consumer app", "consumer app", "app"."""
    last = span.last
    while last > span.first and text.tokens[last - 1].pos not in ("NOUN", "PROPN"):
        last -= 1
    starts = [at for at in range(span.first, last) if text.tokens[at].pos in _INSIDE and text.tokens[at].tag != "POS"]
    return [TokenSpan(at, last) for at in starts if last - at <= LONGEST_WORDS]


def _tells(tokens: Sequence[Token], banned: set[str]) -> bool:
    words = [token.text.lower() for token in tokens]
    if any(word in COARSE for word in words) or all(word in banned for word in words):
        return False
    if any(token.pos in ("PRON", "DET", "ADV", "INTJ", "PUNCT") and token.text != "-" for token in tokens):
        return False
    return len("".join(words)) > 2 and all(re.fullmatch(r"[\w&.\u2019'/+#-]+", token.text) for token in tokens)
