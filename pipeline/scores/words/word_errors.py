"""Word errors as counts that add; the rate is derived and never averaged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordErrors:
    """How a transcript differs from its reference, in words.

    Two of these cannot be averaged: ``+`` adds the counts, so the rate of many episodes weighs every word alike.

    >>> WordErrors(hits=9, substitutions=1) + WordErrors(hits=88, deletions=2, insertions=1)
    WordErrors(hits=97, substitutions=1, deletions=2, insertions=1)
    >>> WordErrors(hits=9, substitutions=1).rate
    0.1
    """

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __post_init__(self) -> None:
        counts = (self.hits, self.substitutions, self.deletions, self.insertions)
        if any(isinstance(count, bool) or not isinstance(count, int) or count < 0 for count in counts):
            raise ValueError(f"word errors are counts, whole and not negative: found {counts}")

    @classmethod
    def zero(cls) -> WordErrors:
        """No words at all: the start of a sum."""
        return cls()

    @classmethod
    def of(cls, *, words: int, errors: int, substitutions: int, deletions: int, insertions: int) -> WordErrors:
        """Errors as other tools report them; refuses counts that contradict each other."""
        if substitutions + deletions + insertions != errors:
            raise ValueError(f"{substitutions} + {deletions} + {insertions} are not {errors} errors")
        if substitutions + deletions > words:
            raise ValueError(f"{substitutions + deletions} of {words} reference words cannot be wrong")
        return cls(words - substitutions - deletions, substitutions, deletions, insertions)

    @property
    def words(self) -> int:
        """Words of the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def found(self) -> int:
        """Words of the transcript."""
        return self.hits + self.substitutions + self.insertions

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors per reference word, 0.0 and up (over 1.0 when much was inserted); None for an empty reference."""
        return self.errors / self.words if self.words else None

    def __add__(self, other: WordErrors) -> WordErrors:
        if not isinstance(other, WordErrors):
            return NotImplemented
        return WordErrors(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    def __radd__(self, other: int) -> WordErrors:
        return self if other == 0 else NotImplemented

    def figure(self) -> dict[str, float | int]:
        """The counts for report.json; no rate where the reference is empty."""
        counts: dict[str, float | int] = {
            "substitutions": self.substitutions,
            "deletions": self.deletions,
            "insertions": self.insertions,
            "words": self.words,
        }
        return counts if self.rate is None else {"rate": self.rate, **counts}
