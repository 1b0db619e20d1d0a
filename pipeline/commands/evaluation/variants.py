"""Other settings for the same cases, as one text: ``model=small,language=en``."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_type_hints

from pipeline.errors import CleancastError
from pipeline.settings import Settings, option_of

GROUPS = ("networks", "ads", "voices", "models")
"""Options that change what comes out."""


def read_variant(text: str, settings: Settings) -> Settings:
    """The settings with those that ``text`` names, as ``option=value`` with commas between.

    Raises CleancastError for an option that ``eval`` does not have, or a value that it cannot take.

    >>> read_variant("model=small,min-speakers=2,memory=no", Settings()).model
    'small'
    """
    known = {one.name for one in fields(Settings) if option_of(one).group in GROUPS and not option_of(one).read}
    changed: dict[str, Any] = {}
    for part in text.split(","):
        name, found, value = (piece.strip() for piece in part.partition("="))
        field = name.replace("-", "_")
        if not found or field not in known:
            options = ", ".join(sorted(one.replace("_", "-") for one in known))
            raise CleancastError(f"--variant expects option=value, not {part.strip()!r}; options: {options}")
        changed[field] = _value(field, value, text)
    return replace(settings, **changed)


def _value(field: str, value: str, text: str) -> Any:
    from pydantic import TypeAdapter, ValidationError

    kind = get_type_hints(Settings)[field]
    given: Any = value.split() if "tuple" in str(kind) else value
    try:
        return TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise CleancastError(f"--variant {text}: {field.replace('_', '-')} cannot be {value!r} ({reason})") from None
