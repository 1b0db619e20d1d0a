"""What the desk's page reads and changes of an episode; every change names the state of the edits it starts from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipeline.desk.files import episode_at
from pipeline.desk.opened import Opened, change_episode, open_episode
from pipeline.desk.safety import read_body
from pipeline.desk.view import texts_of, view_of
from pipeline.errors import FormatError
from pipeline.formats.records.result_json import load_object
from pipeline.library.edits.history import History, parse_edits
from pipeline.library.edits.store import EditConflict

Change = Callable[[History], History]


def episode_view(folder: Path) -> Response:
    """All that the page of an episode shows."""
    return JSONResponse(view_of(open_episode(folder)), headers={"Cache-Control": "no-store"})


async def post_edits(request: Request) -> Response:
    """New edits: ``{"revision", "edits": [...]}``; answers with the episode as it is then."""
    sent = await _sent(request)
    edits = parse_edits(sent.get("edits"), path="edits")
    return await _changed(request, sent, lambda history: history.add(*edits))


async def step(request: Request) -> Response:
    """``undo``, ``redo`` or ``remove`` an edit: ``{"revision", "place"}``; or the texts of the notes to copy."""
    sent = await _sent(request)
    name = request.path_params["step"]
    if name == "texts":
        opened = await run_in_threadpool(open_episode, _folder(request))
        return JSONResponse(texts_of(opened.result))
    place = sent.get("place")
    changes: dict[str, Change] = {"undo": History.undo, "redo": History.redo}
    if name == "remove" and isinstance(place, int) and not isinstance(place, bool):
        changes["remove"] = lambda history: history.remove(place)
    if name not in changes:
        raise HTTPException(404, "there is no such step")
    return await _changed(request, sent, changes[name])


async def _changed(request: Request, sent: dict[str, Any], change: Change) -> Response:
    folder = _folder(request)
    revision = sent.get("revision")
    if not isinstance(revision, str):
        raise HTTPException(400, "the state that is changed must be named (revision)")
    try:
        answer = await run_in_threadpool(_change, folder, change, revision)
    except EditConflict:
        words = "This episode was changed in another window or by a command meanwhile. It has been loaded again."
        return JSONResponse({"error": words}, status_code=412)
    except IndexError:
        raise HTTPException(404, "there is no such edit") from None
    request.app.state.maker.ask(folder)
    return JSONResponse(answer)


def _change(folder: Path, change: Change, revision: str) -> dict[str, Any]:
    opened: Opened = change_episode(folder, change, revision=revision)
    return view_of(opened)


async def _sent(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises HTTPException: nothing else is understood, also not from a form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "send application/json")
    body = await read_body(request)
    try:
        return load_object(body.decode("utf-8"), path="the request")
    except (UnicodeDecodeError, FormatError) as error:
        raise HTTPException(400, str(error)) from None


def _folder(request: Request) -> Path:
    folder = episode_at(request.app.state.out, request.path_params["show"], request.path_params["episode"])
    if folder is None:
        raise HTTPException(404, "there is no such episode")
    return folder
