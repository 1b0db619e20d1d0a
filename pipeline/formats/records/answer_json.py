"""What a language model was asked to answer: one JSON object, whatever it puts around it."""

from __future__ import annotations

import json
from typing import Any

from pipeline.errors import FormatError


def parse_answer(text: str) -> dict[str, Any]:
    """The first JSON object in an answer; models wrap it in fences and talk around it.

    >>> parse_answer('Sure! ```json\\n{"verdict": "ad"}\\n```')
    {'verdict': 'ad'}
    """
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            found, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        if isinstance(found, dict):
            return found
        break
    raise FormatError("the model's answer", "holds no JSON object")
