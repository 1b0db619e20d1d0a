"""Podcasting 2.0's JSON transcript, version 1.0.0: one sentence a segment, times on the clean clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.formats.captions.cues import Cue
from pipeline.formats.records.result_json import print_lines
from pipeline.formats.transcripts.clean_transcript import clean_sentences
from pipeline.result import Result

VERSION = "1.0.0"
DIGITS = 3


def print_transcript_json(result: Result) -> str:
    """The clean transcript; a segment whose voice is unknown has no "speaker"."""
    return print_cues(Cue(s.start, s.end, s.text, s.speaker) for s in clean_sentences(result))


def print_cues(cues: Iterable[Cue]) -> str:
    """Cues as JSON, times to the millisecond: the inverse of ``parse_sentences`` in captions/words_json.py."""
    segments = []
    for cue in cues:
        segment: dict[str, Any] = {"speaker": cue.speaker} if cue.speaker else {}
        segment |= {"startTime": round(cue.start, DIGITS), "endTime": round(cue.end, DIGITS), "body": cue.text}
        segments.append(segment)
    return print_lines({"version": VERSION, "segments": segments})
