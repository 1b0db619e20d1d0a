"""The clean feed of a show: feed.xml and the cover beside its finished episodes, a pure function of what lies there."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path
from urllib.parse import quote

from pipeline.cache import write_atomic
from pipeline.covers import MOST_BYTES, covers_in, is_picture, write_cover
from pipeline.errors import CleancastError
from pipeline.feeds.addresses import shown
from pipeline.feeds.download import Net, fetch_page
from pipeline.feeds.entries import based
from pipeline.feeds.episode_index import Episodes, ask, has_episodes
from pipeline.files import read_file, read_text
from pipeline.formats.feeds.feed import Feed
from pipeline.formats.feeds.feed_print import print_feed
from pipeline.formats.pages.index_page import print_index

_SELF = re.compile(r'<atom:link href="([^"]+)/feed\.xml" rel="self"')
LOCAL = "http://127.0.0.1:8765"  # where `cleancast serve` shows it


def publish(show: Path, *, base_url: str = LOCAL) -> Path:
    """Write the feed of a show's folder; every address in it begins with ``base_url``, which stands for OUT."""
    file = show / "feed.xml"
    text = feed_text(show, base_url=base_url)
    _write(file, text)
    return file


def feed_text(show: Path, *, base_url: str) -> str:
    """The feed of a show's folder, as its finished episodes make it."""
    base = f"{base_url.rstrip('/')}/{quote(show.name)}"
    covers = covers_in(show)
    image = f"{base}/{covers[0].name}" if covers else ""

    def printed(episodes: Episodes) -> str:
        entries = [based(entry, base) for entry in episodes.entries()]
        about = episodes.newest_show() or Feed("", _title(episodes) or show.name, ())
        return print_feed(replace(about, image=image), entries, url=f"{base}/feed.xml")

    return ask(show, lambda episodes: episodes.text(f"feed {base} {image}", partial(printed, episodes)))


def _title(episodes: Episodes) -> str:
    return next((page.show for page in episodes.pages()), "")


def publish_index(out: Path) -> Path:
    """Write ``index.html``: one page over every finished episode of an output folder."""
    entries = [page for show in shows_in(out) for page in ask(show, lambda episodes: tuple(episodes.pages()))]
    file = out / "index.html"
    text = print_index(entries, feeds=[show.name for show in shows_in(out) if (show / "feed.xml").is_file()])
    _write(file, text)
    return file


def _write(file: Path, text: str) -> None:
    """Write a file, unless it already says the same."""
    with suppress(OSError):
        if read_file(file) == text.encode():
            return
    write_atomic(file, text)


def publish_again(folder: Path) -> None:
    """Update the feed of a show and the index page after one of its episodes was made again."""
    show, out = folder.parent, folder.parent.parent
    with suppress(OSError):
        address = _SELF.search(read_text(show / "feed.xml"))
        base = unescape(address[1]).removesuffix(f"/{quote(show.name)}") if address else LOCAL
        publish(show, base_url=base)
    if (out / "index.html").is_file():
        publish_index(out)


def has_cover(show: Path, image: str) -> bool:
    """Whether a show has its cover, or names none; a file that is no picture any more is none."""
    return not image or any(map(is_picture, covers_in(show)))


def keep_cover(show: Path, image: str, *, net: Net) -> str:
    """Fetch a show's cover; a show does not fail for it.

    Returns why there is none, or none in its episodes, in a sentence; empty where all is well.
    """
    try:
        data = fetch_page(image, net=net).data
    except CleancastError as error:
        return f"the show's cover is missing: {error}"
    if not write_cover(show, data):
        return f"the show's cover is missing: {shown(image)} is neither a whole JPEG nor a whole PNG"
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 1e6:.1f} MB, and at most {MOST_BYTES / 1e6:.0f} are put"
        return f"the show's cover is not in its episodes: it has {size} into each file"
    return ""


def shows_in(out: Path) -> list[Path]:
    """The folders of an output folder that hold a finished episode."""
    return sorted(show for show in out.glob("*") if has_episodes(show))
