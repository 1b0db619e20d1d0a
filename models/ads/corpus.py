"""Transcripts with known ads, in the three shapes they are published in, as one type."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.timeline import Span, Word

SECONDS_PER_WORD = 0.37  # the mean of the word-timed episodes; used where a text has no times


@dataclass(frozen=True, slots=True)
class Document:
    """One transcript; ``show`` groups what must never stand on both sides of a test."""

    id: str
    show: str
    source: str
    words: tuple[Word, ...]
    ads: tuple[Span, ...]
    title: str = ""
    description: str = ""

    @property
    def duration(self) -> float:
        return self.words[-1].end if self.words else 0.0


def read_episodes(folder: Path) -> Iterator[Document]:
    """``*.json``: {"id", "show", "title", "description", "ads": [[start, end]], "words": [[start, end, text]]}."""
    for path in sorted(folder.glob("*.json")):
        d = json.loads(path.read_text())
        words = tuple(Word(s, max(s, e), t.strip()) for s, e, t in d["words"] if t.strip())
        ads = tuple(Span(s, e) for s, e in d["ads"])
        show = d["show"] or path.stem.rsplit("-", 1)[0]
        yield Document(path.stem, show, "episodes", words, ads, d.get("title", ""), d.get("description", ""))


def read_sentences(path: Path) -> Iterator[Document]:
    """``podcast-sentences.jsonl.gz``: {"id", "sentences": [{"text", "label"}]}; times are made up, word by word."""
    with gzip.open(path, "rt") as lines:
        for line in lines:
            d = json.loads(line)
            words: list[Word] = []
            ads: list[Span] = []
            for sentence in d["sentences"]:
                start = len(words) * SECONDS_PER_WORD
                words += spaced(_reattach(sentence["text"]), start)
                end = len(words) * SECONDS_PER_WORD
                if sentence["label"] == "O":
                    continue
                if ads and ads[-1].end >= start - 1e-6 and sentence["label"] != "B-AD":
                    ads[-1] = Span(ads[-1].start, end)
                else:
                    ads.append(Span(start, end))
            yield Document(d["id"], d["id"], "sentences", tuple(words), tuple(ads))


def spaced(texts: list[str], start: float) -> list[Word]:
    """Words said one after the other at an even pace."""
    step = SECONDS_PER_WORD
    return [Word(start + i * step, start + (i + 1) * step, text) for i, text in enumerate(texts)]


def _reattach(text: str) -> list[str]:
    """Words of a text whose punctuation stands apart, with the punctuation put back."""
    words: list[str] = []
    for part in text.split():
        if words and not any(c.isalnum() for c in part):
            words[-1] += part
        else:
            words.append(part)
    return words
