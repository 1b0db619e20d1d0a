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
from pipeline.errors import CleancastError
from pipeline.feeds.download import Net, fetch_page
from pipeline.feeds.entries import based
from pipeline.feeds.episode_index import Episodes, ask, has_episodes
from pipeline.files import read_file, read_text, regular
from pipeline.formats.feeds.feed import Feed
from pipeline.formats.feeds.feed_print import print_feed
from pipeline.formats.pages.index_page import print_index

_SELF = re.compile(r'<atom:link href="([^"]+)/feed\.xml" rel="self"')
LOCAL = "http://127.0.0.1:8765"  # where `cleancast serve` shows it
COVERS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


def publish(show: Path, *, base_url: str = LOCAL) -> Path:
    """Write the feed of a show's folder; every address in it begins with ``base_url``, which stands for OUT."""
    file = show / "feed.xml"
    text = feed_text(show, base_url=base_url)
    _write(file, text)
    return file


def feed_text(show: Path, *, base_url: str) -> str:
    """The feed of a show's folder, as its finished episodes make it."""
    base = f"{base_url.rstrip('/')}/{quote(show.name)}"
    covers = _covers(show)
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


def keep_cover(show: Path, image: str, *, net: Net) -> None:
    """The show's cover, fetched once, and again where it is no picture any more; a show does not fail for it."""
    if not image or any(map(_is_picture, _covers(show))):
        return
    try:
        data = fetch_page(image, net=net).data
    except CleancastError:
        return
    for magic, suffix in COVERS.items():
        if data.startswith(magic):
            write_atomic(show / f"cover{suffix}", data)


def _covers(show: Path) -> list[Path]:
    """The files that may be a show's cover, by their names."""
    return [file for file in sorted(show.glob("cover.*")) if file.suffix in COVERS.values() and file.is_file()]


def _is_picture(file: Path) -> bool:
    """Whether a cover begins as one; a person may have put another there, so its bytes are not compared."""
    try:
        with open(file, "rb", opener=regular) as opened:
            return opened.read(8).startswith(tuple(COVERS))
    except OSError:
        return False


def shows_in(out: Path) -> list[Path]:
    """The folders of an output folder that hold a finished episode."""
    return sorted(show for show in out.glob("*") if has_episodes(show))
