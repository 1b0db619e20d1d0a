"""Real episodes with published chapters and descriptions (``data/talk``), as the notes would see them.

Names are hidden ("Speaker 1, 2, ..." in order of appearance). Words share their turn's time; where a transcript has no
times they come at WORDS_PER_S. Parsing and embedding 130 episodes takes twenty minutes of one core, so both are kept in
``CACHE``; delete it after a change of the encoder, the parser or the splitting of sentences.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cache import cache_folder
from pipeline.notes.material import Material, read_material
from pipeline.ports import LanguageAnalysis, SentenceEncoder
from pipeline.scores.notes.descriptions import told_of_episode
from pipeline.timeline import Seconds, Word
from pipeline.words.sentences import group_segments

WORDS_PER_S = 2.6
SLOWEST_WORDS_PER_S = 1.2
"""A turn with fewer words a second holds music or a cut: its words are not stretched over all of it."""
LEAST_CHAPTERS = 4
LEAST_DESCRIPTION_WORDS = 12
NO_SUMMARY = ("links", "takeaways")
"""Kinds of description (``description_kind``) that tell nothing of the episode in sentences."""


@dataclass(frozen=True)
class TalkEpisode:
    """One episode: ``starts`` and ``titles`` of the published chapters inside it, what its ``description`` tells.

    ``timed``: the times are the recording's own; else they are made up, of words and chapters alike.
    """

    show: str
    id: str
    title: str
    timed: bool
    starts: tuple[Seconds, ...]
    titles: tuple[str, ...]
    description: str
    material: Material

    @property
    def duration_s(self) -> Seconds:
        return self.material.segments[-1].end

    @property
    def has_chapters(self) -> bool:
        return len(self.starts) >= LEAST_CHAPTERS

    @property
    def has_description(self) -> bool:
        return len(self.description.split()) >= LEAST_DESCRIPTION_WORDS


def read_talk(data: Path, *, encoder: SentenceEncoder, analysis: LanguageAnalysis) -> Iterator[TalkEpisode]:
    """The episodes that have chapters or a description, show by show; ``data``: the folder with ``talk`` in it."""
    for file in sorted((data / "talk").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                found = _episode(file.name.removesuffix(".jsonl.gz"), json.loads(line), line, encoder, analysis)
                if found is not None:
                    yield found


def _episode(
    show: str, raw: dict[str, Any], line: str, encoder: SentenceEncoder, analysis: LanguageAnalysis
) -> TalkEpisode | None:
    words, turn_starts = words_of(raw)
    end = words[-1].end if words else 0.0
    chapters = [(s, title) for s, title in _chapters(raw, turn_starts) if 10.0 < s < end]
    starts = tuple(sorted({s for s, _ in chapters}))
    no_summary = any(kind in raw["description_kind"] for kind in NO_SUMMARY)
    description = "" if no_summary or not raw["description"] else told_of_episode(raw["description"])
    if len(starts) < LEAST_CHAPTERS and len(description.split()) < LEAST_DESCRIPTION_WORDS:
        return None
    kept = cache_folder() / "notes-fitting" / f"{hashlib.sha256(line.encode()).hexdigest()[:20]}.pickle"
    if kept.exists():
        material: Material = pickle.loads(kept.read_bytes())  # written by this very module
    else:
        material = read_material(group_segments(words), encoder=encoder, analysis=analysis, title=raw["title"])
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(material))
    titles = tuple(next(title for s, title in chapters if s == start) for start in starts)
    return TalkEpisode(show, raw["id"], raw["title"], raw["timed"], starts, titles, description, material)


def words_of(raw: dict[str, Any]) -> tuple[list[Word], list[Seconds]]:
    """The words of an episode with hidden names, and when each turn starts."""
    labels: dict[str, str] = {}
    words: list[Word] = []
    starts: list[Seconds] = []
    now = 0.0
    for start, end, name, text in raw["turns"]:
        label = labels.setdefault(name, f"Speaker {len(labels) + 1}")
        said = text.split()
        begin = start if raw["timed"] and start is not None else now
        close = begin + len(said) / WORDS_PER_S
        if raw["timed"] and end is not None and end > begin:
            close = min(end, begin + max(1.0, len(said) / SLOWEST_WORDS_PER_S))
        step = (close - begin) / max(1, len(said))
        words += [Word(begin + step * i, begin + step * (i + 1), word, 1.0, label) for i, word in enumerate(said)]
        starts.append(begin)
        now = close
    return words, starts


def _chapters(raw: dict[str, Any], turn_starts: list[Seconds]) -> list[tuple[Seconds, str]]:
    if raw["timed"] and raw["chapters"]:
        return [(float(start), title) for start, title in raw["chapters"]]
    return [(turn_starts[turn], heading) for turn, heading in raw["sections"] if turn < len(turn_starts)]
