"""Two sequences of tokens, laid side by side with the fewest edits.

The distance is plain Levenshtein, from RapidFuzz: the same engine, and so the same choice among equally good
alignments, as jiwer; tests hold every count against jiwer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

from pipeline.scores.words.normalise import Token, tokenise
from pipeline.scores.words.word_errors import WordErrors

_Cost = tuple[int, int, int, int]  # errors, substitutions, deletions, insertions
Kind = Literal["hit", "substitution", "deletion", "insertion"]

MAX_COMPOUND_PARTS = 4
"""The most parts a compound is looked for in: "g p t 4" is four; more are lists, not spellings."""
MAX_JOINED_CELLS = 1_000_000
"""Stretches of difference beyond this size are not searched for compounds: they are other speech."""
RUN_WORDS = 15
"""From this length a run of inserted or deleted words is an ad or a lost passage, not recognition errors."""
RUN_BRIDGE_WORDS = 2
"""Chance matches ("the", "and") that may stand inside a run without ending it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One step of an alignment: indices into the two token sequences, None where a side has nothing."""

    kind: Kind
    reference: int | None
    found: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """Reference and found tokens side by side, in order."""

    reference: tuple[Token, ...]
    found: tuple[Token, ...]
    pairs: tuple[Pair, ...]

    @property
    def errors(self) -> WordErrors:
        count = dict.fromkeys(("hit", "substitution", "deletion", "insertion"), 0)
        for pair in self.pairs:
            count[pair.kind] += 1
        return WordErrors(count["hit"], count["substitution"], count["deletion"], count["insertion"])

    def texts(self, pair: Pair) -> tuple[str, str]:
        """What the two sides say; empty where a side has nothing."""
        reference = "" if pair.reference is None else self.reference[pair.reference].text
        return reference, "" if pair.found is None else self.found[pair.found].text


@dataclass(frozen=True, slots=True)
class Run:
    """A long run of words that only one side has: pairs ``first`` to ``last`` of the alignment, both included."""

    kind: Kind
    first: int
    last: int
    words: int


def align_words(reference: Sequence[str], found: Sequence[str], *, language: str = "en") -> Alignment:
    """The alignment of two transcripts' words after normalisation; tokens keep their source words."""
    return align(tokenise(reference, language), tokenise(found, language))


def align(reference: Sequence[Token], found: Sequence[Token]) -> Alignment:
    """The alignment with the fewest substitutions, deletions and insertions.

    >>> words = lambda text: [Token(t, i, i) for i, t in enumerate(text.split())]
    >>> align(words("this is a test"), words("this is test")).errors
    WordErrors(hits=3, substitutions=0, deletions=1, insertions=0)
    """
    pairs: list[Pair] = []
    for op in Levenshtein.opcodes([t.text for t in reference], [t.text for t in found]):
        pairs += _steps(op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end)
    return Alignment(tuple(reference), tuple(found), tuple(pairs))


def join_compounds(alignment: Alignment) -> WordErrors:
    """The errors when "open ai" and "openai" count as the same; words of the reference stay as many as they were.

    A compound is up to four words of one side that, written together, are one word of the other.
    """
    total = WordErrors.zero()
    for pairs in _stretches(alignment):
        plain = Alignment((), (), tuple(pairs)).errors
        reference = [alignment.reference[p.reference].text for p in pairs if p.reference is not None]
        found = [alignment.found[p.found].text for p in pairs if p.found is not None]
        joined = _joined_errors(reference, found) if plain.errors and _has_compound(reference, found) else plain
        total += joined if joined.errors < plain.errors else plain  # a tie keeps the counts of the first figure
    return total


