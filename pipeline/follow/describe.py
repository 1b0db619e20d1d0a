"""What a ``cleancast.toml`` means, in lines for people."""

from __future__ import annotations

import shlex
from dataclasses import replace

from pipeline.batch.view import span_text
from pipeline.feeds.addresses import shown
from pipeline.follow.config import Config, Keep, Show
from pipeline.settings import Settings


def print_config(config: Config) -> str:
    """The file, show by show; settings as options of the command line, addresses without their secrets."""
    shows = "1 show" if len(config.shows) == 1 else f"{len(config.shows)} shows"
    lines = [f"{config.path}: {shows}, outputs in {config.out}"]
    if config.quiet:
        first, last = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in config.quiet)
        lines.append(f"quiet from {first} to {last}")
    if config.free_bytes:
        lines.append(f"nothing new is begun with less than {config.free_bytes / 1e9:g} GB free")
    for what, where in (("log", config.log), ("metrics", config.metrics)):
        if where:
            lines.append(f"{what}: {where}")
    if config.notify.webhook or config.notify.command:
        who = [shown(config.notify.webhook)] if config.notify.webhook else []
        who += [shlex.join(config.notify.command)] if config.notify.command else []
        lines.append(f"told of {', '.join(config.notify.on)}: {' and '.join(who)}")
    return "\n".join([*lines, *(line for show in config.shows for line in _show(show))])


def _show(show: Show) -> list[str]:
    source = shown(show.source) if show.is_feed else show.source
    options = replace(show.settings, out=Settings().out).command("")[2:]
    chosen = [f"{word} {value}" for word, value in _choice(show) if value]
    return [
        f"{show.name}",
        f"  {source}, every {span_text(show.every_s)}{''.join(f', {each}' for each in chosen)}",
        f"  {_keep(show.keep)}",
        f"  settings: {shlex.join(options) or 'the defaults'}",
    ]


def _choice(show: Show) -> tuple[tuple[str, str], ...]:
    choice = show.choice
    return ("the newest", str(choice.newest or "")), ("since", choice.since), ("matching", choice.match)


def _keep(keep: Keep) -> str:
    """How much is kept.

    >>> _keep(Keep(20, 90, "originals")), _keep(Keep())
    ('keeps the 20 newest that are at most 90 days old; originals of others are removed', 'keeps everything')
    """
    if keep.everything:
        return "keeps everything"
    newest = f"the {keep.episodes} newest" if keep.episodes is not None else "those"
    recent = f" that are at most {keep.days:g} days old" if keep.days is not None else ""
    what = {"originals": "originals", "outputs": "outputs", "both": "originals and outputs"}[keep.drop]
    return f"keeps {newest}{recent}; {what} of others are removed"
