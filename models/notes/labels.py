"""The sentences that a person has read, from ``standing.tsv``: whether a reader would strike each, printed by itself.

The file names each sentence by the start of the SHA-256 of its text, and says from which character it is printed, so
that no text is kept here. Struck are fragments, stumbles, what is misheard, what refers to something said before, and
what is said to the other voice only; copy of ads is not in the file. Where ``read`` is 0 nobody has read the sentence:
rules of grammar, which the judge has made superfluous, struck it (of the best of these a reader strikes two in five).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.notes.corpus import words_of
from pipeline.timeline import Word
from pipeline.words.sentences import group_segments

FILE = Path(__file__).with_name("standing.tsv")
KEY_LETTERS = 16


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence as it would be printed; ``show``: the name of its file in the data, without its folder.

    ``read``: whether a person has read it; else it was struck by a rule.
    """

    show: str
    text: str
    struck: bool
    read: bool = True


def read_labels(data: Path) -> tuple[ReadSentence, ...]:
    """The sentences of ``standing.tsv`` that are found in ``data``, in the order of the data."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    wanted = {(row["show"], row["sentence"]): row for row in rows}
    found: list[ReadSentence] = []
    for show in sorted({row["show"] for row in rows}):
        for text in _sentences(data / f"{show}.jsonl.gz"):
            row = wanted.pop((show, _key(text)), None)
            if row is not None:
                printed = text[int(row["from"]) :]
                text = printed[:1].upper() + printed[1:]
                found.append(ReadSentence(show.rpartition("/")[2], text, row["struck"] == "1", row["read"] == "1"))
    return tuple(found)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LETTERS]


def _sentences(file: Path) -> Iterator[str]:
    """The sentences of a show's episodes, without the ads that are marked in them."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            if "turns" in raw:
                words = words_of(raw)[0]
            else:
                ads = {i for ad in raw["ads"] for i in range(ad["first"], ad["last"] + 1)}
                spoken = enumerate(raw["words"])
                words = [Word(start, end, text, 1.0, "Speaker 1") for i, (start, end, text) in spoken if i not in ads]
            yield from (segment.text for segment in group_segments(words))
