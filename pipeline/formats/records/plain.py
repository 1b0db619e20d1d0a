"""Our frozen dataclasses to plain JSON values and back, with rounding stated once and errors in words."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pipeline.errors import FormatError

TIME_DIGITS = 3
"""Times are written to the millisecond: half of what a decoder's frame can tell, and what VTT and SRT can hold."""
SHARE_DIGITS = 4
SHARES = frozenset({"probability", "score", "confidence", "share"})
"""Fields that are shares of one, written to four digits."""


def to_plain(value: Any, *, name: str = "") -> Any:
    """Dicts, lists, strings and rounded numbers; keys in the order of the dataclass's fields."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name), name=f.name) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(value[key]) for key in sorted(value)}
    if isinstance(value, tuple | list):
        return [to_plain(item, name=name) for item in value]
    if isinstance(value, float):
        return round(value, SHARE_DIGITS if name in SHARES else TIME_DIGITS) + 0.0  # no "-0.0"
    return value


def from_plain(kind: Any, value: Any, *, path: str, where: str = "") -> Any:
    """The value as ``kind``; FormatError names the place (``words[3].start``) when it does not fit."""
    origin = get_origin(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, value, path, where)
    if origin is tuple:
        item = get_args(kind)[0]
        if not isinstance(value, list):
            raise _misfit(path, where, "a list", value)
        return tuple(from_plain(item, part, path=path, where=f"{where}[{i}]") for i, part in enumerate(value))
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not types.NoneType]
        return None if value is None else from_plain(options[0], value, path=path, where=where)
    if origin is Literal:
        if value not in get_args(kind):
            raise _misfit(path, where, "one of " + ", ".join(map(repr, get_args(kind))), value)
        return value
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise _misfit(path, where, "an object", value)
        return {key: from_plain(str, part, path=path, where=f"{where}.{key}") for key, part in value.items()}
    return _scalar(kind, value, path, where)


def _scalar(kind: type, value: Any, path: str, where: str) -> Any:
    if kind is bool and isinstance(value, bool):
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (str, int) and isinstance(value, kind) and not isinstance(value, bool):
        return value
    names = {float: "a number", str: "a text", int: "a whole number"}
    raise _misfit(path, where, names.get(kind, kind.__name__), value)


def _dataclass(kind: type, value: Any, path: str, where: str) -> Any:
    if not isinstance(value, dict):
        raise _misfit(path, where, "an object", value)
    arguments: dict[str, Any] = {}
    hints = _hints(kind)
    for f in fields(kind):
        if f.name in value:
            place = f"{where}.{f.name}" if where else f.name
            arguments[f.name] = from_plain(hints[f.name], value[f.name], path=path, where=place)
        elif f.default is MISSING and f.default_factory is MISSING:
            raise FormatError(path, f"{where or 'the document'} has no '{f.name}'")
    try:
        return kind(**arguments)
    except ValueError as error:
        raise FormatError(path, f"{where}: {error}") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _misfit(path: str, where: str, wanted: str, value: Any) -> FormatError:
    shown = repr(value)
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    return FormatError(path, f"{where or 'the document'} should be {wanted}, found {shown}")
