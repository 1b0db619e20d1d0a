"""``cleancast export``: an episode as its person has corrected it, as a case to score with and to learn from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipeline.cache import EpisodeFolder, write_atomic
from pipeline.errors import StoreError
from pipeline.formats.clock import clock
from pipeline.formats.records.case_files import labels_of
from pipeline.library.edits.store import read_history
from pipeline.library.make_again import recording_of
from pipeline.library.recall import recall, result_of


def export_labels(path: Path, target: Path, *, audio: Path | None = None) -> None:
    """Write a case folder from an episode: its ads, words, speakers and names with all edits, and its recording.

    Raises StoreError when ads are still to be decided (nobody has said what they are), or nothing was edited.
    """
    folder = EpisodeFolder(path.resolve())
    recalled = recall(folder)
    result = result_of(folder)
    if not read_history(folder, sha256=result.episode.sha256).edits:
        raise StoreError(path, "nobody has corrected it, so it holds nothing but what was found; see cleancast desk")
    held = [clock(ad.start) for ad in result.ads if ad.verdict == "hold"]
    if held:
        raise StoreError(path, f"has ads that nobody has decided about (at {', '.join(held)}); decide first")
    source = recording_of(recalled, audio)
    for name, text in labels_of(result).items():
        write_atomic(target / name, text)
    _place(source, target / f"audio{source.suffix.lower()}")


def _place(source: Path, target: Path) -> None:
    """The recording under another name: the same file where the disk allows it, otherwise a copy."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            raise StoreError(target, f"cannot be written ({error.strerror})") from None
