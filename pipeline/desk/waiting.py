"""What waits for a person, over all shows, and how the output folder is: for the desk's first page and for monitors."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from pipeline.batch.backlog import count_backlog
from pipeline.errors import CleancastError
from pipeline.feeds.publishing import shows_in
from pipeline.files import read_text
from pipeline.follow.status import Looked, read_status
from pipeline.formats.records.result_json import load_object
from pipeline.library.edits.history import FILE
from pipeline.run import WAITS

LATE_S = 26 * 3600.0
"""So long after its time a look is missed: cron may ask once a day, and a long episode takes hours."""
OPML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<opml version="2.0">',
    "  <head><title>cleancast</title></head>",
    "  <body>",
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An episode on the list: its place, its title, what waits in it, whether somebody edited it.

    ``held``: ads to decide, ``held_s`` their length; ``voices`` without a name; doubtful ``passages``.
    """

    show: str
    episode: str
    title: str
    show_title: str
    published: str
    held: int
    held_s: float
    cut: int
    edited: bool
    voices: int = 0
    passages: int = 0


def waiting_in(out: Path) -> tuple[Waiting, ...]:
    """Every finished episode, first those with most ads, voices and passages to look at, then the newest.

    Reads only small files.
    """
    found = [_episode(file.parent) for show in shows_in(out) for file in sorted(show.glob("*/result.json"))]
    listed = sorted((e for e in found if e), key=lambda e: e.published, reverse=True)
    return tuple(sorted(listed, key=lambda e: (-e.held, -e.voices, -e.passages)))


def status_of(out: Path) -> dict[str, Any]:
    """How the output folder is, in numbers."""
    episodes, followed = waiting_in(out), read_status(out).shows
    usage, overdue_s = shutil.disk_usage(out), time.time() - LATE_S
    return {
        "status": "late" if any(0 < looked.next_s < overdue_s for looked in followed.values()) else "ok",
        "shows": len({episode.show for episode in episodes}),
        "episodes": len(episodes),
        "held_ads": sum(episode.held for episode in episodes),
        "unnamed_voices": sum(episode.voices for episode in episodes),
        "doubtful_passages": sum(episode.passages for episode in episodes),
        "queued": count_backlog(out),
        "running": len(list(out.glob("*/*/stages/.lock"))),
        "failed": _failed(out),
        "followed": [_followed(looked) for _, looked in sorted(followed.items())],
        "disk_free_bytes": usage.free,
        "disk_total_bytes": usage.total,
    }


def opml_of(out: Path, *, base_url: str) -> str:
    """A list of all clean feeds for podcast players (OPML 2.0)."""
    rows = []
    for show in shows_in(out):
        title = next((e.show_title for e in waiting_in(out) if e.show == show.name and e.show_title), show.name)
        address = f"{base_url}/{quote(show.name)}/feed.xml"
        rows.append(f'    <outline type="rss" text={quoteattr(title)} xmlUrl={quoteattr(address)}/>')
    return "\n".join([*OPML_HEAD, *rows, "  </body>", "</opml>", ""])


def _followed(looked: Looked) -> dict[str, Any]:
    """A show that ``cleancast follow`` looks at: when it did, when it will, and why the last look failed, if it did."""
    return {
        "show": looked.name,
        "last_look": _moment(looked.last_s),
        "next_look": _moment(looked.next_s),
        "failures": looked.failures,
        "error": looked.error,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds > 0 else ""


def _episode(folder: Path) -> Waiting | None:
    try:
        about = _read(folder / "stages" / "run.json")["episode"]
        ads = _read(folder / "ads.json")["ads"]
        held = [ad for ad in ads if ad["verdict"] == "hold"]
        return Waiting(
            show=folder.parent.name,
            episode=folder.name,
            title=str(about["title"]),
            show_title=str(about["show"]),
            published=str(about["published"])[:10],
            held=len(held),
            held_s=sum(float(ad["end"]) - float(ad["start"]) for ad in held),
            cut=sum(ad["verdict"] == "cut" for ad in ads),
            edited=(folder / FILE).is_file(),
            **_waits(folder),
        )
    except (OSError, ValueError, KeyError, TypeError, CleancastError):
        return None  # not ours, or damaged: its next run makes it again


def _waits(folder: Path) -> dict[str, int]:
    """Voices and passages that wait; nothing of an episode that an older cleancast made."""
    try:
        waits = _read(folder / WAITS)
        return {name: int(waits[name]) for name in ("voices", "passages")}
    except (OSError, ValueError, KeyError, TypeError, CleancastError):
        return {}


def _read(file: Path) -> dict[str, Any]:
    return load_object(read_text(file), path=str(file))


def _failed(out: Path) -> list[dict[str, str]]:
    """What the last batch could not do, with its reasons."""
    try:
        episodes = json.loads(read_text(out / "batch.json"))["episodes"]
        failed = [e for e in episodes if e.get("status") == "failed"]
        return [{"episode": str(e["title"] or e["source"]), "reason": str(e["reason"])} for e in failed]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
