"""What of an output folder is served: the outputs of finished episodes and their feeds, and nothing else.

What may be seen is named, not what may not: a regular file that lies directly in an episode's folder, the feed and the
cover of a show, the index page. Stages, downloads, edits and whatever a link leads to have no address.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from pipeline.feeds.publishing import feed_text
from pipeline.formats.untrusted_text import plain_line

TYPES = {
    ".m4a": "audio/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".rttm": "text/plain; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".xml": "application/rss+xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
PRIVATE = frozenset({"edits.json"})
PAGES = frozenset({"index.html", "episode.html"})
"""Our own pages carry a policy of their own that names their one script by its hash."""
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' data:; "
PLAIN_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
SOUND = "media-src 'self'; base-uri 'none'; form-action 'none'"


def serve_path(request: Request) -> Response:
    """What a request for a path gets: a file, a list of what is in a folder, or 404."""
    root: Path = request.app.state.out
    parts = request.path_params["path"].split("/")
    parts = [part for part in parts if part]
    if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts) or len(parts) > 3:
        return nothing_here()
    if len(parts) == 2 and parts[1] == "feed.xml" and is_show(root / parts[0]):
        text = feed_text(root / parts[0], base_url=base_of(request))  # with the address it is asked under
        return Response(text, media_type=TYPES[".xml"])
    target = _visible(root, parts)
    if target is None:
        return nothing_here()
    if target.is_dir():
        index = root / "index.html"
        return _file(index) if not parts and _is_file(index) else _listing(request, root, parts)
    return _file(target, desk=request.app.state.desk)


def is_show(folder: Path) -> bool:
    """Whether a folder of OUT holds a finished episode."""
    return _is_dir(folder) and any(folder.glob("*/result.json"))


def episode_at(root: Path, show: str, episode: str) -> Path | None:
    """The folder of a finished episode; None where there is none by that name."""
    if any(part.startswith(".") or "/" in part or "\\" in part or "\0" in part for part in (show, episode)):
        return None
    folder = root / show / episode
    return folder if _visible(root, [show, episode]) == folder and _is_dir(folder) else None


def base_of(request: Request) -> str:
    """The address of OUT as the reader has it, with the key of a private feed where it was asked by one."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}{request.scope.get('root_path', '')}"


def nothing_here() -> Response:
    return PlainTextResponse("there is nothing here\n", status_code=404)


def _visible(root: Path, parts: list[str]) -> Path | None:
    """The file or folder, if it is one of those that may be seen and no link leads to it."""
    target = root.joinpath(*parts)
    try:
        if target.resolve() != root.resolve().joinpath(*parts):
            return None
        if not parts or (len(parts) == 1 and (is_show(target) or parts == ["index.html"])):
            return target if target.exists() else None
        if len(parts) == 2:
            cover = target.stem == "cover" and target.suffix in (".jpg", ".png")
            seen = _is_file(target / "result.json") or (cover and _is_file(target))
            return target if seen and is_show(target.parent) else None
        private = parts[-1].casefold() in PRIVATE or not _is_file(target.parent / "result.json")
        return target if len(parts) == 3 and _is_file(target) and not private else None
    except (OSError, RuntimeError, ValueError):
        return None


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_dir(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _file(target: Path, *, desk: bool = False) -> Response:
    kind = TYPES.get(target.suffix.lower())
    policy = (PAGE_POLICY if target.name in PAGES else PLAIN_POLICY) + SOUND
    headers = {"Content-Security-Policy": policy}
    if desk and target.name == "episode.html":
        headers["Server-Timing"] = "desk"  # the page links the desk then, without asking whether there is one
    return FileResponse(target, media_type=kind, headers=headers)


def _listing(request: Request, root: Path, parts: list[str]) -> Response:
    """A plain page with what is in a folder."""
    here = root.joinpath(*parts)
    names = sorted(p.name for p in here.iterdir() if _visible(root, [*parts, p.name]) is not None)
    shown = [f"{name}/" if (here / name).is_dir() else name for name in names]
    shown += ["feed.xml"] if len(parts) == 1 else []
    start = request.scope.get("root_path", "") + "/" + "".join(f"{quote(part)}/" for part in parts)
    rows = "".join(f'<li><a href="{start}{quote(name)}">{escape(plain_line(name))}</a></li>' for name in shown)
    title = escape(plain_line("/".join(parts) or "cleancast"))
    text = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><h1>{title}</h1><ul>{rows}</ul>"
    return HTMLResponse(text, headers={"Content-Security-Policy": PLAIN_POLICY + SOUND})
