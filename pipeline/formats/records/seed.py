"""The seed format: a transcript as a podcast site shows it, and as people write it down by hand.

    Title
    20m                                   a length: 20m, 1h 5m, 45 min, 1:02:03
    the show's own description, any number of lines
    Transcript                            alone on its line; everything above it is the header
    Speaker 1 Last week, at the offices ...
    a line with no label continues the paragraph above.

Every label starts a paragraph, and so does every blank line; a paragraph with no label of its own belongs to the
speaker above it. What counts as a label, judged on the whole text:

1. ``Speaker 3``, ``SPEAKER_03`` or ``Speaker A:``, with or without a colon or a time, always.
2. ``Name:`` with one to five capitalised words, if that name comes at least twice, or if the first line is labelled
   too and the name has two words or opens a paragraph (both, below a first ``Speaker N``).
3. ``First Last`` without a colon, before a capital letter, opening at least two paragraphs, and only if labels
   of kinds 1 and 3 then open more than half of all paragraphs. One bare word is never taken for a name.

A text with no label is a transcript by nobody in particular (``speaker`` None). Times such as ``[00:12]`` at the
start of a line are dropped. With no ``Transcript`` line there is no header, unless a length stands on the second line.

A seed's ad marks (``<seed>.ads.json``) name the sponsor reads by paragraph, so that a score can leave them out:
``{"version": 1, "words": 2887, "ad_words": 311, "ads": [{"first": 20, "last": 26, "words": 159, ...}]}``.
``first`` and ``last`` count paragraphs from 0, both included; ``words`` is the number of words they hold.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import FormatError

MAX_NAME_CHARS = 40  # a longer run of capitalised words is a heading, not a name

_LENGTH = re.compile(
    r"(?=.)(\d+ ?h(rs?|ours?)?)? ?(\d+ ?m(in(ute)?s?)?)? ?(\d+ ?s(ec(ond)?s?)?)?|\d+(:\d\d){1,2}", re.I
)
_FURNITURE = re.compile(r"press play and read along|runtime: ?(?P<length>.*)", re.I)
_CLOCK = r"\d{1,2}(?::\d\d){1,2}(?:\.\d+)?"
_LEADING_TIME = re.compile(rf"^(?:\[{_CLOCK}\]\s*)+|^[\[(]?{_CLOCK}[\])]?$")
# A time behind a label: in brackets, or bare before a colon or the line's end ("Speaker 1 2:30 is late" is speech).
_TIME = rf"(?:\s+(?:[\[(]{_CLOCK}[\])]|{_CLOCK}(?=\s*(?::|$))))?"
_NUMBERED = re.compile(rf"(?P<name>Speaker[ _]?\d+|Speaker [A-Z](?=\s*:)){_TIME}\s*(?::|(?=\s|$))\s*", re.I)
_PARTICLE = r"(?:de|da|del|della|der|den|di|du|la|le|van|von|bin|al|el|y|of|the|and|&)"
_NAME_WORD = r"(?:[^\W\d_a-zß-öø-ÿ][\w.\u2019'\-]*)"
_COLON = re.compile(rf"(?P<name>{_NAME_WORD}(?:\s(?:{_NAME_WORD}|{_PARTICLE}|\d+)){{0,4}}){_TIME}\s*:(?=\s|$)\s*")
_BARE = re.compile(
    r"(?P<name>[A-Z][a-z\u2019'\-]+(?:\s[A-Z][\w.\u2019'\-]*){0,1}\s[A-Z][a-z\u2019'\-]+)\s+(?=[\"\u201c\u2018'(]?[A-Z0-9])"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What one speaker says before a new label or blank line; ``speaker`` None where nothing says who."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class SeedTranscript:
    """A reference transcript with the show's own words about it; unknown header fields are empty."""

    title: str
    length: str
    description: str
    paragraphs: tuple[Paragraph, ...]

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


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    opens: bool  # first line of a paragraph: nothing or a blank line above it


