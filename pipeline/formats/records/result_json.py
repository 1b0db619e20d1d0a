"""``result.json``, version 1: everything a run produced, and the source of every other output.

Times are source seconds with three decimals, shares of one have four. ``parse_result(print_result(x)) == x`` for
any ``x`` at that precision. The schema is ``result.schema.json`` beside this file.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.records.plain import from_plain, to_plain
from pipeline.result import Result

VERSION = 1
LONGEST_INT = 15  # digits
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def print_result(result: Result) -> str:
    """The result as JSON text: one word, turn or ad a line, keys in a fixed order, the same bytes every time."""
    plain = to_plain(result)
    transcript = plain["transcript"]
    document = {
        "version": VERSION,
        "episode": plain["episode"],
        "transcript": {"language": transcript["language"], "model": transcript["model"]},
        "words": transcript["words"],
        **{key: value for key, value in plain.items() if key not in ("episode", "transcript")},
    }
    return print_lines(document)


def parse_result(text: str, *, path: str = "result.json") -> Result:
    """The result back; FormatError says what is missing or of the wrong kind, and where."""
    document = load_object(text, path=path)
    version = document.get("version")
    if version != VERSION:
        raise FormatError(path, f"is version {version!r} of result.json; this program reads version {VERSION}")
    transcript = document.get("transcript")
    if not isinstance(transcript, dict) or not isinstance(document.get("words"), list):
        raise FormatError(path, "has no 'transcript' or no 'words': it is not a result.json of cleancast")
    result: Result = from_plain(
        Result, {**document, "transcript": {**transcript, "words": document["words"]}}, path=path
    )
    return result


def load_object(text: str, *, path: str) -> dict[str, Any]:
    """A JSON object, read as ``load_json`` does; FormatError where it is something else."""
    document = load_json(text, path=path)
    if not isinstance(document, dict):
        raise FormatError(path, f"should be a JSON object, found {type(document).__name__}")
    return document


def load_json(text: str, *, path: str) -> Any:
    """A JSON value, or FormatError with the line where the text stops being JSON.

    Every number in it is finite, and every text can be written to a file: half a surrogate pair becomes U+FFFD.
    """
    try:
        document = json.loads(
            text.removeprefix("\ufeff"), parse_int=_whole_number, parse_float=_number, parse_constant=_number
        )
    except json.JSONDecodeError as error:
        raise FormatError(path, f"is not JSON ({error.msg})", line=error.lineno) from error
    except RecursionError as error:
        raise FormatError(path, "is nested too deeply") from error
    except OverflowError as error:
        raise FormatError(path, str(error)) from error
    return _writable(document) if _SURROGATE.search(text) else document


def _whole_number(digits: str) -> int | float:
    """Python refuses to read numbers of thousands of digits; nothing here counts beyond the 15 that a float holds."""
    return int(digits) if len(digits) <= LONGEST_INT else _number(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise OverflowError(f"holds {digits[:20]!r} where a number should be")
    return value


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    return value


def print_lines(document: dict[str, Any]) -> str:
    """JSON with each item of a top-level list (or of a list one object down) on its own line, for readable diffs."""

    def flat(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def block(value: Any, depth: int) -> str:
        pad = "  " * (depth + 1)
        if isinstance(value, list) and value and isinstance(value[0], dict | list):
            return "[\n" + ",\n".join(pad + flat(item) for item in value) + "\n" + "  " * depth + "]"
        if isinstance(value, dict) and value and depth < 2:
            body = ",\n".join(f"{pad}{flat(key)}: {block(item, depth + 1)}" for key, item in value.items())
            return "{\n" + body + "\n" + "  " * depth + "}"
        return flat(value)

    return block(document, 0) + "\n"
