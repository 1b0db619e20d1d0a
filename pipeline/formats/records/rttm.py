"""Rich Transcription Time Marked: who spoke when, one turn a line.

    SPEAKER <file> <channel> <onset> <duration> <NA> <NA> <speaker> <NA> <NA>

Onset and duration are seconds; ``<NA>`` stands for a field that does not apply; white space separates fields.
Source: NIST, The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan, appendix A. Lines of other types
(SPKR-INFO, LEXEME, NON-SPEECH ...) and comments (``;;``) carry no turns and are passed over. The tenth field is
optional: files of before 2009 have nine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from pipeline.errors import FormatError
from pipeline.timeline import Turn

TYPES = frozenset({"SPEAKER", "SPKR-INFO", "SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH"})
TYPES |= {"FILLER", "EDIT", "IP", "SU", "CB", "A/P"}
TIME_DECIMALS = 3  # a millisecond: finer than any annotator or frame of a network


def parse_rttm(text: str, *, file_id: str | None = None, name: str = "rttm") -> tuple[Turn, ...]:
    """The turns of ``text`` in order of time; ``file_id`` takes those of one recording out of many.

    >>> parse_rttm("SPEAKER a 1 0.50 2.0 <NA> <NA> ann <NA> <NA>")
    (Turn(start=0.5, end=2.5, speaker='ann'),)
    """
    turns = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER" or (file_id is not None and fields[1:2] != [file_id]):
            _refuse_foreign(fields, name, number)
            continue
        turns.append(_parse_turn(fields, name, number))
    return tuple(sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker)))


def print_rttm(turns: Iterable[Turn], *, file_id: str = "episode") -> str:
    """The turns as RTTM; white space in names becomes ``_`` because the format has no quoting.

    >>> print_rttm([Turn(0.5, 2.5, "ann b")])
    'SPEAKER episode 1 0.500 2.000 <NA> <NA> ann_b <NA> <NA>\\n'
    """
    return "".join(
        f"SPEAKER {_field(file_id)} 1 {turn.start:.{TIME_DECIMALS}f} {turn.duration:.{TIME_DECIMALS}f} "
        f"<NA> <NA> {_field(turn.speaker)} <NA> <NA>\n"
        for turn in turns
    )


def _parse_turn(fields: list[str], name: str, number: int) -> Turn:
    if not 8 <= len(fields) <= 10:
        raise FormatError(name, f"a SPEAKER line has 9 or 10 fields, this one {len(fields)}", line=number)
    try:
        onset, duration = float(fields[3]), float(fields[4])
    except ValueError as error:
        raise FormatError(name, f"'{fields[3]} {fields[4]}' is not an onset and a duration", line=number) from error
    if not (math.isfinite(onset) and math.isfinite(duration) and onset >= 0 and duration >= 0):
        raise FormatError(name, f"a turn cannot start at {onset} and last {duration} seconds", line=number)
    return Turn(onset, onset + duration, fields[7])


def _refuse_foreign(fields: list[str], name: str, number: int) -> None:
    if fields and not fields[0].startswith(";") and fields[0] not in TYPES:
        raise FormatError(name, f"'{fields[0][:20]}' is not a type of RTTM line (expected SPEAKER)", line=number)


def _field(text: str) -> str:
    return "_".join(text.split()) or "<NA>"
