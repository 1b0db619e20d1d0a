"""The rendered episode as an evaluation case on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ffmpeg

from audio.ffmpeg import ffmpeg_program
from audio.rendering.episode import Performance
from audio.rendering.kokoro import SAMPLE_RATE
from pipeline.formats.records.rttm import print_rttm
from pipeline.formats.records.seed import parse_seed
from pipeline.timeline import Turn


def write_case(performance: Performance, episode: dict[str, Any], seed: str, marks: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reference.txt").write_text(seed, "utf-8")
    (folder / "reference.ads.json").write_text(marks, "utf-8")
    turns = [Turn(t.start, t.end, t.speaker.replace(" ", "_")) for t in performance.turns]
    (folder / "reference.rttm").write_text(print_rttm(turns, file_id=episode["id"]), "utf-8")
    _write_json(folder / "ads.json", {"ads": [[round(a.start, 3), round(a.end, 3)] for a in performance.ads]})
    words = [[round(w.start, 3), round(w.end, 3), w.text] for w in performance.words]
    lines = ",\n".join(json.dumps(word, ensure_ascii=False) for word in words)
    (folder / "words.json").write_text(f'{{"words": [\n{lines}\n]}}\n', "utf-8")
    _write_json(folder / "case.json", _case(performance, episode, seed))
    _encode(performance, episode, folder / "audio.mp3")


def _case(performance: Performance, episode: dict[str, Any], seed: str) -> dict[str, Any]:
    """What a scorer has to know about the case; ``synthetic`` marks every figure that comes from it."""
    return {
        "id": episode["id"],
        "synthetic": True,
        "title": episode["title"],
        "show": episode["show"],
        "description": parse_seed(seed).description,
        "duration": round(len(performance.samples) / SAMPLE_RATE, 3),
        "about": "Synthetic rendering: the seed spoken by synthetic voices; turns, words and ads by construction.",
    }


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _encode(performance: Performance, episode: dict[str, Any], target: Path) -> None:
    """MP3 by LAME; the tags say that the voices are synthetic."""
    tags = {
        "title": f"{episode['title']} (synthetic rendering)",
        "album": episode["show"],
        "artist": "synthetic voices (Kokoro-82M)",
        "genre": "Podcast",
        "comment": "A synthetic rendering of a transcript; no recorded human voice.",
    }
    stream = ffmpeg.input("pipe:", f="f32le", ar=SAMPLE_RATE, ac=1).output(
        str(target),
        acodec="libmp3lame",
        audio_bitrate=episode["bit_rate"],
        id3v2_version=3,
        **{f"metadata:g:{number}": f"{key}={value}" for number, (key, value) in enumerate(tags.items())},
        fflags="+bitexact",
        **{"flags:a": "+bitexact"},
    )
    stream.overwrite_output().run(cmd=ffmpeg_program(), input=performance.samples.astype("<f4").tobytes(), quiet=True)
