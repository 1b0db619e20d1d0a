"""Names in analysed text: where they begin and end."""

import pytest

from models.scripted import ScriptedLanguage
from pipeline.language import AnalysedText, Token, TokenSpan
from pipeline.speakers.names.mentions import find_mentions, fold


def forms(text: str) -> list[str]:
    return [mention.form for mention in find_mentions(ScriptedLanguage().analyse([text]))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("my guest is Ada Lovelace, who writes", ["Ada Lovelace"]),
        ("hello, Hi Ben, how are you", ["Ben"]),  # a greeting that the tagger takes for a name
        ("this is the Ruth Adler Podcast again", ["Ruth Adler"]),
        ("with Professor Ida Berg today", ["Ida Berg"]),
        ("so Harbour CEO Ada Lovelace wrote", ["Ada Lovelace"]),
        ("well, Kent C. said so", ["Kent"]),  # an initial whose family name was lost is no name
        ("so I asked Be- Ben Okafor then", ["Ben Okafor"]),
        ("nobody is named here", []),
    ],
)
def test_a_name_is_neither_cut_off_nor_longer_than_it_is(text: str, names: list[str]) -> None:
    assert forms(text) == names


def test_text_without_grammar_names_nobody() -> None:
    text = AnalysedText("Hola Ana", (Token("Hola", 0, True, 0), Token("Ana", 5, False, 1)), (TokenSpan(0, 2),))
    assert find_mentions([text]) == ()


def test_spellings_of_one_name_fold_to_one_key() -> None:
    assert fold("Zoë O’Neil") == fold("zoe O'Neil") == ("zoe", "oneil")
    assert fold("Prof. Berg’s") == ("berg",)
