"""``WORDS.json``: words with times, and what is known of the episode; the input of ``cleancast ads``.

    {"words": [[start, end, "text"], ...], "title": "...", "show": "...", "description": "..."}

Only "words" is required. Words written as objects ({"start", "end", "text"} or "word") are read too, as are the
segments of Whisper's own JSON, because those are the files people have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.clock import is_seconds
from pipeline.formats.records.result_json import load_object
from pipeline.timeline import Seconds, Word

DIGITS = 3


@dataclass(frozen=True, slots=True)
class WordList:
    """Words with times and, where known, what the episode says of itself."""

    words: tuple[Word, ...]
    title: str = ""
    show: str = ""
    description: str = ""
    duration: Seconds = 0.0


def parse_words(text: str, *, path: str = "words.json") -> WordList:
    """The words of ``WORDS.json``, in order of time; FormatError names the word that is not one."""
    document = load_object(text, path=path)
    raw = document.get("words")
    if raw is None and isinstance(document.get("segments"), list):
        raw = _words_of_segments(document["segments"])
    if not isinstance(raw, list):
        raise FormatError(path, 'has no "words" list: expected {"words": [[start, end, "text"], ...]}')
    words = [_word(item, index, path) for index, item in enumerate(raw)]
    for key in ("title", "show", "description"):
        if not isinstance(document.get(key) or "", str):
            raise FormatError(path, f'"{key}" should be a string')
    duration = document.get("duration")
    return WordList(
        tuple(sorted((w for w in words if w.text), key=lambda w: w.start)),
        title=document.get("title") or "",
        show=document.get("show") or "",
        description=document.get("description") or "",
        duration=float(duration) if isinstance(duration, int | float) and not isinstance(duration, bool) else 0.0,
    )


def _words_of_segments(segments: Sequence[Any]) -> list[Any] | None:
    words = [s["words"] for s in segments if isinstance(s, dict) and isinstance(s.get("words"), list)]
    return [word for group in words for word in group] or None


def _word(item: Any, index: int, path: str) -> Word:
    probability: Any = 1.0
    speaker: Any = None
    if isinstance(item, list | tuple) and len(item) >= 3:
        start, end, text = item[:3]
    elif isinstance(item, dict):
        start, end = item.get("start"), item.get("end")
        text = item.get("text", item.get("word"))
        probability = item.get("probability", item.get("score", 1.0))
        speaker = item.get("speaker")
    else:
        raise FormatError(path, f"word {index + 1} should be [start, end, text], found {str(item)[:40]!r}")
    if not isinstance(text, str):
        raise FormatError(path, f"word {index + 1} has no text: found {str(item)[:60]!r}")
    if not (is_seconds(start) and is_seconds(end)):
        raise FormatError(path, f"word {index + 1} ({text.strip()!r}) has no start or end time in seconds")
    if end < start:
        raise FormatError(path, f"word {index + 1} ({text.strip()!r}) ends at {end} before it starts at {start}")
    return Word(
        float(start),
        float(end),
        " ".join(text.split()),
        float(probability) if is_seconds(probability) else 1.0,
        speaker if isinstance(speaker, str) else None,
    )
