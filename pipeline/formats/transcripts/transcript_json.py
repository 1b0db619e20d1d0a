"""Podcasting 2.0's JSON transcript, version 1.0.0: one sentence a segment, times on the clean clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Cue
from pipeline.formats.clock import is_seconds
from pipeline.formats.records.result_json import load_object, print_lines
from pipeline.formats.transcripts.clean_transcript import clean_sentences
from pipeline.result import Result

VERSION = "1.0.0"
DIGITS = 3


def print_transcript_json(result: Result) -> str:
    """The clean transcript; a segment whose voice is unknown has no "speaker"."""
    return print_cues(Cue(s.start, s.end, s.text, s.speaker) for s in clean_sentences(result))


def print_cues(cues: Iterable[Cue]) -> str:
    """Cues as JSON, times to the millisecond: the inverse of ``parse_transcript_json``."""
    segments = []
    for cue in cues:
        segment: dict[str, Any] = {"speaker": cue.speaker} if cue.speaker else {}
        segment |= {"startTime": round(cue.start, DIGITS), "endTime": round(cue.end, DIGITS), "body": cue.text}
        segments.append(segment)
    return print_lines({"version": VERSION, "segments": segments})


def parse_transcript_json(text: str, *, path: str = "transcript.json") -> tuple[Cue, ...]:
    """The segments in order of start; one without an end lasts until the next."""
    document = load_object(text, path=path)
    segments = document.get("segments")
    if not isinstance(segments, list) or not str(document.get("version", "")).startswith("1."):
        raise FormatError(path, 'is not a podcast transcript: expected {"version": "1.0.0", "segments": [...]}')
    cues = []
    for index, segment in enumerate(segments):
        start: Any
        start, body = (segment.get("startTime"), segment.get("body")) if isinstance(segment, dict) else (None, None)
        if not is_seconds(start) or not isinstance(body, str):
            raise FormatError(path, f'segment {index + 1} has no "startTime" in seconds or no "body"')
        following = segments[index + 1] if index + 1 < len(segments) else {}
        end: Any = segment.get("endTime", following.get("startTime", start) if isinstance(following, dict) else start)
        if not is_seconds(end) or end < start:
            raise FormatError(path, f"segment {index + 1} ends before it starts, or its end is no number")
        cues.append(Cue(float(start), float(end), body, str(segment.get("speaker") or "")))
    return tuple(sorted(cues, key=lambda cue: cue.start))
