"""``cleancast export``: an episode as its person has corrected it, as a case to score with and to learn from."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipeline.cache import EpisodeFolder, write_atomic
from pipeline.errors import StoreError
from pipeline.formats.clock import clock
from pipeline.formats.records.result_json import parse_result
from pipeline.formats.records.rttm import print_rttm
from pipeline.library.edits.store import read_history
from pipeline.library.make_again import recording_of
from pipeline.library.recall import NO_EPISODE, recall
from pipeline.result import Result
from pipeline.words.sentences import group_segments


def export_labels(path: Path, target: Path, *, audio: Path | None = None) -> None:
    """Write a case folder from an episode: its ads, words, speakers and names with all edits, and its recording.

    Raises StoreError when ads are still to be decided (nobody has said what they are), or nothing was edited.
    """
    folder = EpisodeFolder(path.resolve())
    recalled = recall(folder)
    try:
        result = parse_result((folder.path / "result.json").read_text(encoding="utf-8"))
    except OSError:
        raise StoreError(path, NO_EPISODE) from None
    if not read_history(folder, sha256=result.episode.sha256).edits:
        raise StoreError(path, "nobody has corrected it, so it holds nothing but what was found; see cleancast desk")
    held = [clock(ad.start) for ad in result.ads if ad.verdict == "hold"]
    if held:
        raise StoreError(path, f"has ads that nobody has decided about (at {', '.join(held)}); decide first")
    source = recording_of(recalled, audio)
    for name, text in labels_of(result).items():
        write_atomic(target / name, text)
    _place(source, target / f"audio{source.suffix.lower()}")


def labels_of(result: Result) -> dict[str, str]:
    """The files of a case (docs/evaluation.md) that say what a result says.

    The words were a machine's before somebody corrected them, and ``reference.json`` says so: where nobody looked, a
    score against them is an agreement.
    """
    episode = result.episode
    ads = [[round(ad.start, 3), round(ad.end, 3)] for ad in result.ads if ad.verdict == "cut"]
    names = {speaker.label: speaker.name for speaker in result.speakers if speaker.name}
    about = {
        "id": episode.id,
        "title": episode.title,
        "show": episode.show,
        "description": episode.description,
        "language": result.transcript.language,
    }
    words = [[round(w.start, 3), round(w.end, 3), w.text] for w in result.transcript.words]
    return {
        "ads.json": _json({"ads": ads}),
        "words.json": _json({"words": words, **{key: about[key] for key in ("title", "show", "description")}}),
        "reference.stm": "".join(f"{line}\n" for line in _stm(result)),
        "reference.rttm": print_rttm(result.turns, file_id=episode.id),
        "reference.json": _json({"made_by": "machine"}),
        "names.json": _json({"names": names}),
        "case.json": _json(about),
    }


def _stm(result: Result) -> Iterator[str]:
    """A line for each sentence: recording, channel, speaker, start, end, words."""
    edges = [time for ad in result.ads for time in (ad.start, ad.end)]
    for segment in group_segments(result.transcript.words, breaks=edges):
        speaker = "_".join((segment.speaker or "unknown").split())
        yield f"{result.episode.id} 1 {speaker} {segment.start:.3f} {segment.end:.3f} {segment.text}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


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
