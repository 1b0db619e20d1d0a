from pathlib import Path

import pytest

from models.language import MOST_CHARACTERS, SpacyLanguage, _pieces
from models.weights.installed import locate
from pipeline.errors import WeightsError


@pytest.fixture(scope="module")
def english() -> SpacyLanguage:
    try:
        locate("spacy-en")
    except WeightsError as error:
        pytest.skip(str(error))
    return SpacyLanguage()


@pytest.mark.weights
def test_english_has_grammar_names_and_sentences(english: SpacyLanguage) -> None:
    text = "Welcome to the show. My guest today is Ada Lovelace."
    (analysed,) = english.analyse([text])
    assert analysed.parsed
    assert [analysed.text_of(sentence) for sentence in analysed.sentences] == [
        "Welcome to the show.",
        "My guest today is Ada Lovelace.",
    ]
    assert [(analysed.text_of(entity), entity.label) for entity in analysed.entities if entity.label == "PERSON"] == [
        ("Ada Lovelace", "PERSON")
    ]
    assert "My guest" in [analysed.text_of(phrase) for phrase in analysed.noun_phrases]
    verb = next(token for token in analysed.tokens if token.text == "is")
    assert (verb.lemma, verb.pos, verb.tag) == ("be", "AUX", "VBZ")
    assert analysed.tokens[verb.head] is verb
    guest = next(token for token in analysed.tokens if token.text == "guest")
    assert (guest.dep, analysed.tokens[guest.head].text) == ("nsubj", "is")


@pytest.mark.weights
def test_a_long_text_is_analysed_in_pieces_and_comes_back_whole(english: SpacyLanguage) -> None:
    text = "The guest answered the question. " * (MOST_CHARACTERS // 30)
    long, short = english.analyse([text, "Thanks, Maya."])
    assert len(text) > MOST_CHARACTERS
    assert all(text[token.start : token.end] == token.text for token in long.tokens)
    assert {long.text_of(sentence) for sentence in long.sentences} == {"The guest answered the question."}
    assert all(0 <= token.head < len(long.tokens) for token in long.tokens)
    assert short.text == "Thanks, Maya."


def test_pieces_join_to_the_text_and_are_cut_at_white_space() -> None:
    for text in ("", "word " * 9000, "x" * (2 * MOST_CHARACTERS + 1), "A sentence. " * 5000):
        pieces = list(_pieces(text))
        assert "".join(pieces) == text
        assert all(len(piece) <= MOST_CHARACTERS for piece in pieces)
    assert all(piece.endswith(" ") for piece in _pieces("word " * 9000))


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("es", "Hola a todos. ¿Qué tal?", 2),
        ("ja", "こんにちは。元気ですか。", 2),
        ("haw", "Aloha. Mahalo nui.", 2),  # a language that spaCy does not know
    ],
)
def test_other_languages_have_sentences_and_no_grammar(language: str, text: str, count: int) -> None:
    (analysed,) = SpacyLanguage(Path("never-read")).analyse([text], language=language)
    assert not analysed.parsed
    assert len(analysed.sentences) == count
    assert not analysed.entities and not analysed.noun_phrases
    assert {token.pos for token in analysed.tokens} == {""}


def test_missing_weights_say_which_command_brings_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLEANCAST_CACHE", str(tmp_path))
    with pytest.raises(WeightsError, match="cleancast models pull spacy-en"):
        SpacyLanguage().analyse(["Hello."])
