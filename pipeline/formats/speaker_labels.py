"""``Name:`` before what somebody says, in captions and in transcripts, told from a sentence that has a colon.

Whether such an opening is a label is judged over the whole file, never line by line: labels stand on nearly every
passage, or they change from one to another; the colons of sentences do neither ("There are two rules: ...").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LONGEST_NAME = 40  # characters; a longer run of capitalised words is a heading
LONGEST_LABEL = 90  # characters, with a role or a title behind the name
MOST_NAME_WORDS = 5
MOST_ROLE_WORDS = 8
DENSE = 0.6
"""Share of passages that open with a label where labels stand on each; the rest are sounds and passages run on."""
DENSE_LOWER = 0.8
"""The same for labels in small letters ("ann:"), which nothing but their number tells from sentences."""
FEWEST_LOWER = 4  # passages
REPEATED = 0.4
"""Labels in small letters are few, and come again: different ones, a passage."""

CLOCK = r"\d{1,3}(?::\d{1,2}){1,2}(?:[.,:]\d{1,3})?"
_BRACKETED = rf"(?:[\[(<]\s*{CLOCK}(?:\s*(?:-+>?|\u2013|to)\s*{CLOCK})?\s*[\])>])"
_COLON = re.compile(
    rf"(?P<label>[^:\uff1a]{{1,{LONGEST_LABEL}}}?)(?:\s*{_BRACKETED}|\s+{CLOCK})?\s*(?::(?=\s|$)|\uff1a)(?:\s*{_BRACKETED})?\s*"
)
_NUMBERED = re.compile(r"(?:Speaker|Spk)[ _-]?(?:\d+|[A-Z])", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_][\w.\u2019'\u2010-]*|\d+|&", re.UNICODE)
_PARTICLES = frozenset(
    (
        *("de", "da", "del", "della", "der", "den", "di", "du", "la", "le", "van", "von", "bin", "al", "el", "y"),
        *("of", "the", "and", "&"),
    )
)
_ROLE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]?\s*$")
_PARTS = re.compile(r"\s*,\s+|\s+[\u2013\u2014|/-]\s+")
_WRAPPED = "\"'\u201c\u201d*_[](){}<>#"
_SOUND = re.compile(r"\s*(?:[(\[{*][^()\[\]{}*]*[)\]}*]|[\u266a-\u266f][^\n]*)\s*")
_CHEVRONS = re.compile(r"\s*(?:>|\u00bb|\uff1e){2,3}\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a transcript; ``opens``: it begins a passage (a card, a paragraph)."""

    text: str
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Labelled:
    """What opens a line as a label would: its name, its role gone, and where the text begins."""

    name: str
    at: int
    named: bool
    """Whether it is written as names are."""
    marked: bool = False
    """Whether the sign of a new voice stands before it, as broadcasters write: ``>> ADA PARK:``."""


def read_label(text: str) -> Labelled | None:
    """What stands before a colon at the head of a line, if it is short enough for a label.

    >>> read_label("Ada Park, PhD (00:12): Hello."), read_label("at 12:30 we left")
    (Labelled(name='Ada Park', at=23, named=True, marked=False), None)
    """
    begins = match.end() if (match := _CHEVRONS.match(text)) else 0
    found = _COLON.match(text, begins)
    if not found:
        return None
    label = found["label"].strip().strip(_WRAPPED).strip()
    name = without_role(label)
    if not name or len(name.split()) > MOST_ROLE_WORDS:
        return None
    return Labelled(name, found.end(), is_name(name), begins > 0)


def without_role(label: str) -> str:
    """A label's name without the role, title or pronouns behind it.

    >>> without_role("ADA PARK, HOST"), without_role("Ada Park (she/her)"), without_role("Rules, and so on")
    ('ADA PARK', 'Ada Park', 'Rules, and so on')
    """
    bare = _ROLE.sub("", label)
    if bare and is_name(bare):
        return bare
    name, *role = _PARTS.split(label, maxsplit=1)
    if role and is_name(name) and (" " in name or name.isupper()) and len(role[0].split()) <= MOST_ROLE_WORDS:
        return name
    return label


def is_name(text: str) -> bool:
    """Whether a text is written as a name is: one to five words, each with a capital or of a script without any.

    >>> [is_name(text) for text in ("Ada de la Cruz", "There are two rules", "SPEAKER_00", "Dr. J. Park")]
    [True, False, True, True]
    """
    words = text.split()
    if not 0 < len(words) <= MOST_NAME_WORDS or len(text) > LONGEST_NAME:
        return False
    if not words[0][0].isalpha() or words[0][0].islower():
        return False
    return all(_TOKEN.fullmatch(w) and (not w[0].islower() or w in _PARTICLES) for w in words)


