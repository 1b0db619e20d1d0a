"""The seed format: a transcript as a podcast site shows it, and as people write it down by hand.

    Title
    20m                                   a length: 20m, 1h 5m, 45 min, 1:02:03
    the show's own description, any number of lines
    Transcript                            alone on its line; everything above it is the header
    Speaker 1 Last week, at the offices ...
    a line with no label continues the paragraph above.

Every label starts a paragraph, and so does every blank line; a paragraph with no label of its own belongs to the
speaker above it. Markup, clocks and labels are read in every layout that pipeline/formats/references knows; a
transcript with times (WebVTT, JSON) may stand here as well. A text with no label is a transcript by nobody in
particular (``speaker`` None). With no ``Transcript`` line there is no header, unless a length stands on the second
line.

A seed's ad marks (``<seed>.ads.json``) name the sponsor reads by paragraph, so that a score can leave them out:
``{"version": 1, "words": 2887, "ad_words": 311, "ads": [{"first": 20, "last": 26, "words": 159, ...}]}``.
``first`` and ``last`` count paragraphs from 0, both included; ``words`` is the number of words they hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.captions.word_files import parse_word_file
from pipeline.formats.references.labels import Labels, find_labels
from pipeline.formats.references.plain_lines import plain_lines
from pipeline.formats.references.rows import read_rows
from pipeline.formats.speaker_labels import is_numbered, read_label

_LENGTH = re.compile(
    r"(?=.)(\d+ ?h(rs?|ours?)?)? ?(\d+ ?m(in(ute)?s?)?)? ?(\d+ ?s(ec(ond)?s?)?)?|\d+(:\d\d){1,2}", re.I
)
_FURNITURE = re.compile(r"press play and read along|runtime: ?(?P<length>.*)", re.I)
_TIMED = re.compile(r"WEBVTT|\{\s*\"|\[\s*\{")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What one speaker says before a new label or blank line; ``speaker`` None where nothing says who."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class SeedTranscript:
    """A reference transcript with the show's own words about it; unknown header fields are empty.

    ``remarks``: sentences about what was not understood, or left out.
    """

    title: str
    length: str
    description: str
    paragraphs: tuple[Paragraph, ...]
    remarks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(paragraph.text for paragraph in self.paragraphs)

    @property
    def speakers(self) -> tuple[str, ...]:
        """The labels in order of appearance."""
        return tuple(dict.fromkeys(p.speaker for p in self.paragraphs if p.speaker is not None))


@dataclass(frozen=True, slots=True)
class AdMark:
    """One break: paragraphs ``first`` to ``last``, counted from 0, both included."""

    first: int
    last: int


def parse_seed(text: str, *, name: str = "seed") -> SeedTranscript:
    """The transcript in ``text``; ``name`` is what a FormatError calls it.

    >>> seed = parse_seed("Speaker 1 Hello there.\\nStill me.\\n\\nSpeaker 2 Hi.")
    >>> [(p.speaker, p.text) for p in seed.paragraphs]
    [('Speaker 1', 'Hello there. Still me.'), ('Speaker 2', 'Hi.')]
    """
    if "\0" in text:
        raise FormatError(name, "is not a text file (it holds zero bytes)")
    if text.lstrip("\ufeff \n")[:9].startswith("{\\rtf"):
        raise FormatError(name, "is a document of a word processor; save it as plain text")
    text = text.removeprefix("\ufeff")
    if _TIMED.match(text.lstrip()):
        return _from_words(text, name)
    header, body = _split_header(plain_lines(text))
    title, length, description = _parse_header(header)
    labels = find_labels(read_rows(body))
    paragraphs = _paragraphs(labels)
    if not paragraphs:
        raise FormatError(name, "holds no transcript; expected paragraphs such as 'Speaker 1 Hello.'")
    return SeedTranscript(title, length, description, paragraphs, labels.remarks)


def _from_words(text: str, name: str) -> SeedTranscript:
    """A transcript with times: a paragraph for each turn."""
    remarks: list[str] = []
    words = parse_word_file(text, path=name, warn=remarks.append).words
    turns = [(speaker, " ".join(word.text for word in said)) for speaker, said in groupby(words, lambda w: w.speaker)]
    return SeedTranscript("", "", "", tuple(Paragraph(speaker, said) for speaker, said in turns), tuple(remarks))


def parse_ad_marks(text: str, seed: SeedTranscript, *, name: str = "ads.json") -> tuple[AdMark, ...]:
    """The breaks marked on ``seed``; a FormatError where the marks do not fit it (counts of words are checked)."""
    try:
        document = json.loads(text)
        marks = tuple(AdMark(int(a["first"]), int(a["last"])) for a in document["ads"])
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(name, f"does not mark ads by paragraph ({error})") from error
    for number, mark in enumerate(marks, start=1):
        if not 0 <= mark.first <= mark.last < len(seed.paragraphs):
            raise FormatError(name, f"break {number} lies outside the {len(seed.paragraphs)} paragraphs of the seed")
    _check_counts(document, marks, seed, name)
    return marks


def in_ads(marks: Sequence[AdMark], index: int) -> bool:
    """Whether paragraph ``index`` lies in a marked break."""
    return any(mark.first <= index <= mark.last for mark in marks)


def without_ads(seed: SeedTranscript, marks: Sequence[AdMark]) -> tuple[Paragraph, ...]:
    """The paragraphs of the show itself."""
    return tuple(p for index, p in enumerate(seed.paragraphs) if not in_ads(marks, index))


def _check_counts(document: dict[str, Any], marks: Sequence[AdMark], seed: SeedTranscript, name: str) -> None:
    def count(paragraphs: Iterable[Paragraph]) -> int:
        return sum(len(p.text.split()) for p in paragraphs)

    found = [("words", document.get("words"), count(seed.paragraphs))]
    for mark, raw in zip(marks, document["ads"], strict=True):
        held = count(seed.paragraphs[mark.first : mark.last + 1])
        found.append((f"words of paragraphs {mark.first} to {mark.last}", raw.get("words"), held))
    of_ads = count(p for index, p in enumerate(seed.paragraphs) if in_ads(marks, index))
    found.append(("ad_words", document.get("ad_words"), of_ads))
    for what, claimed, counted in found:
        if claimed is not None and claimed != counted:
            raise FormatError(name, f"was made for another transcript: {what} should be {counted}, not {claimed}")


def _split_header(lines: list[str]) -> tuple[list[str], list[str]]:
    for index, line in enumerate(lines):
        if line.strip().rstrip(":").casefold() == "transcript":
            return lines[:index], lines[index + 1 :]
    written = [index for index, line in enumerate(lines) if line.strip()]
    if len(written) > 2 and _LENGTH.fullmatch(lines[written[1]].strip()):
        for index in written[2:]:
            if is_numbered(" ".join(lines[index].split()[:2])) or read_label(lines[index].strip()):
                return lines[:index], lines[index:]
    return [], lines


def _parse_header(lines: list[str]) -> tuple[str, str, str]:
    written = [line.strip() for line in lines]
    while written and not written[0]:
        written.pop(0)
    title = written.pop(0) if written else ""
    length = ""
    description: list[str] = []
    for line in written:
        furniture = _FURNITURE.fullmatch(line)
        if furniture:
            length = length or (furniture["length"] or "")
        elif not length and not any(description) and _LENGTH.fullmatch(line):
            length = line
        else:
            description.append(line)
    return title, length, re.sub(r"\n{3,}", "\n\n", "\n".join(description)).strip()


def _paragraphs(labels: Labels) -> tuple[Paragraph, ...]:
    paragraphs: list[tuple[str | None, list[str]]] = []
    for row, (speaker, rest) in labels.said:
        if speaker is not None:
            paragraphs.append((speaker, [rest] if rest else []))
        elif paragraphs and (not row.opens or not paragraphs[-1][1]):
            paragraphs[-1][1].append(rest)
        else:
            paragraphs.append((paragraphs[-1][0] if paragraphs else None, [rest]))
    return tuple(Paragraph(speaker, " ".join(parts)) for speaker, parts in paragraphs if parts)
