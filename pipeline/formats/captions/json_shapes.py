"""The JSON transcripts of other tools, told by their shape: where the timed texts are, in which fields and units.

Read are those of openai-whisper and its API, faster-whisper, whisper.cpp, whisperX, Transformers, YouTube (json3 and
youtube-transcript-api), Podcasting 2.0, Deepgram, AssemblyAI, Amazon, Google, Azure, Speechmatics, Rev, Gladia,
ElevenLabs and Vosk, and plain lists. A tool of another name with one of these shapes is read as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.captions.timing import Warn
from pipeline.formats.clock import is_seconds, parse_clock
from pipeline.timeline import Seconds

SHAPES = (
    'expected {"words": [[start, end, "text"], ...]}, a list of such words or of {"start", "end", "text"}, or the JSON '
    "of openai-whisper, whisper.cpp, whisperX, Deepgram, AssemblyAI, YouTube or Podcasting 2.0"
)
SLOWEST_CHARS_S, FASTEST_CHARS_S = 0.05, 150.0
"""Characters a second that can be speech, pauses inside captions included; people speak fifteen. Milliseconds and
ticks taken for seconds are a thousand and ten million times slower."""
UNITS = (1.0, 1e-3, 1e-7)
FEWEST_JUDGED = 20  # entries; a few words may have any speed

_TEXTS = ("punctuated_word", "word", "text", "body", "content", "value", "utf8", "transcript", "display", "sentence")
_STARTS = (
    *("start", "startTime", "start_time", "startOffset", "begin", "from", "ts", "offset", "tStartMs"),
    *("start_ms", "startMs", "offsetInTicks", "Start"),
)
_ENDS = ("end", "endTime", "end_time", "endOffset", "to", "end_ts", "end_ms", "endMs", "stop", "End")
_LASTS = ("duration", "dur", "dDurationMs", "durationInTicks", "duration_ms", "durationMs")
_SPEAKERS = ("speaker", "speaker_label", "speaker_id", "speakerId", "speaker_name", "speakerTag", "spk", "Speaker")
_CHANCES = ("probability", "score", "confidence", "conf")
_INNER = ("words", "elements", "segs")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)\s*s?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A timed text of a document, a word or a sentence; times that it does not say are None.

    ``scaled``: the field says its unit, and the times are seconds. ``within``: the times of the segment it lies in.
    ``glued``: a mark that belongs to the word before it.
    """

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str = ""
    probability: float = 1.0
    scaled: bool = True
    within: tuple[float | None, float | None] = (None, None)
    glued: bool = False


def read_entries(document: Any, *, path: str, warn: Warn) -> tuple[list[Entry], bool]:
    """The timed texts of a document in its order, times in seconds, and whether they are single words.

    Raises FormatError for a shape that is not known, and for times that give no speed at which people speak.
    """
    items = find_items(document)
    if items is None:
        raise FormatError(path, f'has no "words" list: {SHAPES}')
    entries, skipped, complaint = [], 0, ""
    for index, item in enumerate(items):
        found = list(_entries_of(item))
        skipped += not found
        complaint = complaint or ("" if found else _complaint(item, index))
        entries += found
    entries = _joined(entries)
    if complaint and not entries:
        raise FormatError(path, complaint)
    if complaint:
        warn(f"{skipped} of {len(items)} entries have no text and are left out ({complaint})")
    least = FEWEST_JUDGED if isinstance(items[0] if items else None, list) else 1
    return _in_seconds(entries, path, least), all(" " not in entry.text.strip() for entry in entries)


def find_items(document: Any, *, depth: int = 2) -> list[Any] | None:
    """The list in which the timed texts of a document are, words before sentences; None if it has none."""
    if isinstance(document, list):
        return document if document and all(isinstance(item, dict | list) for item in document) else None
    if not isinstance(document, dict):
        return None
    for find in _FINDERS:
        if (items := find(document)) is not None:
            return items
    inner = [value for key, value in document.items() if isinstance(value, dict)] if depth else []
    return next((items for value in inner if (items := find_items(value, depth=depth - 1)) is not None), None)