def is_numbered(name: str) -> bool:
    """Whether it is what a diarizer calls a voice: ``Speaker 3``, ``SPEAKER_03``."""
    return _NUMBERED.fullmatch(name) is not None


def is_sound(text: str) -> bool:
    """Whether a line tells of a sound only: ``[music]``, ``(LAUGHTER)``."""
    return _SOUND.fullmatch(text[: 2 * LONGEST_LABEL]) is not None and len(text) < 2 * LONGEST_LABEL


def find_speakers(lines: Sequence[Line]) -> dict[str, str]:
    """The labels of a whole file: each name as it is written to the name that its speaker goes by.

    A surname alone is the one full name that ends in it, as broadcasters write from the second time on.

    >>> find_speakers([Line("Ada Park: Hello."), Line("Bo: Hi."), Line("Ada Park: There are rules: two.")])
    {'Ada Park': 'Ada Park', 'Bo': 'Bo'}
    >>> find_speakers([Line("There are two rules: water and mulch."), Line("Monday: rain.")])
    {}
    """
    spoken = [line for line in lines if line.text.strip() and not is_sound(line.text)]
    found = [(line, label) for line in spoken if (label := read_label(line.text))]
    if not found:
        return {}
    return _canonical(_accepted(spoken, found))


def _accepted(spoken: Sequence[Line], found: Sequence[tuple[Line, Labelled]]) -> list[str]:
    """The names that are labels, in order of appearance."""
    named = [(line, label.name) for line, label in found if label.named]
    counts = Counter(name for _, name in named)
    opening = sum(line.opens for line in spoken)
    rhetorical = sum(line.opens and not label.named for line, label in found)
    dense = sum(line.opens for line, _ in named) >= DENSE * opening and rhetorical * 2 <= len(named)
    numbered = any(is_numbered(name) for name in counts)
    first = found[0][0] is spoken[0] and found[0][1].named
    again = [name for name, count in counts.items() if count > 1]
    personal = any(" " in name or name.isupper() for name in again)
    changing = len(counts) > 1 and (first or (len(again) > 1 and personal)) and len(named) > rhetorical

    surnames = {name.split()[-1].casefold() for name in counts if " " in name}

    marked = {label.name for _, label in found if label.named and label.marked}

    def is_label(line: Line, name: str) -> bool:
        if is_numbered(name) or name in marked:
            return True
        if counts[name] > 1 or " " in name:
            return dense or (changing and (counts[name] > 1 or line.opens))
        few = len(counts) <= max(2, len(named) / 2)
        return (dense and not numbered and few) or (name.casefold() in surnames and (dense or changing))

    names = list(dict.fromkeys(name for line, name in named if is_label(line, name)))
    if not dense and len(names) == 1 and counts[names[0]] > 1 and not is_numbered(names[0]) and not marked:
        return []  # a voice whom nobody answers is not announced again and again
    if not names and first and len(counts) == 1 and not rhetorical and not again and " " in named[0][1]:
        return [named[0][1]]  # a single voice, announced once by the whole name; "Note: ..." is no voice
    return names or _small_letters(found, opening)


def _small_letters(found: Sequence[tuple[Line, Labelled]], opening: int) -> list[str]:
    """Labels without capitals, where nearly every passage opens with one and few are different."""
    short = [label.name for line, label in found if line.opens and len(label.name.split()) <= 3]
    counts = Counter(short)
    if opening < FEWEST_LOWER or len(short) < DENSE_LOWER * opening or len(counts) > REPEATED * opening:
        return []
    return [name for name, count in counts.items() if count > 1]


def _canonical(names: Iterable[str]) -> dict[str, str]:
    listed = list(names)
    full = [name for name in listed if " " in name and not is_numbered(name)]
    spelt: dict[str, str] = {}
    for name in listed:
        spelt.setdefault(name.casefold(), name)
    called = {}
    for name in listed:
        ending = [other for other in full if other.casefold().split()[-1] == name.casefold()]
        own = ending[0] if " " not in name and len({e.casefold() for e in ending}) == 1 else name
        called[name] = spelt[own.casefold()]
    return called


def split_label(text: str, speakers: Mapping[str, str]) -> tuple[str, str]:
    """The speaker whose label opens a line, and the rest of it; no speaker, and the whole line, where none does."""
    label = read_label(text)
    if label and label.name in speakers:
        return speakers[label.name], text[label.at :]
    return "", text[match.end() :] if (match := _CHEVRONS.match(text)) else text
