"""One web application: files and feeds of an output folder for players, and the desk where a person corrects them."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.desk.editing import episode_view, post_edits, step
from pipeline.desk.files import base_of, episode_at, serve_path
from pipeline.desk.making import Maker
from pipeline.desk.safety import LOGIN, Access, Guard, login
from pipeline.desk.sounds import send_clip, send_peaks, send_recording
from pipeline.desk.waiting import opml_of, status_of, waiting_in
from pipeline.errors import CleancastError

HERE = Path(__file__).parent
DESK_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def make_application(out: Path, access: Access, *, desk: bool) -> Starlette:
    """The application over an output folder; ``desk``: whether anything may be changed."""
    maker = Maker()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        maker.stop()

    app = Starlette(
        routes=[*_pages(desk), Route("/{path:path}", serve_path)],
        middleware=[Middleware(Guard, access=access)],
        exception_handlers={HTTPException: _http_error, CleancastError: _told},  # type: ignore[dict-item]
        lifespan=lifespan,
    )
    app.state.out, app.state.access, app.state.desk, app.state.maker = out.resolve(), access, desk, maker
    app.state.templates = _templates()
    return app


def _pages(desk: bool) -> list[BaseRoute]:
    always: list[BaseRoute] = [
        Route(LOGIN, login, methods=["GET", "POST"]),
        Route("/health", _health),
        Route("/status", _status),
        Route("/feeds.opml", _opml),
        Mount("/-/static", StaticFiles(directory=HERE / "static")),
    ]
    if not desk:
        return always
    episode = "/-/api/{show}/{episode}"
    return [
        *always,
        Route("/-/desk", _desk_list),
        Route("/-/desk/{show}/{episode}", _desk_episode),
        Route("/-/api/waiting", _waiting),
        Route(episode, _of_episode(episode_view)),
        Route(f"{episode}/edits", post_edits, methods=["POST"]),
        Route(f"{episode}/{{step:str}}", step, methods=["POST"]),
        Route(f"{episode}/recording", _of_episode(send_recording)),
        Route(f"{episode}/peaks", _of_episode(send_peaks)),
        Route(f"{episode}/clip", _clip),
        Route(f"{episode}/state", _state),
    ]


def folder_of(request: Request) -> Path:
    """The episode that a path names. Raises HTTPException (404)."""
    show, episode = request.path_params["show"], request.path_params["episode"]
    folder = episode_at(request.app.state.out, show, episode)
    if folder is None:
        raise HTTPException(404, "there is no such episode")
    return folder


def _of_episode(answer: Callable[[Path], Response]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return answer(folder_of(request))

    return endpoint


def _clip(request: Request) -> Response:
    return send_clip(folder_of(request), request)


def _state(request: Request) -> Response:
    state, reason = request.app.state.maker.state(folder_of(request))
    return JSONResponse({"state": state, "reason": reason})


def _waiting(request: Request) -> Response:
    return JSONResponse([dataclasses.asdict(each) for each in waiting_in(request.app.state.out)])


def _desk_list(request: Request) -> Response:
    return _page(request, "list.html.jinja")


def _desk_episode(request: Request) -> Response:
    folder = folder_of(request)
    return _page(request, "episode.html.jinja", show=folder.parent.name, episode=folder.name)


def _page(request: Request, name: str, **values: Any) -> Response:
    text = request.app.state.templates.get_template(name).render(**values)
    headers = {"Content-Security-Policy": DESK_POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(text, headers=headers)


def _health(request: Request) -> Response:
    status = status_of(request.app.state.out)
    code = 200 if status["status"] == "ok" else 503  # what monitors look at
    return JSONResponse(status, status_code=code, headers={"Cache-Control": "no-store"})


def _status(request: Request) -> Response:
    return _page(request, "status.html.jinja", status=status_of(request.app.state.out), desk=request.app.state.desk)


def _opml(request: Request) -> Response:
    access: Access = request.app.state.access
    base = base_of(request).removesuffix(access.feed_prefix) + access.feed_prefix
    return Response(opml_of(request.app.state.out, base_url=base), media_type="text/x-opml; charset=utf-8")


def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def _http_error(_: Request, error: HTTPException) -> Response:
    return PlainTextResponse(f"{error.detail}\n", status_code=error.status_code, headers=error.headers)


def _told(_: Request, error: CleancastError) -> Response:
    return JSONResponse({"error": str(error)}, status_code=409)
