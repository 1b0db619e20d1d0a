"""What a clue says of how a name is used: to somebody, or of somebody."""

import pytest

from models.scripted import ScriptedLanguage
from pipeline.speakers.names.clues import Talk, find_clues
from pipeline.speakers.names.mentions import find_mentions
from pipeline.speakers.names.people import list_people


def features(*turns: str) -> set[str]:
    """Those of the first name, about anybody."""
    texts = ScriptedLanguage().analyse(["", "", "", *turns], language="en")
    talk = Talk.of(texts[:3], texts[3:], [f"Voice {number % 2}" for number in range(len(turns))])
    mentions = find_mentions(texts)
    clues, _ = find_clues(talk, mentions, list_people(mentions, texts[:3]))
    return set(next(clue.features for clue in clues if clue.relation == "any"))


@pytest.mark.parametrize(
    ("text", "there", "missing"),
    [
        (
            "well, Priya, what do you think?",
            {"spoken_to", "you", "spoken_to you=True", "spoken_to ?", "sentences_left=0"},
            {"they"},
        ),
        ("what Priya said of her boat is right. It rains. Go on.", {"they", "sentences_left=2"}, {"spoken_to", "you"}),
        ("thanks, Priya. You were great.", {"spoken_to", "you", "sentences_left=1"}, {"spoken_to ?", "they"}),
        ("it was Priya's.", set(), {"spoken_to", "you", "they"}),
    ],
)
def test_who_is_spoken_to_and_who_is_spoken_of(text: str, there: set[str], missing: set[str]) -> None:
    found = features(text, "Yes.")
    assert there <= found and not missing & found