def parse_seed(text: str, *, name: str = "seed") -> SeedTranscript:
    """The transcript in ``text``; ``name`` is what a FormatError calls it.

    >>> seed = parse_seed("Speaker 1 Hello there.\\nStill me.\\n\\nSpeaker 2 Hi.")
    >>> [(p.speaker, p.text) for p in seed.paragraphs]
    [('Speaker 1', 'Hello there. Still me.'), ('Speaker 2', 'Hi.')]
    """
    if "\0" in text:
        raise FormatError(name, "is not a text file (it holds zero bytes)")
    lines = text.removeprefix("\ufeff").splitlines()
    header, body = _split_header(lines)
    title, length, description = _parse_header(header)
    paragraphs = _parse_paragraphs(_lines_of(body))
    if not paragraphs:
        raise FormatError(name, "holds no transcript; expected paragraphs such as 'Speaker 1 Hello.'")
    return SeedTranscript(title, length, description, paragraphs)


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
            if _NUMBERED.match(lines[index].strip()) or _COLON.match(lines[index].strip()):
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


def _lines_of(raw: list[str]) -> list[_Line]:
    lines, opens = [], True
    for line in raw:
        text = _LEADING_TIME.sub("", " ".join(line.split()))
        if text:
            lines.append(_Line(text, opens))
        opens = not text
    return lines


def _parse_paragraphs(lines: Sequence[_Line]) -> tuple[Paragraph, ...]:
    names = _colon_names(lines)
    names |= _bare_names(lines, names)
    paragraphs: list[tuple[str | None, list[str]]] = []
    for line in lines:
        speaker, rest = _split_label(line, names)
        if speaker is not None:
            paragraphs.append((speaker, [rest] if rest else []))
        elif paragraphs and (not line.opens or not paragraphs[-1][1]):
            paragraphs[-1][1].append(rest)
        else:
            paragraphs.append((paragraphs[-1][0] if paragraphs else None, [rest]))
    return tuple(Paragraph(speaker, " ".join(parts)) for speaker, parts in paragraphs if parts)


def _split_label(line: _Line, names: dict[str, re.Pattern[str]]) -> tuple[str | None, str]:
    numbered = _NUMBERED.match(line.text)
    if numbered:
        return numbered["name"], line.text[numbered.end() :]
    for pattern in (_COLON, _BARE):
        found = pattern.match(line.text)
        if found and names.get(found["name"]) is pattern:
            return found["name"], line.text[found.end() :]
    return None, line.text


def _candidates(lines: Iterable[_Line], pattern: re.Pattern[str]) -> list[tuple[_Line, str]]:
    matches = [(line, pattern.match(line.text)) for line in lines if not _NUMBERED.match(line.text)]
    return [(line, found["name"]) for line, found in matches if found and len(found["name"]) <= MAX_NAME_CHARS]


def _colon_names(lines: Sequence[_Line]) -> dict[str, re.Pattern[str]]:
    found = _candidates(lines, _COLON)
    counts = Counter(name for _, name in found)
    numbered = bool(lines) and bool(_NUMBERED.match(lines[0].text))
    named = bool(lines) and not numbered and bool(_COLON.match(lines[0].text))

    def is_name(line: _Line, name: str) -> bool:
        if counts[name] > 1 or (named and (" " in name or line.opens)):
            return True
        return numbered and " " in name and line.opens

    return {name: _COLON for line, name in found if is_name(line, name)}


def _bare_names(lines: Sequence[_Line], colon_names: dict[str, re.Pattern[str]]) -> dict[str, re.Pattern[str]]:
    if colon_names:
        return {}
    openings = [line for line in lines if line.opens]
    numbered = sum(bool(_NUMBERED.match(line.text)) for line in openings)
    counts = Counter(name for _, name in _candidates(openings, _BARE))
    names = {name: count for name, count in counts.items() if count > 1}
    if numbered + sum(names.values()) <= len(openings) / 2:
        return {}
    return dict.fromkeys(names, _BARE)
