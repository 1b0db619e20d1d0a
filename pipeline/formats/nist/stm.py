"""Segment Time Mark: what each speaker says from when to when, one segment a line.

    <file> <channel> <speaker> <start> <end> [<label>] words ...

Times are seconds. Source: NIST SCTK, ``doc/infmts.htm``. Alternatives in braces ("{ uh / @ }") are not resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.formats.nist.lines import read_times, records, refuse_many
from pipeline.timeline import Span, Turn, Word, merge_spans

UNSCORED = "ignore_time_segment_in_scoring"
"""What stands instead of words where nothing is to be scored."""
DIGITS = 3
_LABEL = re.compile(r"^<[^>]*>\s*")


@dataclass(frozen=True, slots=True)
class StmTranscript:
    """``words`` share the time of their segment by their length; ``turns`` are the segments; ``unscored`` regions."""

    words: tuple[Word, ...]
    turns: tuple[Turn, ...]
    unscored: tuple[Span, ...]


def parse_stm(text: str, *, name: str = "stm") -> StmTranscript:
    """What an STM file of one recording says. Raises FormatError for a line without times, or for two recordings.

    >>> stm = parse_stm("show 1 ann 0.0 2.0 <o> hello you")
    >>> [(w.text, w.speaker, w.start, w.end) for w in stm.words]
    [('hello', 'ann', 0.0, 1.25), ('you', 'ann', 1.25, 2.0)]
    """
    words: list[Word] = []
    turns: list[Turn] = []
    unscored: list[Span] = []
    files = []
    for number, fields in records(text, most_fields=6):
        span = read_times(fields[3:5], name, number)
        said = _LABEL.sub("", fields[5] if len(fields) > 5 else "").strip()
        files.append(fields[0])
        if said.lower() == UNSCORED:
            unscored.append(span)
            continue
        words += share_time(said.split(), span, fields[2])
        turns += [Turn(span.start, span.end, fields[2])] if said else []
    refuse_many(files, name)
    return StmTranscript(tuple(words), tuple(turns), merge_spans(unscored))


def print_stm(words: Iterable[Word], *, file_id: str = "episode") -> str:
    """Words as STM, a line for each run of words of one speaker; speakers' white space becomes ``_``.

    >>> print_stm([Word(0.0, 0.5, "Hello", speaker="ann b"), Word(0.5, 1.0, "you.", speaker="ann b")])
    'episode 1 ann_b 0.000 1.000 Hello you.\\n'
    """
    runs: list[list[Word]] = []
    for word in words:
        if runs and runs[-1][-1].speaker == word.speaker:
            runs[-1].append(word)
        else:
            runs.append([word])
    lines = []
    for run in runs:
        times = f"{run[0].start:.{DIGITS}f} {max(word.end for word in run):.{DIGITS}f}"
        lines.append(f"{field(file_id)} 1 {field(run[0].speaker or '')} {times} {' '.join(w.text for w in run)}\n")
    return "".join(lines)


def share_time(texts: Sequence[str], span: Span, speaker: str | None) -> list[Word]:
    """Words that share the time of a segment by their length."""
    total = sum(map(len, texts))
    words, done = [], 0
    for text in texts:
        start, end = (span.start + span.duration * chars / total for chars in (done, done + len(text)))
        words.append(Word(start, end, text, speaker=speaker))
        done += len(text)
    return words


def field(text: str) -> str:
    """A text as one field of a line."""
    return "_".join(text.split()) or "<NA>"
