"""Who speaks in a transcript that people wrote: every layout of labels, judged over the whole text.

``Speaker 3`` is a label always. Of the others a text has one kind, the one that opens most of its passages:

- colon      ``Ada Park: Hello``, ``ADA PARK, HOST: Hello`` (speaker_labels.py)
- clock      ``Ada Park (00:12) Hello``, ``Ada Park  0:12`` above what she says
- bracket    ``[Ada Park] Hello``, ``<ada> Hello``
- sign       ``Ada Park \u2013 Hello``, ``Ada Park | Hello``, or a tab between the two
- own line   ``Ada Park`` above what she says
- letter     ``Q. Where were you?``, ``A. At home``: the same few capitals, each more than once
- bare       ``Ada Park Hello``, before a capital letter, at least twice, on more than half of the passages
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.formats.references.rows import BARE, BRACKETED, RANGE, Row, without_clocks
from pipeline.formats.speaker_labels import (
    Line,
    find_speakers,
    is_name,
    is_sound,
    read_label,
    split_label,
    without_role,
)

DENSE = 0.6
"""Share of passages with a label, from which a kind that sentences can look like is believed."""
STRONG = 0.25
"""The same for labels behind which a clock stands, which sentences do not look like."""
FEWEST_SAME, SAME_SHARE = 3, 0.1
"""Passages that open alike without being a label, from which that is said: three, and a tenth of all."""
LONGEST_OPENING = 40  # characters

_CLOCKS = rf"(?:{RANGE}|{BRACKETED}|{BARE})"
_NUMBERED = re.compile(
    r"\[?(?P<name>Speaker[ _-]?\d+|Speaker [A-Z](?=\s*[:\]]))\]?"
    rf"(?:\s+(?:{BRACKETED}|{RANGE}|{BARE}(?=\s*(?::|$))))?\s*(?::|\uff1a|(?=\s|$))\s*",
    re.IGNORECASE,
)
_CLOCKED = re.compile(
    rf"\[?(?P<name>[^\d\s\[(<|:][^:\[(<\t\n]{{0,60}}?(?:\([^()\d]{{1,40}}\))?)\]?\s*[-\u2010-\u2015|,\u00b7\u2022]?\s*"
    rf"(?:{BRACKETED}\s*(?:[:\uff1a\u2013\u2014-]\s)?|{RANGE}\s*:?(?=\s|$)|{BARE}\s*(?:(?i:[ap]\.?m\.?)\s*)?(?:$|[:\uff1a\u2013\u2014-]\s))\s*"
)
_BRACKET = re.compile(r"(?:\[(?P<square>[^\[\]\n]{1,40})\]|<(?P<angle>[^<>\n]{1,40})>)\s*[:\uff1a]?\s*(?=\S)")
MOST_LETTERS = 4  # voices that are called by a letter
_LETTER = re.compile(r"(?P<name>[A-Z])[.)]\s+(?=\S)")
_SIGN = re.compile(r"(?P<name>[^\n\t|>\u2012-\u2015:]{1,40}?)(?:\t+|\s*[|>\u2013\u2014]\s+|\s+-{1,2}\s+)(?=\S)")
_BARE = re.compile(
    r"(?P<name>[A-Z][a-z\u2019'\-]+(?:\s[A-Z][\w.\u2019'\-]*){0,1}\s[A-Z][a-z\u2019'\-]+)\s+(?=[\"\u201c\u2018'(]?[A-Z0-9])"
)
_OPENING = re.compile(
    rf"(?P<key>[^:|>\u2013\u2014\t)\]]{{1,{LONGEST_OPENING}}}?)\s*(?::\s|[|>\u2013\u2014\t)\]]|\s-\s)"
)
_ENDS_SPEECH = (".", "?", "!", ",", ";", ":", "\u2026", "\u201d", '"')

Split = tuple[str | None, str]
Reader = Callable[[Row], Split]


@dataclass(frozen=True, slots=True)
class Labels:
    """How the speakers of a text are found: the rows, each with its speaker (None where it goes on) and what is said.

    ``remarks``: sentences about openings that come again and were not taken for labels.
    """

    said: tuple[tuple[Row, Split], ...]
    remarks: tuple[str, ...] = ()


def find_labels(rows: Sequence[Row]) -> Labels:
    """The speakers of a text's rows."""
    plain = [replace(row, text=" ".join(row.text.split())) for row in rows]
    speakers = find_speakers([Line(_as_label(row.text), row.opens) for row in plain])
    named = sum(split_label(row.text, speakers)[0] != "" for row in plain)
    kinds: list[tuple[int, Reader]] = [(named, lambda row: _colon(row, speakers))]
    kinds += [_clocked(plain), _bracketed(plain), _signed(rows), _lettered(plain), _bare(plain)]
    own = _own_lines(plain)
    count, reader = max(kinds, key=lambda kind: kind[0])
    if len(own) > count:
        said = tuple(_said_below(plain, own))
    else:
        said = tuple((row, _numbered(row) or reader(raw)) for row, raw in zip(plain, rows, strict=True))
    said = tuple((row, (speaker, without_clocks(rest))) for row, (speaker, rest) in said)
    return Labels(said, _unrecognised(said))


