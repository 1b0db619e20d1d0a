"""Character errors: the same texts as for WER raw, letter by letter.

For languages whose words are not divided by spaces, and for those where one letter more or less is no other word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from pipeline.scores.words.normalise import Token, divides_words


@dataclass(frozen=True, slots=True)
class CharacterErrors:
    """Edits between two texts, and the characters of the reference; a space between words is a character."""

    errors: int = 0
    characters: int = 0

    @property
    def rate(self) -> float | None:
        return self.errors / self.characters if self.characters else None

    def __add__(self, other: CharacterErrors) -> CharacterErrors:
        return CharacterErrors(self.errors + other.errors, self.characters + other.characters)

    def figure(self) -> dict[str, float | int]:
        """The counts for report.json; no rate where the reference is empty."""
        counts: dict[str, float | int] = {"errors": self.errors, "characters": self.characters}
        return counts if self.rate is None else {"rate": self.rate, **counts}


def count_characters(reference: Sequence[Token], found: Sequence[Token], *, language: str = "en") -> CharacterErrors:
    """The Levenshtein distance of two normalised texts in characters, as jiwer's ``cer`` counts it.

    Words are joined by one space; in a language that does not divide words by spaces, by nothing.

    >>> words = lambda text: [Token(t, i, i) for i, t in enumerate(text.split())]
    >>> count_characters(words("a red hat"), words("a read hat"))
    CharacterErrors(errors=1, characters=9)
    """
    space = " " if divides_words(language) else ""
    truth, guess = (space.join(token.text for token in tokens) for tokens in (reference, found))
    return CharacterErrors(Levenshtein.distance(truth, guess), len(truth))
