"""How a sentence would stand in print: without the words that only join it to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.language import AnalysedText, Token

OPENERS = frozenset({"so", "now", "well", "then", "anyway"})
"""Adverbs that only join a spoken sentence to the one before; conjunctions and interjections are told by their tag."""
FEWEST_WORDS, MOST_WORDS = 8, 40
"""Of a sentence that is printed: under the first little is said, beyond the second a recogniser has joined several."""
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
    whole = starts and printed.endswith(STOPS) and FEWEST_WORDS <= words <= MOST_WORDS
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
