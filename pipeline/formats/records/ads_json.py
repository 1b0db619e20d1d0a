"""``ads.json``: the ads of an episode with their score and the reasons, in source seconds.

    {"version": 1, "ads": [{"start", "end", "score", "kind",
                            "evidence": [{"kind", "text", "at"}], "verdict", "sponsor"}], "warning"}

``warning`` is there only if the ads may be incomplete: the detector does not know the language.

A reference made by hand may be shorter: ``{"ads": [[start, end], ...]}``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from pipeline.errors import FormatError
from pipeline.formats.records.plain import from_plain, to_plain
from pipeline.formats.records.result_json import load_object, print_lines
from pipeline.result import AdSpan

VERSION = 1


def print_ads(ads: Iterable[AdSpan], *, warning: str = "") -> str:
    """The ads as JSON text, one a line; ``warning``: why they may be incomplete."""
    document = {"version": VERSION, "ads": [to_plain(ad) for ad in ads]}
    return print_lines({**document, "warning": warning} if warning else document)


def parse_ads(text: str, *, path: str = "ads.json") -> tuple[AdSpan, ...]:
    """The ads, in order of start; a bare ``[start, end]`` is an ad of score 1."""
    document = load_object(text, path=path)
    raw = document.get("ads")
    if not isinstance(raw, list):
        raise FormatError(path, 'has no "ads" list: expected {"ads": [[start, end], ...]}')
    return tuple(sorted((_ad(item, index, path) for index, item in enumerate(raw)), key=lambda ad: ad.start))


def _ad(item: Any, index: int, path: str) -> AdSpan:
    if isinstance(item, list) and len(item) >= 2 and all(_is_number(value) for value in item[:2]):
        item = {"start": item[0], "end": item[1]}
    if isinstance(item, dict):
        if not (_is_number(item.get("start")) and _is_number(item.get("end"))):
            raise FormatError(path, f'ad {index + 1} needs "start" and "end" in seconds')
        if item["end"] < item["start"]:
            raise FormatError(path, f"ad {index + 1} ends at {item['end']} before it starts at {item['start']}")
        ad: AdSpan = from_plain(AdSpan, {"score": 1.0, **item}, path=path, where=f"ads[{index}]")
        return ad
    raise FormatError(path, f"ad {index + 1} should be [start, end], found {str(item)[:40]!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