def _as_label(text: str) -> str:
    """A numbered label with the colon that it may lack."""
    found = _NUMBERED.match(text)
    return f"{found['name']}: {text[found.end() :]}" if found else text


def _numbered(row: Row) -> Split | None:
    found = _NUMBERED.match(row.text)
    return (found["name"], row.text[found.end() :]) if found else None


def _colon(row: Row, speakers: dict[str, str]) -> Split:
    speaker, rest = split_label(row.text, speakers)
    return speaker or None, rest


def _share(rows: Sequence[Row], has: Callable[[Row], bool]) -> float:
    """How many of the passages a kind of label opens."""
    if not any(has(row) for row in rows):
        return 0.0
    opening = [row for row in rows if row.opens and not is_sound(row.text)]
    return sum(has(row) or bool(_NUMBERED.match(row.text)) for row in opening) / max(1, len(opening))


def _by_pattern(
    rows: Sequence[Row], pattern: re.Pattern[str], least: float, *, personal: bool = True
) -> tuple[int, Reader]:
    """How many labels of the kind that a pattern reads there are, 0 where they are not believed, and its reader."""

    def name_of(row: Row) -> tuple[str, re.Match[str]] | None:
        found = pattern.match(row.text)
        name = without_role(next(filter(None, found.groupdict().values()), "").strip()) if found else ""
        return (name, found) if found and name and (is_name(name) or not personal) else None

    counts = Counter(named[0] for row in rows if (named := name_of(row)))
    again = {name for name, count in counts.items() if count > 1}
    share = _share(rows, lambda row: name_of(row) is not None)
    believed = share >= least and (len(again) * 2 >= len(counts) or (len(counts) > 1 and share >= DENSE))

    def read(row: Row) -> Split:
        named = name_of(row)
        return (named[0], row.text[named[1].end() :]) if named else (None, row.text)

    return (counts.total() if believed else 0), read


def _clocked(rows: Sequence[Row]) -> tuple[int, Reader]:
    return _by_pattern(rows, _CLOCKED, STRONG)


def _bracketed(rows: Sequence[Row]) -> tuple[int, Reader]:
    first = next((row for row in rows if not is_sound(row.text)), None)
    if first is None or not _BRACKET.match(first.text):
        return 0, lambda row: (None, row.text)
    return _by_pattern(rows, _BRACKET, DENSE, personal=False)


def _signed(rows: Sequence[Row]) -> tuple[int, Reader]:
    return _by_pattern(rows, _SIGN, DENSE)


