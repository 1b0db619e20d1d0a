"""Names misheard on purpose: how many of them spelling puts right, and what it changes that was right.

The names of each episode's metadata are looked up in its published transcript and written there as they sound: joined
words taken apart, "&" as "and", and one change of letters that English spells a sound by. Nothing is learnt from it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

from models.speakers.corpus import PublishedEpisode
from pipeline.timeline import Transcript, Word
from pipeline.words.spelling import fix_spelling

SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("c(?=[aour])", "k"), ("k(?=[aeiou])", "c"), ("ee", "ea"), ("ea", "ee"), ("ie", "y"),
    ("y$", "ie"), ("i(?=[bdfgklmnprst])", "y"), ("y(?=[bdfgklmnprst])", "i"), ("x", "cks"), ("ks", "x"),
    ("(?<=[aeiou])s(?=[aeiou])", "z"), ("z", "s"), ("([bdfglmnprst])\\1", r"\1"), ("(?<=[aeiou])([lmnt])$", r"\1\1"),
    ("tt$", "t"), ("ou", "oo"), ("ai", "ay"), ("ey$", "y"), ("j", "g"), ("g(?=[ei])", "j"), ("(?<=[aeou])th", "t"),
    ("a(?=[lnr])", "e"), ("e(?=[lnr])", "a"), ("o(?=[lnr])", "a"), ("wr", "r"), ("kn", "n"), ("h(?=[mn])", ""),
)  # fmt: skip
"""Pairs of spellings of one English sound, as patterns: general knowledge, none taken from the spelling's own rules."""
_NAME = re.compile(r"(?<![\w’'-])[A-Z][\w-]+(?: (?:& )?[A-Z][\w-]+)+|(?<![\w’'-])\w*[a-z][A-Z]\w*")
SECONDS_A_WORD = 1 / 2.6


@dataclass(frozen=True, slots=True)
class Spelt:
    """``misheard`` names, of them ``mended``; of the words that were right, ``words``, how many were ``spoilt``."""

    misheard: int = 0
    mended: int = 0
    words: int = 0
    spoilt: int = 0

    def __add__(self, other: Spelt) -> Spelt:
        return Spelt(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def misspell(episodes: Iterable[PublishedEpisode], *, seed: int = 0) -> Spelt:
    """The counts over episodes; the same seed mishears the same."""
    chance = random.Random(seed)
    return sum((_in_episode(episode, chance) for episode in episodes), Spelt())


def _in_episode(episode: PublishedEpisode, chance: random.Random) -> Spelt:
    about = {"title": episode.title, "show": episode.show_name, "description": episode.description}
    names = sorted(set(_NAME.findall("\n".join(about.values()))))
    right = [text.split() for _, text in episode.turns]
    clean = _transcript(right)
    spoilt = sum(
        _letters(before.text) != _letters(after.text)
        for before, after in zip(*_aligned(clean, fix_spelling(clean, **about)), strict=True)
    )
    said = f" {' '.join(' '.join(turn) for turn in right)} "
    counts = {}
    for name in sorted(names, key=len, reverse=True):
        wrong = _misheard(name, chance)
        if wrong != name and f" {name} " in said:
            counts[name] = said.count(f" {name} ")
            said = said.replace(f" {name} ", f" {wrong} ")
    mended = f" {fix_spelling(_transcript([said.split()]), **about).text} "
    return Spelt(
        misheard=sum(counts.values()),
        mended=sum(min(count, mended.count(f" {name} ")) for name, count in counts.items()),
        words=len(clean.words),
        spoilt=spoilt,
    )


def _misheard(name: str, chance: random.Random) -> str:
    """The name as it sounds: compounds and "&" taken apart, one part with a spelling changed."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("&", "and").split()
    place = chance.randrange(len(parts))
    changes = list(_changes(parts[place]))
    if changes:
        parts[place] = chance.choice(changes)
    return " ".join(parts)


def _changes(word: str) -> Iterator[str]:
    for pattern, other in SOUNDS:
        changed = word[0] + re.sub(pattern, other, word[1:], count=1)
        if changed != word:
            yield changed


def _transcript(turns: Sequence[Sequence[str]]) -> Transcript:
    words = [(text, str(number)) for number, turn in enumerate(turns) for text in turn]
    return Transcript(
        tuple(
            Word(n * SECONDS_A_WORD, (n + 1) * SECONDS_A_WORD, text, speaker=speaker)
            for n, (text, speaker) in enumerate(words)
        ),
        "en",
        "published",
    )


def _aligned(before: Transcript, after: Transcript) -> tuple[list[Word], list[Word]]:
    """Words that stand at the same time in both; joined words have the letters of those that they were."""
    starts = {word.start: word for word in before.words}
    ends = {word.end: n for n, word in enumerate(before.words)}
    firsts = {word.start: n for n, word in enumerate(before.words)}
    old = []
    for word in after.words:
        parts = before.words[firsts[word.start] : ends[word.end] + 1]
        old.append(Word(word.start, word.end, "".join(part.text for part in parts) or starts[word.start].text))
    return old, list(after.words)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.replace("&", "and")).lower()
