"""Episodes made by splicing: known ads put into known content, so that every edge is known to the word."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from models.ads.corpus import SECONDS_PER_WORD, Document
from pipeline.ads.clauses import split_units
from pipeline.timeline import Span, Word

COPY = Path(__file__).parent
BREAKS_PER_1000_WORDS = 0.9
AGAIN_SHARE = 0.25  # of the spots are one that was heard before in the episode: the same campaign in two breaks
TEASER_SHARE = 0.25  # of the made episodes begin with a clip of what is said later: the show repeats itself, too
TEASER_UNITS = (2, 8)
PLAIN_SHARE = 0.35  # of the made episodes lose case and punctuation, as captions do


@dataclass(frozen=True, slots=True)
class Copy:
    """Written or collected paragraphs by role: what can be spliced in."""

    spots: tuple[tuple[str, ...], ...]
    leads: tuple[tuple[str, ...], ...]
    returns: tuple[tuple[str, ...], ...]
    lookalikes: tuple[tuple[str, ...], ...]
    openings: tuple[tuple[str, ...], ...]
    closings: tuple[tuple[str, ...], ...]


def read_paragraphs(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [(line[0], tuple(line[2:].split())) for line in lines if line and not line.startswith("#")]


def written_copy(folder: Path = COPY) -> Copy:
    spots, others = read_paragraphs(folder / "spots.txt"), read_paragraphs(folder / "lookalikes.txt")

    def having(paragraphs: list[tuple[str, tuple[str, ...]]], kinds: str) -> tuple[tuple[str, ...], ...]:
        return tuple(words for kind, words in paragraphs if kind in kinds)

    return Copy(
        having(spots, "SIPF"), having(spots, "T"), having(spots, "B"),
        having(others, "NA"), having(others, "O"), having(others, "C"),
    )  # fmt: skip


def with_real_spots(copy: Copy, documents: Sequence[Document]) -> Copy:
    """The copy and, beside it, the ads of labelled documents, each as one spot."""
    real = tuple(
        tuple(w.text for w in d.words if ad.contains((w.start + w.end) / 2)) for d in documents for ad in d.ads
    )
    return Copy(
        copy.spots + tuple(s for s in real if 12 <= len(s) <= 600),
        copy.leads, copy.returns, copy.lookalikes, copy.openings, copy.closings,
    )  # fmt: skip


def splice(document: Document, copy: Copy, *, seed: int, words: int = 2600) -> Document:
    """A stretch of the document without its own ads, with breaks and lookalikes put in."""
    rng = random.Random(f"{document.id} {seed}")
    content = _content_units(document, rng, words)
    made = _Tape(rng)
    if rng.random() < TEASER_SHARE:
        made.tease(content)
    if rng.random() < 0.3:
        made.ad_break(copy)
    if rng.random() < 0.7 and copy.openings:
        made.say(rng.choice(copy.openings))
    share = BREAKS_PER_1000_WORDS / 1000
    for unit in content:
        made.say(tuple(w.text for w in unit), [b.start - a.end for a, b in pairwise(unit)])
        draw = rng.random()
        if draw < share * len(unit):
            made.ad_break(copy)
        elif draw < 2.2 * share * len(unit):
            made.say(rng.choice(copy.lookalikes))
    for _ in range(rng.choice((0, 1, 1, 2)) if copy.closings else 0):
        made.say(rng.choice(copy.closings))
    if rng.random() < 0.4:
        made.ad_break(copy)
    plain = rng.random() < PLAIN_SHARE
    spoken = tuple(_plain(w) for w in made.words) if plain else tuple(made.words)
    return Document(f"{document.id}+{seed}", document.show, "spliced", spoken, tuple(made.ads))


def _content_units(document: Document, rng: random.Random, words: int) -> list[tuple[Word, ...]]:
    units = [document.words[u.first : u.last] for u in split_units(document.words)]
    kept = [u for u in units if not any(ad.start - 3 < u[0].start < ad.end + 3 for ad in document.ads)]
    total = sum(len(u) for u in kept)
    if total <= words:
        return kept
    first = rng.randrange(len(kept))
    chosen: list[tuple[Word, ...]] = []
    count = 0
    for unit in kept[first:] + kept[:first]:
        chosen.append(unit)
        count += len(unit)
        if count >= words:
            break
    return chosen


class _Tape:
    """Words said one after the other."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.time = rng, 0.0
        self.words: list[Word] = []
        self.ads: list[Span] = []
        self.heard: list[tuple[str, ...]] = []

    def say(self, texts: Sequence[str], gaps: Sequence[float] = ()) -> None:
        for n, text in enumerate(texts):
            length = SECONDS_PER_WORD * self.rng.uniform(0.75, 1.05)
            self.words.append(Word(self.time, self.time + length, text))
            self.time += length + (max(0.0, min(3.0, gaps[n])) if n < len(gaps) else 0.03)
        self.time += self.rng.choice((0.0, 0.05, 0.2, 0.5))

    def tease(self, content: Sequence[tuple[Word, ...]]) -> None:
        count = min(len(content), self.rng.randint(*TEASER_UNITS))
        first = self.rng.randrange(len(content) - count + 1)
        for unit in content[first : first + count]:
            self.say([w.text for w in unit])

    def ad_break(self, copy: Copy) -> None:
        rng = self.rng
        self.time += rng.choice((0.0, 0.3, 0.8, 1.5))
        start = self.time
        if rng.random() < 0.35:
            self.say(rng.choice(copy.leads))
            self.time += rng.choice((0.1, 0.6, 1.2))
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
            again = self.heard and rng.random() < AGAIN_SHARE
            self.heard.append(rng.choice(self.heard if again else copy.spots))
            self.say(self.heard[-1])
            self.time += rng.choice((0.0, 0.2, 0.5, 0.9))
        if rng.random() < 0.15:
            self.say(rng.choice(copy.returns))
        self.ads.append(Span(start, self.words[-1].end))
        self.time += rng.choice((0.0, 0.3, 0.8, 1.5))


def _plain(word: Word) -> Word:
    text = "".join(c for c in word.text.lower() if c.isalnum() or c in "'.$%-").rstrip(".")
    return Word(word.start, word.end, text or word.text)
