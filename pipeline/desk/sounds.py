"""The sound of an episode at the desk: the recording itself, its peaks, and stretches to hear a cut by."""

from __future__ import annotations

from math import inf
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from pipeline.cache import EpisodeFolder, write_atomic
from pipeline.desk.files import TYPES
from pipeline.files import read_file
from pipeline.library.recall import recall
from pipeline.timeline import Span
from pipeline.wiring import sound_views

PEAKS = "peaks.u8"
"""In ``stages/``: computed once for a recording, and again where it is lost."""


def recording_file(folder: Path) -> Path:
    """The recording of an episode. Raises HTTPException (404) when it is no longer where it was."""
    recalled = recall(EpisodeFolder(folder))
    if not recalled.path.is_file():
        raise HTTPException(404, f"the recording of “{recalled.episode.title}” is no longer there")
    return recalled.path


def send_recording(folder: Path) -> Response:
    """The recording, or any part of it."""
    path = recording_file(folder)
    return FileResponse(path, media_type=TYPES.get(path.suffix.lower()))


def send_peaks(folder: Path) -> Response:
    """The peaks of the whole recording, a byte each; how many a second is in a header."""
    views, path = sound_views(), recording_file(folder)
    kept = folder / "stages" / PEAKS
    fresh = kept.is_file() and kept.stat().st_mtime_ns >= path.stat().st_mtime_ns
    data = read_file(kept) if fresh else views.peaks(path)
    if not fresh:
        write_atomic(kept, data)
    headers = {"X-Peaks-A-Second": str(views.peaks_a_second), "Cache-Control": "no-cache"}
    return Response(data, media_type="application/octet-stream", headers=headers)


def send_clip(folder: Path, request: Request) -> Response:
    """A stretch of the recording as WAV: what a browser plays to the sample, whatever the recording's format."""
    try:
        start, end = (float(request.query_params[name]) for name in ("start", "end"))
        if not 0 <= start < end < inf:
            raise ValueError
    except (KeyError, ValueError):
        raise HTTPException(400, "a clip is asked for with ?start=SECONDS&end=SECONDS") from None
    return Response(sound_views().clip(recording_file(folder), Span(start, end)), media_type="audio/wav")