def find_runs(alignment: Alignment, *, least: int = RUN_WORDS, bridge: int = RUN_BRIDGE_WORDS) -> tuple[Run, ...]:
    """Runs of at least ``least`` inserted or deleted words; up to ``bridge`` other words in a row may interrupt one."""
    runs: list[Run] = []
    for kind in ("insertion", "deletion"):
        start, last, words = None, 0, 0
        for index, pair in enumerate(alignment.pairs):
            if pair.kind != kind:
                continue
            if start is None or index - last - 1 > bridge:
                runs += _run(kind, start, last, words, least)
                start, words = index, 0
            last, words = index, words + 1
        runs += _run(kind, start, last, words, least)
    return tuple(sorted(runs, key=lambda run: run.first))


def _run(kind: Kind, start: int | None, last: int, words: int, least: int) -> list[Run]:
    return [Run(kind, start, last, words)] if start is not None and words >= least else []


def _steps(tag: str, i1: int, i2: int, j1: int, j2: int) -> Iterator[Pair]:
    if tag == "insert":
        yield from (Pair("insertion", None, j) for j in range(j1, j2))
    elif tag == "delete":
        yield from (Pair("deletion", i, None) for i in range(i1, i2))
    else:
        kind: Kind = "hit" if tag == "equal" else "substitution"
        yield from (Pair(kind, i, j) for i, j in zip(range(i1, i2), range(j1, j2), strict=True))


def _stretches(alignment: Alignment) -> Iterator[list[Pair]]:
    """The alignment cut into stretches of hits and stretches of difference (with the hit on either side of them)."""
    differs = [pair.kind != "hit" for pair in alignment.pairs]
    near = [any(differs[max(0, i - 1) : i + 2]) for i in range(len(differs))]
    stretch: list[Pair] = []
    for index, pair in enumerate(alignment.pairs):
        if stretch and near[index] != near[index - 1]:
            yield stretch
            stretch = []
        stretch.append(pair)
    if stretch:
        yield stretch


def _has_compound(reference: Sequence[str], found: Sequence[str]) -> bool:
    """Whether some words in a row of one side are, written together, a word of the other."""
    if len(reference) * len(found) > MAX_JOINED_CELLS:
        return False
    return any(
        "".join(many[i : i + parts]) in set(single)
        for many, single in ((reference, found), (found, reference))
        for parts in range(2, MAX_COMPOUND_PARTS + 1)
        for i in range(len(many) - parts + 1)
    )


def _joined_errors(reference: Sequence[str], found: Sequence[str]) -> WordErrors:
    """The cheapest errors of a stretch when one word may equal up to four joined ones."""
    best: list[list[_Cost]] = [[(0, 0, 0, 0)] * (len(found) + 1) for _ in range(len(reference) + 1)]
    for i in range(len(reference) + 1):
        for j in range(len(found) + 1):
            if i or j:
                best[i][j] = min(_arrivals(best, reference, found, i, j))
    _, substitutions, deletions, insertions = best[-1][-1]
    return WordErrors(len(reference) - substitutions - deletions, substitutions, deletions, insertions)


def _arrivals(
    best: list[list[_Cost]], reference: Sequence[str], found: Sequence[str], i: int, j: int
) -> Iterator[_Cost]:
    """The ways to come to ``reference[:i]`` against ``found[:j]``, with the errors so far."""
    if i and j:
        errors, substitutions, deletions, insertions = best[i - 1][j - 1]
        wrong = reference[i - 1] != found[j - 1]
        yield errors + wrong, substitutions + wrong, deletions, insertions
        for parts in range(2, MAX_COMPOUND_PARTS + 1):
            if parts <= i and "".join(reference[i - parts : i]) == found[j - 1]:
                yield best[i - parts][j - 1]
            if parts <= j and "".join(found[j - parts : j]) == reference[i - 1]:
                yield best[i - 1][j - parts]
    if i:
        errors, substitutions, deletions, insertions = best[i - 1][j]
        yield errors + 1, substitutions, deletions + 1, insertions
    if j:
        errors, substitutions, deletions, insertions = best[i][j - 1]
        yield errors + 1, substitutions, deletions, insertions + 1
