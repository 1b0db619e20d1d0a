"""``cleancast.toml``: feeds and folders to follow, and the settings for all of them and for each.

    [follow]        when to look, how much to keep, where to report
    [defaults]      settings of every show: the options of ``cleancast run``, by their names
    [[show]]        a feed or a folder, with settings of its own

Settings come from the program's defaults, then [defaults], then the show's own, then the command line.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, get_type_hints
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.errors import FormatError
from pipeline.feeds.addresses import shown
from pipeline.feeds.subscriptions import Choice
from pipeline.files import read_text
from pipeline.settings import Option, Settings, option_of

M = TypeVar("M", bound=BaseModel)
Drop = Literal["originals", "outputs", "both"]
Event = Literal["done", "held", "failed"]
EVENTS: tuple[Event, ...] = ("done", "held", "failed")
NOT_HERE = frozenset({"out", "title", "show", "description", "watch"})
"""Settings that belong to one episode or one command."""
_QUIET = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Keep:
    """What stays of a show: so many episodes, or those of so many days; None keeps all. ``drop``: what else goes."""

    episodes: int | None = None
    days: float | None = None
    drop: Drop = "both"

    @property
    def everything(self) -> bool:
        return self.episodes is None and self.days is None


@dataclass(frozen=True, slots=True)
class Show:
    """A feed or a folder that is followed; ``name`` is for people."""

    name: str
    source: str
    is_feed: bool
    settings: Settings
    choice: Choice
    keep: Keep
    every_s: float


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told of episodes: an address that JSON is posted to, a command, of which events."""

    webhook: str = ""
    command: tuple[str, ...] = ()
    on: tuple[Event, ...] = EVENTS


@dataclass(frozen=True, slots=True)
class Config:
    """All that a file says; ``quiet``: minutes of the day between which nobody is asked; paths are whole."""

    path: Path
    out: Path
    shows: tuple[Show, ...] = ()
    defaults: Settings = field(default_factory=Settings)
    quiet: tuple[int, int] | None = None
    free_bytes: int = 0
    base_url: str = ""
    log: Path | None = None
    metrics: Path | None = None
    notify: Notify = field(default_factory=Notify)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Keeping(_Table):
    keep: int | None = Field(None, ge=1)
    keep_days: float | None = Field(None, gt=0, le=36_500)
    drop: Drop | None = None
    every: float | None = Field(None, gt=0, le=525_600)  # a year


class _Follow(_Keeping):
    quiet: str = ""
    free_gb: float = Field(2.0, ge=0, le=1e9)
    base_url: str = ""
    log: str = ""
    metrics: str = ""


class _Notify(_Table):
    webhook: str = ""
    command: list[str] = []
    on: list[Event] = list(EVENTS)


class _Show(_Keeping):
    feed: str = ""
    folder: str = ""
    name: str = ""
    new: int | None = Field(None, ge=1)
    since: str = ""
    match: str = ""


EVERY_MIN = 60.0
"""Between two looks at a feed: publishers' servers and most podcast players ask about as often."""


