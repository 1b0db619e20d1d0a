"""What is shown of the words around a name: whose turns they are, and that the name is hidden."""

import numpy as np
import pytest

from models.scripted import ScriptedLanguage
from pipeline.ports import NameWindow
from pipeline.speakers.hearing import MOST_ODDS, hear_names, heard_numbers, name_windows
from pipeline.speakers.names.clues import RELATIONS, Clue, Talk, find_clues
from pipeline.speakers.names.mentions import Mention, find_mentions
from pipeline.speakers.names.people import People, list_people


def read(*turns: tuple[str, str]) -> tuple[Talk, People, tuple[Clue, ...]]:
    texts = ScriptedLanguage().analyse(["", "", "", *(text for _, text in turns)], language="en")
    talk = Talk.of(texts[:3], texts[3:], [voice for voice, _ in turns])
    mentions = find_mentions(texts)
    people = list_people(mentions, texts[:3])
    return talk, people, find_clues(talk, mentions, people)[0]


def window_of(form: str, *turns: tuple[str, str]) -> NameWindow:
    found = name_windows(*read(*turns))
    return next(window for mention, window in found.items() if mention.form == form)


def test_every_name_of_the_person_is_hidden_and_no_other() -> None:
    window = window_of("Ada Holt", ("A", "Here is Ada Holt with Bo Lind."), ("B", "Thanks to Ada Holt, yes."))
    assert [turn.parts for turn in window.turns] == [("Here is ", " with Bo Lind."), ("Thanks to ", ", yes.")]
    assert (window.turn, window.name) == (0, 0)


@pytest.mark.parametrize(
    ("voices", "standings"),
    [
        ("BAB", ["both", "own", "both"]),
        ("BAC", ["before", "own", "next"]),
        ("CBABA", ["other", "both", "own", "both", "own"]),
    ],
)
def test_turns_are_told_by_how_their_voice_stands_to_the_name(voices: str, standings: list[str]) -> None:
    turns = [(voice, "it rains") for voice in voices]
    middle = voices.index("A")
    turns[middle] = ("A", "so Ada Holt said")
    window = window_of("Ada Holt", *turns)
    assert [turn.voice for turn in window.turns] == standings
    assert [turn.new for turn in window.turns] == [voice not in voices[:n] for n, voice in enumerate(voices)]


def test_each_name_is_heard_as_the_judge_says() -> None:
    class Judge:
        def odds(self, windows: tuple[NameWindow, ...]) -> np.ndarray:
            return np.arange(len(windows) * len(RELATIONS), dtype=float).reshape(len(windows), -1)

    talk, people, clues = read(("A", "Here is Ada Holt with Bo Lind."), ("B", "Thanks."))
    heard = hear_names(talk, people, clues, Judge())
    mentions: list[Mention] = list(heard)
    assert {mention.form for mention in mentions} == {"Ada Holt", "Bo Lind"}
    assert heard[mentions[1]] == dict(zip(RELATIONS, range(len(RELATIONS), 2 * len(RELATIONS)), strict=True))
    assert hear_names(talk, people, clues, None) == {}
    assert hear_names(*read(("A", "it rains")), Judge()) == {}


def test_odds_are_kept_within_bounds() -> None:
    assert heard_numbers(99.0)["heard yes"] == heard_numbers(-99.0)["heard no"] == MOST_ODDS
    assert heard_numbers(None) == {}
