"""Times in text: how seconds are printed for people and in captions, and how they are read back."""

from __future__ import annotations

import math
import re
from typing import TypeGuard

from pipeline.timeline import Seconds

_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,6})(?:[.,](\d{1,9}))?", re.ASCII)


def clock(seconds: Seconds, *, hours: bool | None = None) -> str:
    """A time for people: ``1:05`` or ``1:01:05``; ``hours=True`` always shows hours.

    >>> clock(65.9), clock(3665), clock(65, hours=True)
    ('1:05', '1:01:05', '0:01:05')
    """
    whole = int(max(0.0, seconds) + 1e-6)
    hour, minute, second = whole // 3600, whole // 60 % 60, whole % 60
    if hours or (hours is None and hour):
        return f"{hour}:{minute:02}:{second:02}"
    return f"{whole // 60}:{second:02}"


def caption_clock(seconds: Seconds, *, mark: str) -> str:
    """``hh:mm:ss`` and milliseconds after the ``mark``, as SRT (``,``) and WebVTT (``.``) write it.

    >>> caption_clock(62.5, mark=",")
    '00:01:02,500'
    """
    ms = max(0, round(seconds * 1000))
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def parse_clock(text: str) -> Seconds | None:
    """The seconds of ``[[h:]m:]s``, with a fraction after a point or a comma; None when it is no such time.

    >>> parse_clock("01:02,500"), parse_clock("1:00:00.000"), parse_clock("90"), parse_clock("soon")
    (62.5, 3600.0, 90.0, None)
    """
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return round(whole + float(f"0.{fraction or 0}"), 6)  # 1 + 0.356 is not the float 1.356


def is_seconds(value: object) -> TypeGuard[float]:
    """Whether a value of a JSON document can be a time: a finite number that is not negative.

    >>> is_seconds(1.5), is_seconds(True), is_seconds(float("nan")), is_seconds("1.5")
    (True, False, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
