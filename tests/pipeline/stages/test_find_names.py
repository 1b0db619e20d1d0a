from __future__ import annotations

import pytest

from models.scripted import ScriptedEncoder
from pipeline.stages.find_names import find_names
from pipeline.stages.group_segments import group_segments
from pipeline.timeline import Word

TEXT = (
    "Last week Sam Altman wrote to the staff of OpenAI. Altman said the Bank of America was watching. "
    "However, nobody at OpenAI agreed. Speed matters, and speed wins. The tool called Nano Banana went viral. "
    "Dr. Lee Moreno of Boston University disagreed on Monday."
)


def names_in(text: str, encoder=None) -> dict[str, tuple[str, int]]:
    words = [Word(float(i), i + 1.0, part) for i, part in enumerate(text.split())]
    found = find_names(group_segments(words), encoder=encoder or ScriptedEncoder(), people=["Sam Altman"])
    return {name.text: (name.kind, len(name.at)) for name in found}


def test_names_are_found_whole_and_short_forms_join_long_ones():
    names = names_in(TEXT)
    assert set(names) >= {"Sam Altman", "OpenAI", "Bank of America", "Nano Banana", "Lee Moreno", "Boston University"}
    assert names["Sam Altman"] == ("person", 2) and names["OpenAI"][1] == 2
    assert not {"However", "Speed", "Last", "Monday", "Altman"} & set(names)


def test_last_words_tell_organisations():
    names = names_in(TEXT)
    assert names["Boston University"][0] == "organisation" and names["Bank of America"][0] == "organisation"


@pytest.mark.weights
def test_the_networks_idea_of_names():
    minilm = pytest.importorskip("models.minilm")
    names = names_in(TEXT + " She left Microsoft for Spotify. Angela Ruiz joined Nvidia.", minilm.MiniLmEncoder())
    assert names["Lee Moreno"][0] == "person" and names["Angela Ruiz"][0] == "person"
    assert names["Microsoft"][0] == "organisation" and names["Spotify"][0] == "organisation"
