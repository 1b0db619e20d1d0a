"""Conversation Time Mark: recognised words with their times, one word a line.

    <file> <channel> <start> <duration> <word> [<confidence> [<type> [<speaker>]]]

Times are seconds. Source: NIST SCTK, ``doc/infmts.htm``; type and speaker are RT-04's. Only words (types ``lex``,
``NA`` or none) are taken; of alternatives (``<ALT_BEGIN>`` ... ``<ALT>`` ... ``<ALT_END>``) the first one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from pipeline.errors import FormatError
from pipeline.formats.nist.lines import records, refuse_many
from pipeline.formats.nist.stm import field
from pipeline.timeline import Word

DIGITS = 3
NOTHING = frozenset(("<na>", "null", "na"))
WORD_TYPES = frozenset(("lex", "<na>", "na", "null"))


def parse_ctm(text: str, *, name: str = "ctm") -> tuple[Word, ...]:
    """The words of a CTM file of one recording, in order of time. Raises FormatError with the line.

    >>> parse_ctm("show 1 0.50 0.25 hello 0.9")
    (Word(start=0.5, end=0.75, text='hello', probability=0.9, speaker=None),)
    """
    words: list[Word] = []
    files = []
    skipping = False
    for number, fields in records(text):
        files.append(fields[0])
        mark = fields[4].upper() if len(fields) > 4 else ""
        if mark in ("<ALT_BEGIN>", "<ALT>", "<ALT_END>"):
            skipping = mark == "<ALT>"
            continue
        word = _word(fields, name, number)
        if not skipping and (len(fields) < 7 or fields[6].lower() in WORD_TYPES) and fields[4] != "@":
            words.append(word)
    refuse_many(files, name)
    return tuple(sorted(words, key=lambda word: word.start))


def print_ctm(words: Iterable[Word], *, file_id: str = "episode") -> str:
    """Words as CTM with their probability, and their speaker where one is known.

    >>> print_ctm([Word(0.5, 0.75, "hello", 0.9)])
    'episode 1 0.500 0.250 hello 0.9000\\n'
    """
    lines = []
    for word in words:
        start, end = round(word.start, DIGITS), round(word.end, DIGITS)
        speaker = f" lex {field(word.speaker)}" if word.speaker else ""
        times = f"{start:.{DIGITS}f} {end - start:.{DIGITS}f}"
        lines.append(f"{field(file_id)} 1 {times} {field(word.text)} {word.probability:.4f}{speaker}\n")
    return "".join(lines)


def _word(fields: list[str], name: str, line: int) -> Word:
    if len(fields) < 5:
        raise FormatError(name, "a line of CTM has a file, a channel, a start, a duration and a word", line=line)
    try:
        start, duration = float(fields[2]), float(fields[3])
        probability = float(fields[5]) if len(fields) > 5 and fields[5].lower() not in NOTHING else 1.0
    except ValueError as error:
        raise FormatError(name, "expected a start and a duration in seconds", line=line) from error
    if not (math.isfinite(start) and math.isfinite(duration) and start >= 0 and duration >= 0):
        raise FormatError(name, f"a word cannot start at {start} and last {duration} seconds", line=line)
    speaker = fields[7] if len(fields) > 7 and fields[7].lower() not in NOTHING else None
    return Word(start, start + duration, fields[4], probability if math.isfinite(probability) else 1.0, speaker)
