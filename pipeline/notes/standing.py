"""How a sentence would stand in print: without the words that only join it to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.language import AnalysedText, Token

OPENERS = frozenset({"so", "now", "well", "then", "anyway"})
"""Adverbs that only join a spoken sentence to the one before; conjunctions and interjections are told by their tag."""
FEWEST_WORDS, MOST_WORDS = 8, 40
"""Of a sentence that is printed: under the first little is said, beyond the second a recogniser has joined several."""
POINTING = frozenset({"this", "that", "these", "those"})
"""Demonstratives; as conjunctions and relatives ("the bread that rose") they have another tag."""
PERSONS = frozenset({"he", "she", "they", "him", "her", "them", "his", "their"})
"""Pronouns of the third person that stand for somebody named before; "it" may stand for nothing ("it rains")."""
EMPHASIS = ("ADJ", "ADV", "INTJ", "NUM", "PUNCT")
"""Parts of speech that are said twice in a row on purpose ("very, very")."""
STOPS = (".", "!")
"""What a statement ends in; a question is not printed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``printed``: the sentence's text in print; ``exact``: whether that is all of it.

    ``whole``: whether it has the outer form of a statement; how it reads is for the judge to say.
    """

    printed: str
    exact: bool
    whole: bool


def stand(text: AnalysedText) -> Standing:
    """One sentence of a parsed language."""
    lead = _lead(text.tokens)
    printed = text.text[text.tokens[lead].start :].strip() if text.tokens else ""
    words = len(printed.split())
    starts = printed[:1].isalnum() and (lead > 0 or not printed[:1].islower())
    sized = FEWEST_WORDS <= words <= MOST_WORDS
    form = starts and sized and printed.endswith(STOPS) and not _stumbles(text.tokens[lead:])
    whole = form and _has_subject(text.tokens) and not _points_outside(text.tokens[lead:])
    return Standing(printed[:1].upper() + printed[1:], lead == 0, whole)


def _lead(tokens: Sequence[Token]) -> int:
    """How many tokens at the front only join the sentence to the one before: "And so, ..."; "so far" does not."""
    at = 0
    while at < len(tokens) - 1:
        token = tokens[at]
        joins = token.text.lower() in OPENERS and tokens[token.head].pos in ("VERB", "AUX")
        if not (joins or token.pos in ("CCONJ", "INTJ") or (token.pos == "PUNCT" and at)):
            break
        at += 1
    return at


def _stumbles(tokens: Sequence[Token]) -> bool:
    """Whether a word is said twice in a row, or a preposition or an article is broken off: "of the, of a map"."""
    spoken = [token for token in tokens if token.text != ","]
    twice = any(
        a.text.lower() == b.text.lower() and a.pos == b.pos and a.pos not in EMPHASIS for a, b in pairwise(spoken)
    )
    return twice or any(b.text == "," and a.pos in ("ADP", "DET") and a.tag != "RP" for a, b in pairwise(tokens))


def _has_subject(tokens: Sequence[Token]) -> bool:
    """Whether the main clause has a subject, or says what there is."""
    return any(t.dep in ("nsubj", "nsubjpass", "csubj", "expl") and tokens[t.head].dep == "ROOT" for t in tokens)


def _points_outside(tokens: Sequence[Token]) -> bool:
    """Whether a word stands for what was said or seen before: "this list", "here", "they" ahead of any noun."""
    named = False
    for token in tokens:
        word = token.text.lower()
        pointing = word == "here" or (word in POINTING and token.tag == "DT")
        if pointing or (word in PERSONS and not named):
            return True
        named = named or token.pos in ("NOUN", "PROPN")
    return False
