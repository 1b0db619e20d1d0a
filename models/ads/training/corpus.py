"""Transcripts with known ads, in the four shapes they are published in, as one type."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from pipeline.timeline import Seconds, Span, Word

WORDS_PER_SECOND = 2.7
"""Where a text has no times, its words get them at an even pace: the mean of the word-timed episodes."""

MarkKind = Literal["sponsor", "spot", "promo", "self", "credits", "mock", "ad"]
"""What a passage was marked as; ``ad``: paid or not, of a kind that its annotators did not tell apart."""
PAID: tuple[MarkKind, ...] = ("sponsor", "spot", "promo", "ad")
OWN: tuple[MarkKind, ...] = ("self", "credits")
Source = Literal["read", "bench", "sentences", "captions"]
CAPTION_REACH = 500
"""Words of a video before and after its marked ad that are read; what lies farther off is unmarked, and much."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The words ``first`` to ``last`` (exclusive) of a document; ``sponsor`` is empty where nobody wrote it down."""

    first: int
    last: int
    kind: MarkKind
    sponsor: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One transcript. ``show`` groups what never stands on both sides of a test; ``spans``: the paid ads in seconds.

    ``timed`` is false where the times are made up; ``weight``: how far its labels are to be trusted, 0..1.
    """

    id: str
    show: str
    source: Source
    words: tuple[Word, ...]
    marks: tuple[Mark, ...]
    spans: tuple[Span, ...]
    timed: bool = True
    weight: float = 1.0

    @property
    def duration(self) -> Seconds:
        return self.words[-1].end if self.words else 0.0


def read_corpus(data: Path) -> tuple[Document, ...]:
    """Everything under ``data`` that the shipped model is trained on; folders that are missing are left out."""
    texts = data / "ads-text"
    return (
        *read_episodes(data / "ads-read"),
        *read_benchmark(data / "ads"),
        *read_sentences(texts / "podcast-sentences.jsonl.gz"),
        *read_captions(texts / "video-captions.jsonl.gz"),
    )


def read_episodes(folder: Path) -> Iterator[Document]:
    """``SHOW.jsonl.gz``: {"id", "timed", "sure", "ads": [{"first", "last" (inclusive), "kind"}], "words"}."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        for d in _lines(path):
            words = _words(d["words"])
            marks = tuple(_mark(ad) for ad in d["ads"])
            spans = tuple(Span(words[m.first].start, words[m.last - 1].end) for m in marks if m.kind in PAID)
            show, weight = path.name.removesuffix(".jsonl.gz"), 1.0 if d["sure"] else 0.5
            yield Document(d["id"], show, "read", words, marks, spans, bool(d["timed"]), weight)


def read_benchmark(folder: Path) -> Iterator[Document]:
    """``EPISODE.json``: {"id", "ads": [[start, end]], "words": [[start, end, text]]}."""
    for path in sorted(folder.glob("*.json")):
        d = json.loads(path.read_text(encoding="utf-8"))
        words = _words([word for word in d["words"] if word[2].strip()])
        spans = tuple(Span(start, end) for start, end in d["ads"])
        marks = tuple(mark for span in spans if (mark := _marked(words, span)))
        yield Document(d["id"], f"bench-{path.stem.rsplit('-', 1)[0]}", "bench", words, marks, spans)


def read_sentences(path: Path) -> Iterator[Document]:
    """One text a line: {"id", "sentences": [{"text", "label"}]}, labels O, B-AD, I-AD, E-AD; it has no times."""
    for d in _lines(path):
        texts: list[str] = []
        marks: list[Mark] = []
        for sentence in d["sentences"]:
            first = len(texts)
            texts += _reattach(sentence["text"])
            if sentence["label"] == "O" or len(texts) == first:
                continue
            if marks and marks[-1].last == first and sentence["label"] != "B-AD":
                marks[-1] = Mark(marks[-1].first, len(texts), "ad")
            else:
                marks.append(Mark(first, len(texts), "ad"))
        words = tuple(Word(n / WORDS_PER_SECOND, (n + 1) / WORDS_PER_SECOND, text) for n, text in enumerate(texts))
        spans = tuple(Span(words[m.first].start, words[m.last - 1].end) for m in marks)
        yield Document(str(d["id"]), f"text-{d['id']}", "sentences", words, tuple(marks), spans, timed=False)


def read_captions(path: Path) -> Iterator[Document]:
    """One video a line: {"id", "sponsor": [[start, end, votes]], "words": [[start, text]]}; other ads are unmarked."""
    for d in _lines(path):
        words = tuple(Word(start, start + 0.3, text) for start, text in d["words"])
        start, end = d["sponsor"][0][:2]
        inside = [n for n, word in enumerate(words) if start <= word.start < end]
        if inside:
            first = max(0, inside[0] - CAPTION_REACH)
            mark = Mark(inside[0] - first, inside[-1] + 1 - first, "ad")
            near = words[first : inside[-1] + CAPTION_REACH]
            yield Document(d["id"], f"video-{d['id']}", "captions", near, (mark,), (Span(start, end),))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _words(rows: Sequence[Sequence[Any]]) -> tuple[Word, ...]:
    return tuple(Word(start, max(start, end), text.strip()) for start, end, text in rows)


def _mark(ad: dict[str, Any]) -> Mark:
    if ad["kind"] not in get_args(MarkKind):
        raise ValueError(f"unknown kind of ad: {ad['kind']}")
    return Mark(ad["first"], ad["last"] + 1, ad["kind"], ad.get("sponsor") or "")


def _marked(words: Sequence[Word], span: Span) -> Mark | None:
    inside = [n for n, word in enumerate(words) if span.contains(word.middle)]
    return Mark(inside[0], inside[-1] + 1, "ad") if inside else None


def _reattach(text: str) -> list[str]:
    """Words of a text whose punctuation stands apart, with the punctuation put back."""
    words: list[str] = []
    for part in text.split():
        if words and not any(c.isalnum() for c in part):
            words[-1] += part
        else:
            words.append(part)
    return words
