from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.notes.rewrite_check import said_in, sentences_of, unsupported, unsupported_title
from pipeline.timeline import Word

TEXT = (
    "Last week Sam Altman told the staff of OpenAI that ChatGPT comes first, and Google's Gemini 3 grew by 40% to two "
    "million users. Altman called it a code red. Jessica asked why the well-known company needs $1,400 billion. "
    "It was founded in 2015, said Maria Mendoza."
)
SAID = said_in(
    (Word(float(i), i + 1.0, word) for i, word in enumerate(TEXT.split())), names=["Jessica Mendoza", "Berber Jin"]
)


@pytest.mark.parametrize(
    "text",
    [
        "Sam Altman's memo told OpenAI's staff that ChatGPT comes first.",
        "Jessica Mendoza asks Berber Jin why Google's Gemini grows.",
        "Gemini 3 has grown to 2 million users.",
        "Altman called it a “code red” last week.",
        "The company, founded in 2015, needs 1400 billion.",
        "A well-known company is under pressure.",
        "Why did it happen?",
    ],
)
def test_what_was_said_may_be_written(text):
    assert unsupported(text, SAID) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Elon Musk told the staff that ChatGPT comes first.", "the name “Elon”"),
        ("Microsoft comes first.", "the name “Microsoft”"),
        ("Sam Mendoza told the staff.", "the name “sam mendoza”"),
        ("Gemini 4 has grown.", "the number 4"),
        ("Gemini has grown to three million users.", "the number 3000000"),
        ("It has a billion or a trillion users.", "the number 1000000000"),
        ("It grew by 41%.", "the number 41%"),
        ("It was founded in 2016.", "the number 2016"),
        ("Altman called it a “red alert” last week.", "the quotation “red alert”"),
        ('Altman called it a "code blue" last week.', "the quotation “code blue”"),
        ("Visit openai.com for more.", "markup or an address"),
        ("The **company** grew.", "markup or an address"),
        ("<script>alert(1)</script>", "markup or an address"),
        ("I'm sorry, I cannot write that.", "no sentence about the episode"),
        ("As an AI language model I grew.", "no sentence about the episode"),
    ],
)
def test_what_was_not_said_is_named(text, why):
    assert why in unsupported(text, SAID)


def test_every_word_of_a_title_was_said():
    assert unsupported_title("Why ChatGPT Comes First", SAID) == ""
    assert unsupported_title("Google's Gemini and the Code Red", SAID) == ""
    assert "Apple" in unsupported_title("Why Apple Comes First", SAID)
    assert "4" in unsupported_title("Gemini 4", SAID)


def test_sentences():
    assert sentences_of("One is here. Dr. No came! And") == ["One is here.", "Dr. No came!", "And"]
    assert sentences_of("") == []


some_words = st.lists(st.sampled_from(TEXT.split()), min_size=1, max_size=8)


@given(some_words, st.sampled_from(["Zuckerberg", "77", "Quibi's"]))
def test_a_foreign_name_or_number_never_passes(words, foreign):
    for text in (" ".join([*words, foreign]), " ".join([foreign, *words])):
        assert unsupported(text, SAID) and unsupported_title(text, SAID)


@given(st.text(max_size=80))
def test_any_text_is_judged(text):
    assert isinstance(unsupported(text, SAID) + unsupported_title(text, SAID), str)
