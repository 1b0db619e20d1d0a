"""A small made-up episode, and the golden files it prints to."""

from __future__ import annotations

import os
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.result import (
    AdSpan,
    Chapter,
    Coverage,
    Episode,
    Evidence,
    Mention,
    Notes,
    Quote,
    Result,
    Speaker,
    Warning,
)
from pipeline.timeline import CutList, Span, Transcript, Turn, Word
from tests import paths

GOLDEN = paths.GOLDEN / "kitchen"

SCRIPT = [
    ("Speaker 1", "Welcome to Kitchen Science. I'm Ada Park, and today we ask why bread rises."),
    ("Speaker 2", "It's the yeast, of course: a living thing that breathes out gas & warms the dough."),
    ("Speaker 1", "Dr. Lee Moreno bakes for a living <and studies it>. How long does it take?"),
    ("Speaker 3", "This show is brought to you by Ovenly. Go to ovenly dot com slash bread for ten percent off."),
    ("Speaker 2", "About four hours, at twenty-one degrees. A cold kitchen can double that, and a sourdough starter "
     "that has been neglected in the refrigerator may need the better part of a day before it does anything."),
    ("Speaker 1", "Really?"),
    ("Speaker 2", "Really. See flourlab.org/antidisestablishmentarianism-guide for the numbers."),
    ("Speaker 1", "That's all for today. Thanks for listening."),
]  # fmt: skip
SECONDS_A_CHARACTER = 0.06
PAUSE_S = 0.4


def _spoken() -> tuple[list[Word], list[Turn]]:
    words: list[Word] = []
    turns: list[Turn] = []
    now = 0.5
    for speaker, text in SCRIPT:
        begin = now
        for part in text.split():
            end = round(now + SECONDS_A_CHARACTER * (len(part) + 1), 3)
            words.append(Word(now, round(end - 0.02, 3), part, 0.9, speaker))
            now = end
        turns.append(Turn(begin, round(now - 0.02, 3), speaker))
        now = round(now + PAUSE_S, 3)
    return words, turns


@pytest.fixture
def kitchen() -> Result:
    """One sponsor read, cut out; two people, one of them named in full; every kind of note."""
    words, turns = _spoken()
    ad = next(turn for turn in turns if turn.speaker == "Speaker 3")
    removed = Span(round(ad.start - 0.2, 3), round(ad.end + 0.2, 3))
    duration = round(turns[-1].end + 1.0, 3)
    evidence = (Evidence("phrase", "brought to you by Ovenly", round(ad.start + 0.5, 3)), Evidence("model", "0.98"))
    middle = turns[4].start
    return Result(
        episode=Episode(
            "why-bread-rises", "why-bread-rises.mp3", duration, "0" * 64, "Why Bread <Rises>", "Kitchen Science",
            "Ada Park asks a baker.", "2026-01-05", {"artist": "Ada Park"},
        ),
        transcript=Transcript(tuple(words), "en", "base"),
        turns=tuple(turns),
        speakers=(
            Speaker("Speaker 1", "Ada Park", "host", 0.97, (Evidence("phrase", "I'm Ada Park", 3.0),)),
            Speaker("Speaker 2", "Lee Moreno", "guest", 0.8),
            Speaker("Speaker 3", "", "ad"),
        ),
        ads=(AdSpan(removed.start, removed.end, 0.98, "spot", evidence, "cut", "Ovenly"),),
        cuts=CutList.of([removed], duration=duration),
        chapters=(Chapter(0.0, middle, "Why Bread Rises"), Chapter(middle, duration, "Cold Kitchens")),
        notes=Notes(
            summary=(Quote(turns[1].start, turns[1].end, SCRIPT[1][1], "Speaker 2"),),
            points=(Quote(turns[4].start, turns[4].end, "A cold kitchen can double that.", "Speaker 2"),),
            quotes=(Quote(turns[1].start, turns[1].end, SCRIPT[1][1], "Speaker 2"),),
            mentions=(
                Mention("person", "Lee Moreno", (turns[2].start,)),
                Mention("link", "flourlab.org", (turns[6].start,), "https://flourlab.org"),
            ),
        ),
        warnings=(Warning(1.0, 1.5, "silence", "speech without words"),),
        coverage=Coverage(duration - 2.0, 0.9875, unheard=(Span(1.0, 2.5),)),
    )  # fmt: skip


@pytest.fixture
def marked(kitchen: Result) -> Result:
    """The same episode with its ad left in (``--ads mark``)."""
    return replace(kitchen, cuts=CutList.of([], duration=kitchen.episode.duration))


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare text with a reviewed file; ``UPDATE_GOLDEN=1`` rewrites it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8")

    return compare


def write_silence(path: Path, seconds: float) -> None:
    """A silent sound file of that length."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * round(8000 * seconds))


@pytest.fixture
def episode_folder(kitchen: Result, tmp_path: Path) -> Path:
    """The page of the kitchen episode with its clean sound and its original beside it."""
    from pipeline.formats.pages.episode_page import print_episode_page

    write_silence(tmp_path / "clean.wav", kitchen.cuts.clean_duration)
    write_silence(tmp_path / "original.wav", kitchen.cuts.duration)
    page = print_episode_page(kitchen, audio="clean.wav", original="original.wav")
    (tmp_path / "episode.html").write_text(page, encoding="utf-8")
    return tmp_path
