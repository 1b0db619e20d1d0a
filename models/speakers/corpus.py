"""Episodes with published speaker names, as naming meets them: voices without names, and the truth apart.

Reads ``talk/<show>.jsonl.gz``: one episode a line with ``turns`` ([start, end, name, text]), ``speakers`` (name, role,
full_name, spoken), ``title``, ``show``, ``description``.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.ports import LanguageAnalysis
from pipeline.speakers.names.clues import Talk
from pipeline.speakers.names.mentions import fold
from pipeline.speakers.names.naming import analyse_talk
from pipeline.speakers.names.people import LEAST_SHORTENED, Key, People, alike

SAME_NAME = 0.8
"""Share of matching letters from which two whole names are spellings of one."""
SEVERAL = re.compile(r"\s(?:and|&|\+)\s")
"""In a label that several voices speak under at once."""
UNCLEAR = "?"
"""In place of a voice: the name fits several."""
ROLES = ("host", "guest")


@dataclass(frozen=True, slots=True)
class Truth:
    """Who a voice is: the labels it was published under, the whole name if known, what it does in the episode.

    ``spoken``: whether the name is said in the episode: "full", "first" or "no". ``other``: announcer, clip, audience.
    ``also``: whole names that the data gives for these labels elsewhere: in other episodes of the show, or as what
    the metadata has the label for a nickname of. A whole name is derived for each episode by itself, not published.
    """

    labels: tuple[str, ...]
    full_name: str
    role: str
    spoken: str
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.full_name, *self.labels, *self.also) if name)


@dataclass(frozen=True, slots=True)
class PublishedEpisode:
    """One episode: its turns by "Speaker 1", "Speaker 2", ... in order of appearance, and the truth by the same."""

    show: str
    title: str
    show_name: str
    description: str
    turns: tuple[tuple[str, str], ...]
    truth: dict[str, Truth]


def read_shows(folder: Path) -> dict[str, tuple[PublishedEpisode, ...]]:
    """Every episode of every show in the folder, by the name of the show's file."""
    shows = {}
    for file in sorted(folder.glob("*.jsonl.gz")):
        show = file.name.removesuffix(".jsonl.gz")
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        elsewhere = _whole_names(rows)
        shows[show] = tuple(_episode(show, row, elsewhere) for row in rows)
    return shows


