"""Whether the ffmpeg that would be used can do what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence

from audio.ffmpeg import ffmpeg_program, ffmpeg_version, run_quietly

DECODERS = ("mp3", "aac", "vorbis", "opus", "flac", "alac", "wmav2", "pcm_s16le", "pcm_f32le")
ENCODERS = ("libmp3lame", "aac", "pcm_f32le")
FILTERS = ("atrim", "afade", "asplit", "concat", "aresample")
DEMUXERS = ("mp3", "mov", "ogg", "wav", "flac", "matroska")
LISTS = {"-decoders": DECODERS, "-encoders": ENCODERS, "-filters": FILTERS, "-demuxers": DEMUXERS}


def examine_ffmpeg(program: str = "") -> tuple[str, str, tuple[str, ...]]:
    """The program's path, its version, and what it lacks ("decoders: opus"); the version is empty if it does not run.

    Raises OSError when there is no such program.
    """
    program = program or ffmpeg_program()
    version = ffmpeg_version(program)
    if not version:
        return program, "", ()
    lacking = tuple(
        f"{kind.removeprefix('-')}: {', '.join(missing)}"
        for kind, wanted in LISTS.items()
        if (missing := _missing(program, kind, wanted))
    )
    return program, version, lacking


def _missing(program: str, kind: str, wanted: Sequence[str]) -> list[str]:
    """Which of ``wanted`` the program does not list; a line is flags, a name (or several), a description."""
    _, said, _ = run_quietly([program, "-hide_banner", kind])
    lines = (line.split(maxsplit=2) for line in said.decode("utf-8", "replace").splitlines())
    listed = {name for line in lines if len(line) > 1 for name in line[1].split(",")}
    return [name for name in wanted if name not in listed]
