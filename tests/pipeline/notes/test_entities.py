from __future__ import annotations

import pytest

from models.scripted import ScriptedEncoder
from pipeline.notes.entities import find_names
from pipeline.timeline import Word
from pipeline.words.sentences import group_segments

TEXT = (
    "Last week Sam Altman wrote to the staff of OpenAI. Altman said the Bank of America was watching. "
    "However, nobody at OpenAI agreed. Speed matters, and speed wins. The tool called Nano Banana went viral. "
    "Dr. Lee Moreno of Boston University disagreed on Monday."
)


def names_in(text: str, encoder=None) -> dict[str, tuple[str, int]]:
    words = [Word(float(i), i + 1.0, part) for i, part in enumerate(text.split())]
    segments = group_segments(words)
    found = find_names(segments, encoder=encoder or ScriptedEncoder(), people=["Sam Altman"], sites=["acme.com/go"])
    return {name.text: (name.kind, len(name.at)) for name in found}


def test_names_are_found_whole_and_short_forms_join_long_ones():
    names = names_in(TEXT)
    assert set(names) >= {"Sam Altman", "OpenAI", "Bank of America", "Nano Banana", "Lee Moreno", "Boston University"}
    assert names["Sam Altman"] == ("person", 2) and names["OpenAI"][1] == 2
    assert not {"However", "Speed", "Last", "Monday", "Altman"} & set(names)


def test_who_owns_a_spoken_address_is_an_organisation():
    assert names_in("They bought it from Acme today, and Acme sent it.")["Acme"][0] == "organisation"


def test_last_words_tell_organisations():
    names = names_in(TEXT)
    assert names["Boston University"][0] == "organisation" and names["Bank of America"][0] == "organisation"


def test_titles_are_no_part_of_a_name():
    names = names_in("They asked Benson Police Chief Greg Percy. Chief Percy said no, and Percy left.")
    assert names["Greg Percy"] == ("person", 3) and "Benson Police Chief Greg Percy" not in names


def test_two_people_in_a_row_are_two_people():
    talk = "We spoke to Doug Brooks today. " + "Then Doug spoke of Oslo. Then Brooks spoke of Rome. " * 4
    assert {"Doug", "Brooks"} <= set(names_in(talk)) and "Doug Brooks" not in names_in(talk)


def test_a_stray_capital_before_a_name_is_no_part_of_it():
    talk = "They fixed the Core ChatGPT experience. " + "The team said ChatGPT is slow. " * 3
    assert names_in(talk)["ChatGPT"][1] == 4 and "Core ChatGPT" not in names_in(talk)


@pytest.mark.weights
def test_what_is_in_doubt_is_no_person_and_no_organisation():
    minilm = pytest.importorskip("models.encoder")
    names = names_in(
        "She met Ted Vanta and Vanta today. The PhD on UFOs used a Participant list and a Video Generation tool. "
        "The FBI called. They praised Linear too.",
        minilm.MiniLmEncoder(),
    )
    printed = {name for name, (kind, _) in names.items() if kind in ("person", "organisation", "work")}
    assert printed == {"Ted Vanta", "FBI"}


@pytest.mark.weights
def test_the_networks_idea_of_names():
    minilm = pytest.importorskip("models.encoder")
    names = names_in(TEXT + " She left Microsoft for Spotify. Angela Ruiz joined Nvidia.", minilm.MiniLmEncoder())
    assert names["Lee Moreno"][0] == "person" and names["Angela Ruiz"][0] == "person"
    assert names["Microsoft"][0] == "organisation" and names["Spotify"][0] == "organisation"
