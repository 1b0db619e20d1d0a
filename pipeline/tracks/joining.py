"""Tracks of one conversation that are joined to one recording: a mix to hear and to cut, each track beside it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import AudioError, CleancastError
from pipeline.recording import hash_file
from pipeline.timeline import Seconds
from pipeline.tracks.names import name_tracks
from pipeline.tracks.sheet import FILE, write_sheet
from pipeline.wiring import track_sounds

MIX = "mix.flac"


def join_tracks(paths: Sequence[str], folder: Path, *, starts: Sequence[tuple[str, Seconds]] = ()) -> Path:
    """The mix of separate recordings, written under ``folder`` with its tracks beside it; made once.

    ``paths``: one file a voice, or one file with an audio stream a voice. ``starts``: which track, by its name or
    number, begins how many seconds after the mix; otherwise as the recorders' clocks say, where all have one. Raises
    AudioError: fewer than two tracks, a file that cannot be read; CleancastError: a start of a track that is not there.
    """
    sounds = track_sounds()
    found = [track for path in paths for track in sounds.list_tracks(Path(path))]
    if len(found) < 2:
        raise AudioError(paths[0], "is a single track; --tracks takes one recording for each speaker, two or more")
    alone = len(paths) > 1
    titles = [track.path.stem if alone else track.title for track in found]
    names = name_tracks(titles)
    offsets = _offsets(found, names, starts)
    digest = hashlib.sha256(MIX.encode())
    for track, name, offset in zip(found, names, offsets, strict=True):
        digest.update(f"{hash_file(track.path)} {track.stream} {offset:.3f} {name}\n".encode())
    target = folder / f"tracks-{digest.hexdigest()[:16]}"
    if not (target / FILE).is_file():
        files = [f"track-{number}.flac" for number in range(1, len(found) + 1)]
        part = target.with_name(f"{target.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        mark = digest.hexdigest()
        sounds.mix_tracks(found, offsets, part / MIX, [part / file for file in files], comment=mark)
        write_sheet(part, names, files)
        shutil.rmtree(target, ignore_errors=True)
        part.replace(target)
    return target / MIX


def _offsets(tracks: Sequence[Any], names: Sequence[str], starts: Sequence[tuple[str, Seconds]]) -> list[Seconds]:
    """When each track begins, in seconds of the mix, none before 0."""
    dated = all(track.dated for track in tracks)
    first = min(track.begins for track in tracks) if dated else 0.0
    offsets = [track.begins - first if dated or not track.dated else 0.0 for track in tracks]
    known = [(name, str(number)) for number, name in enumerate(names, 1)]
    for which, start_s in starts:
        places = [place for place, called in enumerate(known) if which.casefold() in (called[0].casefold(), called[1])]
        if len(places) != 1:
            told = ", ".join(name or number for name, number in known)
            raise CleancastError(f"--track-start {which}: there is no such track; they are {told}")
        offsets[places[0]] = start_s
    earliest = min(0.0, *offsets)
    return [offset - earliest for offset in offsets]
