"""What kind of word each word of a reference is: names and numbers are what readers miss most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pipeline.scores.words.normalise import Token

Kind = Literal["name", "number", "short", "other"]
KINDS: dict[Kind, str] = {
    "name": "names (capitals inside a sentence)",
    "number": "numbers",
    "short": "short words (up to 3 letters)",
    "other": "other words",
}
SHORT_LETTERS = 3
CAPITALS_ARE_NO_NAMES = frozenset(("de", "lb"))
"""Languages that capitalise every noun."""
MOST_CAPITALS = 0.5
"""With a larger share of capitalised words inside sentences, the text is a headline or all capitals."""
SENTENCE_ENDS = (".", "!", "?", "…", ":", '."', '?"', '!"', ".”", "?”", "!”")


def kinds_of(tokens: Sequence[Token], texts: Sequence[str], *, language: str = "en") -> tuple[Kind, ...]:
    """The kind of each token; ``texts`` are the words as written that the tokens were made of.

    >>> texts = ["We", "met", "Ann", "in", "1999."]
    >>> kinds_of([Token(t.lower().strip("."), i, i) for i, t in enumerate(texts)], texts)
    ('short', 'short', 'name', 'short', 'number')
    """
    names = _capitalised(texts, language)
    return tuple(
        "number"
        if any(c.isdigit() for c in token.text)
        else "name"
        if any(names[token.first : token.last + 1])
        else "short"
        if len(token.text) <= SHORT_LETTERS
        else "other"
        for token in tokens
    )


def _capitalised(texts: Sequence[str], language: str) -> list[bool]:
    """Whether each word has a capital that its place in the sentence does not explain."""
    found = []
    opens = True
    inside = 0
    for text in texts:
        plain = text.lstrip("\"'“‘([¿¡")
        capital = plain[:1].isupper() and not (plain[:1] == "I" and not plain[1:2].isalpha())
        found.append(capital and not opens)
        inside += not opens
        opens = text.endswith(SENTENCE_ENDS)
    too_many = sum(found) > MOST_CAPITALS * max(1, inside)
    return [False] * len(texts) if too_many or language.split("-")[0] in CAPITALS_ARE_NO_NAMES else found
