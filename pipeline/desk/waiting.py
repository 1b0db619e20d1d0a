"""What waits for a person, over all shows, and how the output folder is: for the desk's first page and for monitors."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from pipeline.errors import CleancastError
from pipeline.feeds.publishing import shows_in
from pipeline.formats.records.result_json import load_object
from pipeline.library.edits.history import FILE

OPML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<opml version="2.0">',
    "  <head><title>cleancast</title></head>",
    "  <body>",
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An episode on the list: its place, its title, its held ads with their length, whether somebody edited it."""

    show: str
    episode: str
    title: str
    show_title: str
    published: str
    held: int
    held_s: float
    cut: int
    edited: bool


def waiting_in(out: Path) -> tuple[Waiting, ...]:
    """Every finished episode; those with held ads first, then the newest. Reads only small files."""
    found = [_episode(file.parent) for show in shows_in(out) for file in sorted(show.glob("*/result.json"))]
    listed = sorted((e for e in found if e), key=lambda e: e.published, reverse=True)
    return tuple(sorted(listed, key=lambda e: -e.held))


def status_of(out: Path) -> dict[str, Any]:
    """How the output folder is, in numbers."""
    episodes = waiting_in(out)
    usage = shutil.disk_usage(out)
    return {
        "status": "ok",
        "shows": len({episode.show for episode in episodes}),
        "episodes": len(episodes),
        "held_ads": sum(episode.held for episode in episodes),
        "running": len(list(out.glob("*/*/stages/.lock"))),
        "failed": _failed(out),
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
        )
    except (OSError, ValueError, KeyError, TypeError, CleancastError):
        return None  # not ours, or damaged: its next run makes it again


def _read(file: Path) -> dict[str, Any]:
    return load_object(file.read_text(encoding="utf-8"), path=str(file))


def _failed(out: Path) -> list[dict[str, str]]:
    """What the last batch could not do, with its reasons."""
    try:
        episodes = json.loads((out / "batch.json").read_text(encoding="utf-8"))["episodes"]
        failed = [e for e in episodes if e.get("status") == "failed"]
        return [{"episode": str(e["title"] or e["source"]), "reason": str(e["reason"])} for e in failed]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