def _named(*names: str) -> Callable[[dict[str, Any]], list[Any] | None]:
    def find(document: dict[str, Any]) -> list[Any] | None:
        lists = [document[name] for name in names if isinstance(document.get(name), list)]
        return next((found for found in lists if found), lists[0] if lists else None)

    return find


def _deepgram(document: dict[str, Any]) -> list[Any] | None:
    """Its words by channel; where there are several, each is a speaker."""
    results = document.get("results")
    channels = results.get("channels") if isinstance(results, dict) else None
    if not isinstance(channels, list):
        return None
    found: list[Any] = []
    for number, channel in enumerate(channels, start=1):
        words = _best(channel).get("words") or []
        spoken = [word for word in words if isinstance(word, dict)]
        found += [{"speaker": f"Channel {number}", **w} for w in spoken] if len(channels) > 1 else spoken
    return sorted(found, key=lambda word: _time(word, _STARTS)[0] or 0.0)


def _results(document: dict[str, Any]) -> list[Any] | None:
    """Google's results and Speechmatics': the best alternative of each."""
    results = document.get("results")
    if not isinstance(results, list):
        return None
    return [{**item, **_best(item)} if isinstance(item, dict) else item for item in results]


def _amazon(document: dict[str, Any]) -> list[Any] | None:
    results = document.get("results")
    items = results.get("items") if isinstance(results, dict) else None
    return _results({"results": items}) if isinstance(items, list) else None


def _azure(document: dict[str, Any]) -> list[Any] | None:
    phrases = document.get("recognizedPhrases")
    if not isinstance(phrases, list):
        return None
    return [{**phrase, **_best(phrase, "nBest")} for phrase in phrases if isinstance(phrase, dict)]


def _best(item: Any, name: str = "alternatives") -> dict[str, Any]:
    listed = item.get(name) if isinstance(item, dict) else None
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}


_FINDERS = (
    _deepgram,
    _amazon,
    _results,
    _azure,
    _named("words", "segments", "utterances"),
    _named("transcription", "monologues", "events", "chunks", "captions", "cues", "result", "transcript"),
)


def _entries_of(item: Any, outer: Entry | None = None) -> Iterator[Entry]:
    """The entry that an item is, or those of the words inside it."""
    if isinstance(item, list) and len(item) >= 5 and isinstance(item[4], str):
        item = item[2:]  # a segment of faster-whisper, whose first fields are counters
    if isinstance(item, list) and len(item) >= 3 and isinstance(item[2], str) and outer is None:
        (start, first), (end, last) = _value(item[0], None), _value(item[1], None)
        yield Entry(item[2], start, end, scaled=(first or start is None) and (last or end is None))
        return
    if isinstance(item, list) and len(item) >= 3:
        item = {"start": item[0], "end": item[1], "text": item[2]}
    if not isinstance(item, dict):
        return
    text = next((item[name] for name in _TEXTS if isinstance(item.get(name), str)), None)
    own = _entry(item, text or "", outer)
    inner = next((item[name] for name in _INNER if isinstance(item.get(name), list) and item[name]), None)
    if inner and outer is None:
        base = own.start if "tStartMs" in item else None
        found = [entry for part in inner for entry in _entries_of(_from(part, base), own)]
        if found:
            yield from found
            return
    if text is not None and item.get("type") != "spacing":
        yield own


def _entry(item: dict[str, Any], text: str, outer: Entry | None) -> Entry:
    start, first = _time(item, _STARTS)
    end, last = _time(item, _ENDS)
    for pair, unit in ((item.get("offsets"), 1e-3), (item.get("timestamps"), None), (item.get("timestamp"), None)):
        if start is None and pair is not None:
            (start, first), (end, last) = (_value(value, unit) for value in _pair(pair))
    if end is None and start is not None:
        lasting, last = _time(item, _LASTS)
        end = None if lasting is None else start + lasting
    said = next((item[name] for name in _SPEAKERS if item.get(name) not in (None, "")), None)
    chance = next((item[name] for name in _CHANCES if is_seconds(item.get(name))), 1.0)
    return Entry(
        text,
        start,
        end,
        _speaker(said) or (outer.speaker if outer else ""),
        min(1.0, float(chance)),
        scaled=(first or start is None) and (last or end is None) and (outer is None or outer.scaled),
        within=(outer.start, outer.end) if outer else (None, None),
        glued=item.get("type") in ("punctuation", "punct"),
    )