def read_config(file: Path, *, out: Path | None = None) -> Config:
    """What a file says; ``out``: the output folder, where the file does not name one, by default its own.

    Raises FormatError, which names the table and the key, when it cannot be used.
    """
    try:
        document = tomllib.loads(read_text(file))
    except FileNotFoundError:
        raise FormatError(file, "there is no such file; docs/follow.md says what to write into it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(file, f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise FormatError(file, f"is not TOML ({str(error)[:200]})") from None
    if "\\u0000" in json.dumps(document, default=str):
        raise FormatError(file, "holds a zero character, which no path, address or name can have")
    known = ("out", "follow", "defaults", "notify", "show")
    for key in document:
        if key not in known:
            raise FormatError(file, f"{key!r} is no table of it{_hint(key, known)}")
    named = document.get("out")
    if named is not None and not isinstance(named, str):
        raise FormatError(file, "out: expected a folder's path")
    base = file.parent.resolve()
    where = base / named if named else (out.resolve() if out else base)
    follow = _read(_Follow, _table(document, "follow", file), file, "[follow]")
    notify = _read(_Notify, _table(document, "notify", file), file, "[notify]")
    defaults = read_settings(_table(document, "defaults", file), Settings(out=where), file, "[defaults]")
    tables = document.get("show", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise FormatError(file, "shows are written as [[show]], once for each")
    return Config(
        path=file,
        out=where,
        shows=_distinct([_show(table, n, follow, defaults, file) for n, table in enumerate(tables, 1)], file),
        defaults=defaults,
        quiet=_quiet(follow.quiet, file),
        free_bytes=round(follow.free_gb * 1e9),
        base_url=_address(follow.base_url, file, "[follow] base_url"),
        log=where / follow.log if follow.log else None,
        metrics=where / follow.metrics if follow.metrics else None,
        notify=Notify(_address(notify.webhook, file, "[notify] webhook"), tuple(notify.command), tuple(notify.on)),
    )


def read_settings(table: Mapping[str, Any], base: Settings, file: Path, where: str) -> Settings:
    """Settings with what a table says of them, under the names of the options. Raises FormatError."""
    every = ((declared.name, option_of(declared)) for declared in fields(Settings))
    options = {name: how for name, how in every if name not in NOT_HERE and how.group != "always"}
    given: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in options:
            raise FormatError(file, f"{where} {key}: there is no such setting{_hint(name, options)}")
        try:
            given[name] = _setting(name, value, options[name])
        except (ValueError, TypeError, ValidationError) as error:
            raise FormatError(file, f"{where} {key}: {_told(error)}") from None
    if template := given.get("notes_template"):
        given["notes_template"] = file.parent.resolve() / template
        if not given["notes_template"].is_file():
            raise FormatError(file, f"{where} notes_template: {template} does not exist")
    settings = replace(base, **given)
    if settings.contradiction:
        raise FormatError(file, f"{where}: {settings.contradiction}")
    return settings


def _setting(name: str, value: Any, how: Option) -> Any:
    if how.read:  # as on the command line, or as a list or table of it
        if isinstance(value, dict):
            return how.read([f"{key}={part}" for key, part in value.items()])
        return how.read(value if isinstance(value, str) or name == "speaker" else ",".join(map(str, value)))
    found = TypeAdapter(get_type_hints(Settings)[name]).validate_json(json.dumps(value), strict=True)
    for limit, words in ((how.least, "at least"), (how.most, "at most")):
        over = limit is not None and found is not None and (found < limit if words == "at least" else found > limit)
        if over:
            raise ValueError(f"should be {words} {limit:g}")
    return found


def _show(table: Mapping[str, Any], number: int, follow: _Follow, defaults: Settings, file: Path) -> Show:
    where = f"[[show]] {number}"
    own = {key: value for key, value in table.items() if key in _Show.model_fields}
    asked = _read(_Show, own, file, where)
    if bool(asked.feed) == bool(asked.folder):
        raise FormatError(file, f"{where}: expected either feed = an address or folder = a path")
    if asked.feed:
        _address(asked.feed, file, f"{where} feed")
    rest = {key: value for key, value in table.items() if key not in own}
    try:
        since = date.fromisoformat(asked.since).isoformat() if asked.since else ""
        pattern = re.compile(asked.match).pattern
    except (ValueError, re.error) as error:
        raise FormatError(
            file, f"{where}: since is a date (2026-09-01), match a regular expression ({error})"
        ) from None
    keep = Keep(
        asked.keep if asked.keep is not None else follow.keep,
        asked.keep_days if asked.keep_days is not None else follow.keep_days,
        asked.drop or follow.drop or "both",
    )
    source = asked.feed or str(file.parent.resolve() / asked.folder)
    return Show(
        name=asked.name or (shown(asked.feed) if asked.feed else asked.folder),
        source=source,
        is_feed=bool(asked.feed),
        settings=read_settings(rest, defaults, file, where),
        choice=Choice(asked.new, since, pattern),
        keep=keep,
        every_s=60 * (asked.every or follow.every or EVERY_MIN),
    )


def _distinct(shows: list[Show], file: Path) -> tuple[Show, ...]:
    for key in ("source", "name"):
        values = [getattr(show, key) for show in shows]
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise FormatError(file, f"two [[show]] have the {key} {shown(twice) if '://' in twice else twice!r}")
    return tuple(shows)


def _table(document: Mapping[str, Any], name: str, file: Path) -> dict[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise FormatError(file, f"[{name}] is a table, written once")
    return found


def _read(model: type[M], table: Mapping[str, Any], file: Path, where: str) -> M:
    for key in table:
        if key not in model.model_fields:
            raise FormatError(file, f"{where} {key}: there is no such key{_hint(key, model.model_fields)}")
    try:
        return model.model_validate_json(json.dumps(table, default=str))
    except ValidationError as error:
        raise FormatError(file, f"{where} {_told(error)}") from None


def _told(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}{': ' if place else ''}{first['msg']}"


def _hint(key: str, known: Any) -> str:
    close = get_close_matches(key, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(sorted(known))}"


def _quiet(text: str, file: Path) -> tuple[int, int] | None:
    if not text:
        return None
    found = _QUIET.fullmatch(text.strip())
    if not found:
        raise FormatError(file, '[follow] quiet: expected two times of the day, such as "23:00-06:30"')
    a, b, c, d = map(int, found.groups())
    return 60 * a + b, 60 * c + d


def _address(text: str, file: Path, where: str) -> str:
    try:
        parts = urlsplit(text)
        good = not text or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        good = False
    if not good:
        raise FormatError(file, f"{where}: expected an address that begins with http:// or https://")
    return text
