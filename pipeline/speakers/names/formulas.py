"""What people say right before a name: that it is their own, a guest's, or whom they thank or turn to.

General knowledge of English, put in few classes because each wording by itself is too rare in published transcripts
to learn from; what a class says of a voice is fitted, like everything else about a clue.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.language import Token, TokenSpan

REACH = 7
"""Tokens before a name that are read, as far back as its sentence goes."""
SHORT = 3
"""Words between the start of a sentence and a name, up to which the first of them turns to somebody."""
_OWN = (
    r"\b(?:this is|listening to|welcome to) .*\bwith me|\bi ?'m|\bi am|\bmy name is|\bmy name 's|^me|\bme as|\bmyself|"
    r"\bas always"
)
_SHOWN = r"\bthis is|\bwith me|\bfrom me|\bhosts?"
_OWN_BETWEEN = r" your| the| our| host| hosts| as always| again| here| always| today| doctor| professor| and"
_OTHER = (
    r"joined by|\bguests?(?: today)?(?: is)?|\bwelcome|\bwelcoming|\bwith us|\bhere with|\bwe have|\bintroduce|"
    r"\bco ?-? ?hosts?|\bcolleague|\bfriend|\bwith (?:my|our)(?: [a-z-]+){1,2}|"
    r"\btalk(?:ing)? (?:to|with)|\bspeak(?:ing)? (?:to|with)|\binterview(?:ing)?"
)
_OTHER_BETWEEN = r" is| today| the| our| my| back| great| good| friend| doctor| by| with| to| and| again| here"
ANOTHERS = "another's"
"""The class of a name that cannot be the speaker's own."""
FORMULAS = {
    ANOTHERS: re.compile(r"\b(?:his|her|their|its|whose|your) name(?: is| was| 's)$"),
    "own": re.compile(rf"(?:{_OWN})(?:{_OWN_BETWEEN})*$"),
    "that was": re.compile(r"\bthat ?(?:'s|is|was)(?: (?:our|my|the)(?: [a-z-]+){0,3})?$"),
    "shown": re.compile(rf"(?:{_SHOWN})(?:{_OWN_BETWEEN})*$"),
    "other": re.compile(rf"(?:{_OTHER})(?:{_OTHER_BETWEEN})*$"),
    "thanks": re.compile(r"\b(?:thanks|thank you)(?: so much| very much| a lot)?(?: for [a-z ]+)?$"),
    "turns to": re.compile(r"\b(?:hey|hi|hello|good morning|welcome|so|okay|ok|well|yeah|yes|right|now|and)$"),
    "own, far": re.compile(r"\bi ?'m\b|\bi am\b|\bname is\b|\bme\b"),
}
"""The classes by what the words before the name end with, the last by what is anywhere in them."""
_PAUSE = frozenset(',;:-–—…"“”()[]')
_STOP = frozenset(".?!")


def formulas_before(tokens: Sequence[Token], span: TokenSpan) -> tuple[str, ...]:
    """The names of FORMULAS that lead up to a name; "here" where it is followed by that, as in "Ada here"."""
    before = [token.text.lower().replace("’", "'") for token in tokens[max(0, span.first - REACH) : span.first]]
    start = max((place + 1 for place, word in enumerate(before) if word in _STOP), default=0)
    words = [word for word in before[start:] if word not in _PAUSE]
    said = " ".join(words)
    found = [name for name, formula in FORMULAS.items() if formula.search(said)]
    if {"own", "shown", "other"} & set(found):
        found = [name for name in found if name != "own, far"]
    if len(words) > SHORT:
        found = [name for name in found if name != "turns to"]
    if span.last < len(tokens) and tokens[span.last].text.lower() == "here":
        found.append("here")
    return tuple(found)