def _lettered(rows: Sequence[Row]) -> tuple[int, Reader]:
    """``Q.`` and ``A.``: capitals that open nearly every passage, few and each more than once; a list has others."""
    found = Counter(match["name"] for row in rows if (match := _LETTER.match(row.text)))
    if len(found) < 2 or len(found) > MOST_LETTERS or min(found.values()) < 2:
        return 0, lambda row: (None, row.text)
    return _by_pattern(rows, _LETTER, DENSE)


def _bare(rows: Sequence[Row]) -> tuple[int, Reader]:
    """``First Last`` before a capital, opening at least two passages each, together more than half."""
    counts = Counter(found["name"] for row in rows if row.opens and (found := _BARE.match(row.text)))
    names = {name for name, count in counts.items() if count > 1}

    def read(row: Row) -> Split:
        found = _BARE.match(row.text)
        return (found["name"], row.text[found.end() :]) if found and found["name"] in names else (None, row.text)

    share = _share(rows, lambda row: read(row)[0] is not None)
    return (sum(counts[name] for name in names) if share > 0.5 else 0), read


def _own_lines(rows: Sequence[Row]) -> set[int]:
    """The rows that are a name above what its speaker says; none unless they stand on nearly every passage."""
    blocks = [index for index, row in enumerate(rows) if row.opens]
    ends = [*blocks[1:], len(rows)]
    spoken = [
        (at, end) for at, end in zip(blocks, ends, strict=False) if not all(is_sound(r.text) for r in rows[at:end])
    ]
    heads = [at for at, end in spoken if _is_heading(rows[at].text) and (end > at + 1 or end < len(rows))]
    alone = {at for at, end in spoken if end == at + 1}
    counts = Counter(rows[at].text.casefold() for at in heads)
    above = [at for at in heads if at not in alone]
    again = [at for at in heads if counts[rows[at].text.casefold()] > 1]
    if len(above) > 1 and len(above) >= DENSE * len(spoken) and all(is_name(_person(rows[at].text)) for at in above):
        return set(above)
    between = len(heads) * 2 >= DENSE * len(spoken)
    personal = sum(" " in rows[at].text or at in again for at in heads)
    if len(heads) > 1 and between and personal * 2 > len(heads) and len(counts) > 1:
        return {at for at in heads if at in again or is_name(_person(rows[at].text))}
    if len(counts) > 1 and len(again) * 2 >= len(heads) and len(again) >= STRONG * len(spoken):
        return set(again)
    return set()


def _person(text: str) -> str:
    return without_role(text.rstrip(":\uff1a"))


def _is_heading(text: str) -> bool:
    """Whether a line can be a name alone: a few words that end no sentence, with capitals or without any."""
    if text.endswith(_ENDS_SPEECH) and not text.endswith(("Jr.", "Sr.")):
        return False
    person = _person(text)
    return is_name(person) or (1 < len(text.split()) <= 4 and text.islower() and text.replace(" ", "").isalnum())


def _said_below(rows: Sequence[Row], heads: set[int]) -> list[tuple[Row, Split]]:
    return [(row, (_person(row.text), "") if index in heads else (None, row.text)) for index, row in enumerate(rows)]


def _unrecognised(said: Sequence[tuple[Row, Split]]) -> tuple[str, ...]:
    """Openings that several passages share though they are no labels, as sentences."""
    rest = [row.text for row, (speaker, _) in said if speaker is None]
    keys = [found["key"].strip() for text in rest if (found := _OPENING.match(text))]
    common = [(key, count) for key, count in Counter(keys).most_common(3) if count >= FEWEST_SAME]
    common = [(key, count) for key, count in common if count >= SAME_SHARE * len(rest) and re.search(r"[^\W\d_]", key)]
    shown = [f"{count} lines open with {key!r}" for key, count in common]
    label = [text for text in rest if (opening := read_label(text)) and opening.named]
    if not common and label and len(label) >= max(FEWEST_SAME, SAME_SHARE * len(rest)):
        shown = [f"{len(label)} lines open with a name and a colon, such as {label[0][:LONGEST_OPENING]!r}"]
    return tuple(f"{text}: that was not taken for a label, and is counted as words" for text in shown)
