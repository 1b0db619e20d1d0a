"""A minute to hear what was cut: the edges of every cut, one after the other, with a beep between them.

For each cut: a little of the show, the beginning of what is removed, its end, and the show again. Pieces are short and
in memory, which is what pydub is good at; ffmpeg reads them out of the recording, so an hour never is.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg

from audio.ffmpeg import INPUT_LIMITS, check_length, check_written, ffmpeg_program, file_url, part_of, running
from audio.listening.streams import choose_stream
from pipeline.errors import AudioError, ProgramError, StoreError
from pipeline.ports import Progress, silent
from pipeline.timeline import CutList, Seconds, Span

CONTEXT_S = 2.0  # of the show on either side of a cut
INSIDE_S = 3.0  # of the removed stretch at either end
FADE_MS = 20
BEEP_HZ, BEEP_MS, BEEP_DB = 880, 150, -26.0
BIT_RATE = "96k"


def write_audition(source: str | Path, cuts: CutList, target: str | Path, *, progress: Progress = silent) -> None:
    """Write an mp3 of the edges of all cuts, or nothing at all; an AudioError where there is no cut."""
    segment, sine = _pydub()
    source, target = Path(source), Path(target)
    if not cuts.removed:
        raise AudioError(source, "nothing is cut, so there is nothing to listen to")
    beep = sine(BEEP_HZ).to_audio_segment(duration=BEEP_MS, volume=BEEP_DB).fade_in(FADE_MS).fade_out(FADE_MS)
    joined = segment.empty()
    for number, cut in enumerate(cuts.removed):
        for span in pieces(cut, cuts.duration):
            joined += _read(source, span).fade_in(FADE_MS).fade_out(FADE_MS)
        joined += beep
        progress((number + 1) / (len(cuts.removed) + 1))
    _write_mp3(joined, target)
    progress(1.0)


def _write_mp3(joined: Any, target: Path) -> None:
    """The joined pieces as an mp3, encoded by our own ffmpeg: pydub does not watch the one that it starts."""
    part, plain = part_of(target, ".mp3"), part_of(target, ".wav")
    try:
        samples = io.BytesIO()
        joined.export(samples, format="wav")
        plain.write_bytes(samples.getvalue())
        stream = ffmpeg.input(file_url(plain), **INPUT_LIMITS).output(file_url(part), audio_bitrate=BIT_RATE)
        stream = stream.global_args("-nostdin", "-hide_banner", "-loglevel", "error").overwrite_output()
        with running(stream.compile(cmd=ffmpeg_program())) as run:
            pass
        check_written(run, target)
        check_length(part, target, joined.duration_seconds)
        os.replace(part, target)  # noqa: PTH105
    except OSError as error:
        raise StoreError(target, f"cannot be written ({error.strerror or error})") from error
    finally:
        part.unlink(missing_ok=True)
        plain.unlink(missing_ok=True)


def pieces(cut: Span, duration: Seconds) -> Iterator[Span]:
    """What is heard of one cut: both its edges, or all of it where they would meet.

    >>> [(p.start, p.end) for p in pieces(Span(10.0, 60.0), 61.0)]
    [(8.0, 13.0), (57.0, 61.0)]
    """
    before, after = max(0.0, cut.start - CONTEXT_S), min(duration, cut.end + CONTEXT_S)
    if cut.duration <= 2 * INSIDE_S:
        yield Span(before, after)
    else:
        yield Span(before, cut.start + INSIDE_S)
        yield Span(cut.end - INSIDE_S, after)


@cache
def _pydub() -> tuple[Any, Any]:
    """pydub's segment and sine classes, told which ffmpeg to use; on import it warns where none is on the PATH."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
        from pydub.generators import Sine
    AudioSegment.converter = ffmpeg_program()
    return AudioSegment, Sine


def _read(source: Path, span: Span) -> Any:
    """A stretch of the recording as a pydub segment; WAV in between, because pydub reads that without ffprobe."""
    where = {"ss": f"{span.start:.3f}", "t": f"{span.duration:.3f}"}
    opened = ffmpeg.input(file_url(source), **where, **INPUT_LIMITS)[f"a:{choose_stream(source)}"]
    stream = opened.output("pipe:", format="wav", acodec="pcm_s16le", ac=2)
    stream = stream.global_args("-nostdin", "-hide_banner", "-loglevel", "error")
    with running(stream.compile(cmd=ffmpeg_program())) as run:
        data = b"".join(iter(lambda: run.read(1 << 20), b""))
    if run.killed:
        raise ProgramError(source, f"could not be read at {span.start:.0f} s ({run.killed}); run again")
    if not data:
        told = run.talk[-1] if run.talk else "nothing there"
        raise AudioError(source, f"cannot be read at {span.start:.0f} s ({told})")
    return _pydub()[0].from_file(io.BytesIO(data), format="wav")
