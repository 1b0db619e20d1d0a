"""Any transcript with times to words, told by its content: JSON, WebVTT, SRT, tables, and what pysubs2 reads."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Caption, Cue, Piece, cues_of, words_of_cues
from pipeline.formats.captions.json_shapes import Entry
from pipeline.formats.captions.srt import parse_srt
from pipeline.formats.captions.timing import Warn, find_blocks, ignore, read_clock
from pipeline.formats.captions.vtt import parse_vtt
from pipeline.formats.captions.words_json import WordList, cues_of_entries, parse_words, timed

_JSON = re.compile(r"\{(?!\d)|\[\s*[\[{]")
_LYRICS = re.compile(r"\s*\[(\d{1,3}:\d{2}(?:[.:]\d{1,3})?)\]\s*(.*)")
_TABLE = re.compile(r"[^\n]{0,200}\b(?:text|transcript|content|caption)\b", re.IGNORECASE)
_STARTS, _ENDS = (
    ("start", "start_time", "begin", "from", "start (s)", "start time"),
    ("end", "end_time", "to", "end time"),
)
_TEXTS, _SPEAKERS = ("text", "transcript", "content", "caption"), ("speaker", "speaker name", "name")
_OTHERS = {
    "ass": re.compile(r"\[Script Info\]|\[Events\]", re.IGNORECASE),
    "sami": re.compile(r"<SAMI", re.IGNORECASE),
    "ttml": re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:\w+:)?tt\b"),
    "microdvd": re.compile(r"\{\d+\}\{\d+\}"),
    "mpl2": re.compile(r"\[\d+\]\s?\[\d+\]"),
}
LOOKED_AT = 10_000  # characters; what a file is, its head shows


def parse_word_file(text: str, *, path: str, warn: Warn = ignore) -> WordList:
    """The words of a transcript file; those inside a cue share its time. ``warn`` is told what had to be mended.

    Raises FormatError for a file in which nothing says when a word is spoken.
    """
    head = text.removeprefix("\ufeff").lstrip()
    if not head:
        raise FormatError(path, "is empty")
    if head.startswith("WEBVTT"):
        return _from_cues(parse_vtt(head, path=path, warn=warn), path)
    if _JSON.match(head):
        found = parse_words(_one_document(head), path=path, warn=warn)
        if not found.words:
            raise FormatError(path, "has no words in it")
        return found
    cues = _table(head, path, warn) or _lyrics(head) or _other_captions(head)
    if cues:
        return _from_cues(cues, path)
    if "-->" in head or find_blocks(head[:LOOKED_AT].splitlines())[0]:
        return _from_cues(parse_srt(head, path=path, warn=warn), path)
    raise FormatError(path, "is not a transcript with times: WORDS.json, WebVTT (.vtt) or SubRip (.srt)")


def _from_cues(cues: tuple[Cue, ...], path: str) -> WordList:
    words = words_of_cues(cues)
    if not words:
        raise FormatError(path, "has no words in it")
    return WordList(words)


def _one_document(text: str) -> str:
    """JSON lines as one list."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.startswith("{") and line.rstrip().endswith("}") for line in lines):
        return "[" + ",".join(lines) + "]"
    return text


def _table(text: str, path: str, warn: Warn) -> tuple[Cue, ...]:
    """The rows of a table with a heading: Whisper's .tsv, whose times are milliseconds, and .csv of other programs."""
    first = text.partition("\n")[0]
    mark = next((sign for sign in "\t;," if sign in first), "")
    if not mark or not _TABLE.match(text):
        return ()
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=mark, quoting=csv.QUOTE_NONE if mark == "\t" else 0))
    except csv.Error:
        return ()
    heads = [cell.strip().casefold() for cell in rows[0]]
    columns = [next((heads.index(n) for n in names if n in heads), None) for names in (_STARTS, _ENDS, _TEXTS)]
    start, end, said = columns
    if start is None or said is None:
        return ()
    speaker = next((heads.index(name) for name in _SPEAKERS if name in heads), None)
    entries = [
        Entry(
            " ".join(row[said].split()),
            _seconds(row, start),
            _seconds(row, end),
            speaker=row[speaker].strip() if speaker is not None else "",
        )
        for row in rows[1:]
        if len(row) == len(heads) and row[said].strip()
    ]
    left_out = sum(bool("".join(row).strip()) for row in rows[1:]) - len(entries)
    if left_out:
        warn(f"{left_out} rows have no text, or not as many columns as the heading, and are left out")
    scale = 1e-3 if _is_milliseconds(rows[1:], start) else 1.0
    entries = [Entry(e.text, _times(e.start, scale), _times(e.end, scale), e.speaker) for e in entries]
    return cues_of_entries(timed(entries, path=path, warn=warn))


def _seconds(row: Sequence[str], column: int | None) -> float | None:
    said = row[column].strip() if column is not None else ""
    if ":" in said:
        return read_clock(said)[0]
    return float(said) if re.fullmatch(r"\d{1,12}(?:\.\d{1,9})?", said) else None


def _is_milliseconds(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whole numbers that grow by thousands: seconds have a fraction, or a colon."""
    said = [row[column].strip() for row in rows if len(row) > column]
    whole = [int(text) for text in said if text.isdigit() and len(text) < 13]
    return len(whole) == len(said) and bool(whole) and max(whole) > 100 * len(whole)


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else round(value * scale, 6)


def _lyrics(text: str) -> tuple[Cue, ...]:
    """LRC: a time in brackets before each line, which lasts until the next."""
    found = [match for line in text.splitlines() if (match := _LYRICS.fullmatch(line))]
    written = sum(bool(line.strip()) for line in text.splitlines())
    if len(found) < 2 or len(found) * 2 < written:
        return ()
    entries = [Entry(match[2], read_clock(match[1])[0]) for match in found if match[2].strip()]
    return cues_of_entries(timed(entries, path="", warn=ignore)) if entries else ()


def _other_captions(text: str) -> tuple[Cue, ...]:
    """SubStation Alpha, SAMI, TTML and MicroDVD, read by pysubs2."""
    import pysubs2

    kind = next((name for name, mark in _OTHERS.items() if mark.match(text[:LOOKED_AT])), None)
    if kind is None or re.search(r"<!\s*(?:ENTITY|DOCTYPE)", text, re.IGNORECASE):
        return ()
    try:
        events = pysubs2.SSAFile.from_string(text, format_=kind, fps=25.0 if kind == "microdvd" else None).events
    except (pysubs2.Pysubs2Error, ValueError, KeyError, IndexError, AttributeError, SyntaxError):
        return ()
    return cues_of(
        [
            Caption(max(0, e.start) / 1000, max(0, e.start, e.end) / 1000, _pieces(e.plaintext), e.name.strip())
            for e in events
            if not e.is_comment
        ]
    )


def _pieces(text: str) -> tuple[Piece, ...]:
    return tuple(Piece(" ".join(line.split())) for line in text.split("\n") if line.strip())
