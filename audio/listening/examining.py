"""A program that says in JSON what libav finds in files, for ``facts.py``, which starts it.

It is a program of its own because a stranger's file may crash or fill what reads it, and one for many files because it
takes a while to start. It runs isolated (``python -I``) and imports nothing of ours. In: a line for each file, with its
path and the formats that may be read. Out: a line for each.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import av
import av.logging
from av.stream import Disposition

LONGEST_TAG = 20_000  # characters; show notes fit
GUESSED = "Estimating duration from bitrate"
MICROSECONDS = 1e6


def examine(path: str, formats: str) -> dict[str, Any]:
    """What is said of one file: the container, its sounds, tags and chapters; or why it cannot be read."""
    with av.logging.Capture() as said, open(os.fsencode(path), "rb") as file:  # noqa: PTH123  (a name of any bytes)
        try:
            with av.open(file, options={"format_whitelist": formats}, metadata_errors="replace") as found:
                told = _described(found)
        except (av.error.FFmpegError, ValueError) as error:
            told = {"error": type(error).__name__}
    told["guessed"] = any(message.startswith(GUESSED) for _, _, message in said)
    told["no_index"] = any(message.startswith("moov atom not found") for _, _, message in said)
    return told


def _described(found: Any) -> dict[str, Any]:
    late = (found.start_time or 0) / MICROSECONDS
    return {
        "container": found.format.name,
        "duration": (found.duration or 0) / MICROSECONDS,
        "late": late,
        "bit_rate": found.bit_rate or 0,
        "tags": _tags(found.metadata),
        "sounds": [_sound(stream) for stream in found.streams.audio],
        "has_cover": any(stream.disposition & Disposition.attached_pic for stream in found.streams.video),
        "chapters": [
            [float(each["start"] * each["time_base"]), float(each["end"] * each["time_base"]), _title(each["metadata"])]
            for each in found.chapters()
            if each["time_base"]
        ],
    }


def _sound(stream: Any) -> dict[str, Any]:
    heard = stream.codec_context
    codec = heard.codec if heard else None
    return {
        "codec": codec.canonical_name if codec else "",
        "rate": heard.sample_rate if heard else 0,
        "channels": heard.layout.nb_channels if heard else 0,
        "bit_rate": (heard.bit_rate or 0) if heard else 0,
        "tags": _tags(stream.metadata),
    }


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {str(name): str(text)[:LONGEST_TAG] for name, text in tags.items()}


def _title(tags: dict[str, str]) -> str:
    return next((text[:LONGEST_TAG] for name, text in tags.items() if name.lower() == "title"), "")


def main() -> None:
    av.logging.set_level(av.logging.WARNING)
    av.logging.set_skip_repeated(False)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            told = examine(asked["path"], asked["formats"])
        except Exception as error:  # one file's end is not that of the others
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