def _from(part: Any, base: Seconds | None) -> Any:
    """YouTube's words count from their event."""
    if base is None or not isinstance(part, dict):
        return part
    offset = part.get("tOffsetMs", 0)
    return {**part, "tStartMs": base * 1000 + (offset if is_seconds(offset) else 0)}


def _speaker(said: Any) -> str:
    if isinstance(said, dict):
        said = said.get("name") or said.get("id")
    if isinstance(said, int) and not isinstance(said, bool):
        return f"Speaker {said}"
    return said.strip() if isinstance(said, str) else ""


def _pair(value: Any) -> tuple[Any, Any]:
    if isinstance(value, dict):
        return value.get("from"), value.get("to")
    return (value[0], value[1]) if isinstance(value, list) and len(value) == 2 else (None, None)


def _time(item: dict[str, Any], names: Sequence[str]) -> tuple[float | None, bool]:
    """The first of the fields that says a time, and whether its unit is known."""
    for name in names:
        if name in item:
            value = _value(item[name], _unit(name))
            if value[0] is not None:
                return value
    return None, True


def _unit(name: str) -> float | None:
    """What a field's name says of its unit; "startTime" is in seconds wherever it is used."""
    if name.lower().endswith("ms"):
        return 1e-3
    return 1e-7 if name.endswith("Ticks") else 1.0 if "time" in name.lower() else None


def _value(value: Any, unit: float | None) -> tuple[float | None, bool]:
    if isinstance(value, str):
        if ":" in value:
            return parse_clock(value), True
        match = _SECONDS.fullmatch(value.strip()[:30])
        if not match:
            return None, True
        return float(match[1]) * (unit or 1.0), unit is not None or value.strip().endswith("s")
    if not is_seconds(value):
        return None, True
    return float(value) * (unit or 1.0), unit is not None


def _joined(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with their marks, and without those that show nothing."""
    joined: list[Entry] = []
    for entry in entries:
        text = " ".join(entry.text.split())
        if entry.glued and joined and text:
            joined[-1] = replace(joined[-1], text=joined[-1].text + text)
        elif text:
            joined.append(entry if text == entry.text else replace(entry, text=text))
    return joined


def _in_seconds(entries: Sequence[Entry], path: str, least: int) -> list[Entry]:
    """Entries whose fields do not say their unit, in the unit that gives a speed of speech.

    ``least``: entries below which they are in seconds, as WORDS.json is.
    """
    judged = [e for e in entries if not e.scaled and e.start is not None and e.end is not None and e.end > e.start]
    lasting = sum(entry.end - entry.start for entry in judged if entry.end is not None and entry.start is not None)
    if not lasting:
        return list(entries)
    speed = sum(len(entry.text) for entry in judged) / lasting
    fitting = [unit for unit in UNITS if SLOWEST_CHARS_S <= speed / unit <= FASTEST_CHARS_S]
    if not fitting and len(judged) >= FEWEST_JUDGED:
        raise FormatError(path, f"its times give {speed:.3g} characters a second, and nobody speaks like that")
    unit = fitting[0] if fitting and len(judged) >= least else 1.0
    return list(entries) if unit == 1.0 else [e if e.scaled else _scaled(e, unit) for e in entries]


def _scaled(entry: Entry, unit: float) -> Entry:
    def seconds(value: float | None) -> float | None:
        return None if value is None else round(value * unit, 6)

    start, end = entry.within
    return replace(
        entry, start=seconds(entry.start), end=seconds(entry.end), within=(seconds(start), seconds(end)), scaled=True
    )


def _complaint(item: Any, index: int) -> str:
    if isinstance(item, dict) or (isinstance(item, list) and len(item) >= 3):
        return f"word {index + 1} has no text: found {str(item)[:60]!r}"
    return f"word {index + 1} should be [start, end, text], found {str(item)[:40]!r}"