def _whole_names(rows: Iterable[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """By label, every whole name that the episodes of a show give for it."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for speaker in row["speakers"]:
            if speaker["full_name"] and not SEVERAL.search(speaker["full_name"]):
                found.setdefault(speaker["name"], {})[speaker["full_name"]] = None
    return {label: tuple(names) for label, names in found.items()}


def _nicknamed(label: str, text: str) -> Iterator[str]:
    """Whole names that a text has a label for a nickname of: Ada "Countess" Lovelace."""
    for given, family in re.findall(rf"(\w+) [\"“‘'(]{re.escape(label)}[\"”’')] (\w+)", text):
        yield f"{given} {family}"


def _episode(show: str, row: dict[str, Any], elsewhere: Mapping[str, Sequence[str]]) -> PublishedEpisode:
    speakers = {speaker["name"]: speaker for speaker in row["speakers"]}
    voices: dict[str, str] = {}
    labels: dict[str, dict[str, Any]] = {}
    turns = []
    for _, _, name, text in row["turns"]:
        known = speakers.get(name, {})
        person = known.get("full_name") or name
        voice = voices.setdefault(person, f"Speaker {len(voices) + 1}")
        labels.setdefault(voice, {})[name] = known
        turns.append((voice, text))
    about = f"{row['title']}\n{row.get('description') or ''}"
    also = {name: (*elsewhere.get(name, ()), *_nicknamed(name, about)) for found in labels.values() for name in found}
    truth = {voice: _truth(list(found), list(found.values()), also) for voice, found in labels.items()}
    return PublishedEpisode(
        show, row["title"] or "", row["show"] or "", row.get("description") or "", tuple(turns), truth
    )


def _truth(labels: list[str], rows: list[dict[str, Any]], also: Mapping[str, Sequence[str]]) -> Truth:
    known = [row for row in rows if row]
    spoken = {row["spoken"] for row in known}
    return Truth(
        tuple(labels),
        next((row["full_name"] for row in known if row["full_name"]), ""),
        next((row["role"] for row in known if row["role"] not in ("", "unknown")), "unknown"),
        next((kind for kind in ("full", "first", "no") if kind in spoken), ""),
        tuple(dict.fromkeys(name for label in labels for name in also[label])),
    )


def talk_of(episode: PublishedEpisode, language: LanguageAnalysis) -> Talk:
    """The episode as naming reads it; turns of one voice in a row are joined, as the product joins them."""
    joined: list[tuple[str, str]] = []
    for voice, text in episode.turns:
        words = " ".join(text.split())
        if joined and joined[-1][0] == voice:
            joined[-1] = (voice, f"{joined[-1][1]} {words}")
        elif words:
            joined.append((voice, words))
    metadata = (episode.title, episode.show_name, episode.description)
    return analyse_talk(metadata, [text for _, text in joined], [voice for voice, _ in joined], language=language)


def voice_of(name: Key, truth: dict[str, Truth]) -> str | None:
    """The voice that bears a name; None for nobody's, UNCLEAR where several do. A given name alone is enough.

    UNCLEAR also where only an announcer or a clip was published under it: these are not asked for, yet a voice that
    says so is right.
    """
    found: dict[str, int] = {}
    aside = False
    for voice, person in truth.items():
        rank = max((_fit(name, fold(other)) for other in person.names), default=0)
        if person.role == "other":
            aside = aside or rank == 2
        elif rank:
            found[voice] = rank
    if aside and not found:
        return UNCLEAR
    best = [voice for voice, rank in found.items() if rank == max(found.values())]
    if len(best) > 1:
        return UNCLEAR
    return best[0] if best else None


def _fit(name: Key, other: Key) -> int:
    """2 where two names are the same, 1 where one is the other's given name, else 0."""
    if not name or not other:
        return 0
    if "".join(name) == "".join(other) or (
        min(len(name), len(other)) > 1 and (name[0], name[-1]) == (other[0], other[-1])
    ):
        return 2
    return int(name[0] == other[0] and min(len(name), len(other)) == 1 and len(name) == 1)


def voices_of_people(people: People, truth: dict[str, Truth]) -> dict[Key, str | None]:
    """The voice of each person; one whose given name alone fits counts where nobody fits wholly."""
    found = {key: voice_of(key, truth) for key in people.persons}
    known = {voice for key, voice in found.items() if voice and len(key) > 1}
    for key, voice in found.items():
        if voice is None and len(key) > 1:
            given = voice_of(key[:1], truth)
            if given != UNCLEAR and given not in known:
                found[key] = given
    return found


def judge(printed: str, truth: Truth) -> str:
    """Whether a printed name is the voice's: "right", "short" (a part of it alone: Dan, Daniel, Ek) or "wrong".

    Spellings that are alike are the same name. Labels that stand for several voices at once say nothing of this one's
    name. Where no whole name was published, one of the published given name, or of what that is short for, is right:
    nothing contradicts it.
    """
    names = tuple(name for name in truth.names if not SEVERAL.search(name)) or truth.names
    known = [fold(other) for other in names if fold(other)]
    name, whole = fold(printed), max(known, key=len, default=())
    if any(_fit(name, other) == 2 for other in known) and not (len(name) == 1 < len(whole)):
        return "right"
    if any(min(len(name), len(o)) > 1 and alike(" ".join(name), " ".join(o)) >= SAME_NAME for o in known):
        return "right"
    given = {other[0] for other in known}
    if len(name) == 1 and name[0] in given:
        return "short" if len(whole) > 1 else "right"
    if len(name) == 1 < len(whole) and (name[0] == whole[-1] or _begins(name[0], whole[0])):
        return "short"
    return "right" if len(whole) == 1 and (name[0] in given or _begins(name[0], whole[0])) else "wrong"


def _begins(one: str, other: str) -> bool:
    """Whether one given name is the beginning of the other, however much of it is left out: Max, Maximilian."""
    short, long = sorted((one, other), key=len)
    return len(short) >= LEAST_SHORTENED and long.startswith(short)


def word_shares(turns: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Each voice's share of the words."""
    words: Counter[str] = Counter()
    for voice, text in turns:
        words[voice] += len(text.split())
    return {voice: count / max(1, words.total()) for voice, count in words.items()}
