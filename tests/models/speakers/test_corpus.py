"""Published names as they are compared with printed ones."""

import gzip
import json
from pathlib import Path

import pytest

from models.speakers.corpus import UNCLEAR, PublishedEpisode, Truth, judge, read_shows, voice_of
from models.speakers.misspelling import misspell

ADA = Truth(("Ada", "Ada Lovelace"), "Ada Lovelace", "host", "full")
CY = Truth(("Cy", "Cy and Di"), "Cy and Di", "host", "first")
BO = Truth(("Bo",), "", "guest", "first")
SAM = Truth(("Sam",), "", "guest", "first")
MAX = Truth(("Maximilian Holm",), "Maximilian Holm", "host", "full")


@pytest.mark.parametrize(
    ("printed", "truth", "verdict"),
    [
        ("Ada Lovelace", ADA, "right"),
        ("Ada Lovelase", ADA, "right"),
        ("Ada", ADA, "short"),
        ("Ada Byron", ADA, "wrong"),
        ("Ada L.", ADA, "wrong"),
        ("Lovelace", ADA, "short"),
        ("Bo", BO, "right"),
        ("Bo Lind", BO, "right"),  # nobody knows the family name
        ("Samuel Lind", SAM, "right"),
        ("Sandra Lind", SAM, "wrong"),
        ("Cy Holm", CY, "right"),
        ("Di", CY, "wrong"),
        ("Max", MAX, "short"),
        ("Mac", MAX, "wrong"),
        ("Promise", BO, "wrong"),
    ],
)
def test_a_printed_name_is_right_short_or_wrong(printed: str, truth: Truth, verdict: str) -> None:
    assert judge(printed, truth) == verdict


def test_a_given_name_means_its_only_bearer() -> None:
    truth = {"Speaker 1": ADA, "Speaker 2": BO}
    assert voice_of(("ada",), truth) == "Speaker 1"
    assert voice_of(("ada", "lovelace"), truth) == "Speaker 1"
    assert voice_of(("ada", "byron"), truth) is None
    several = {"Speaker 1": Truth((), "Ada Holt", "host", "full"), "Speaker 2": Truth((), "Ada Byron", "guest", "full")}
    assert voice_of(("ada",), several) == UNCLEAR


def test_the_name_of_an_announcer_is_neither_a_voices_nor_nobodys() -> None:
    truth = {"Speaker 1": ADA, "Speaker 2": Truth(("Dee Moss",), "Dee Moss", "other", "full")}
    assert voice_of(("dee", "moss"), truth) == UNCLEAR
    assert voice_of(("dee", "holt"), truth) is None


def test_the_whole_name_of_a_label_is_known_from_the_shows_other_episodes_and_from_nicknames(tmp_path: Path) -> None:
    def row(whole: str, description: str = "") -> dict[str, object]:
        speakers = [
            {"name": "Ada", "full_name": whole, "role": "host", "spoken": "first"},
            {"name": "Countess", "full_name": "", "role": "guest", "spoken": "first"},
        ]
        turns = [[None, None, "Ada", "Hello."], [None, None, "Countess", "Hi."]]
        return {"title": "", "show": "", "description": description, "speakers": speakers, "turns": turns}

    rows = [row("Ada Holt"), row("Ada Byron", "with Mary 'Countess' Lind"), row("Ada and Bo")]
    with gzip.open(tmp_path / "waters.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write("\n".join(json.dumps(each) for each in rows))
    first, second, _ = read_shows(tmp_path)["waters"]
    assert judge("Ada Holt", second.truth["Speaker 1"]) == judge("Ada Byron", first.truth["Speaker 1"]) == "right"
    assert judge("Ada and Bo", first.truth["Speaker 1"]) == "wrong"
    assert judge("Mary Lind", second.truth["Speaker 2"]) == "right"
    assert judge("Mary Lind", first.truth["Speaker 2"]) == "wrong"


def test_names_misheard_on_purpose_are_counted() -> None:
    said = ["with", "Marek", "Novotny", "of", "RockShox", "today", ".", "Marek", "Novotny", "rides"]
    episode = PublishedEpisode("x", "Marek Novotny", "", "RockShox", (("Speaker 1", " ".join(said)),), {})
    found = misspell([episode])
    assert found.misheard == 3
    assert found.words == len(said)
    assert found.spoilt == 0
