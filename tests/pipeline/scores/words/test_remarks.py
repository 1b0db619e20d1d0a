"""What a reader has to know of a rate before believing it."""

from __future__ import annotations

import pytest

from pipeline.scores.references import build_case
from pipeline.scores.words.remarks import word_remarks
from pipeline.scores.words.wer import score_words
from pipeline.timeline import CutList, Word

TEXT = "and so it went on all the week long until the rain came"


def remarks_of(reference, heard, language="en"):
    texts = {"reference.txt": reference, "case.json": f'{{"language": "{language}"}}'}
    case = build_case(texts, case_id="c")
    words = tuple(Word(i * 0.3, i * 0.3 + 0.3, text) for i, text in enumerate(heard.split()))
    scored = score_words(case, words, CutList((), 100.0))
    assert scored is not None
    return word_remarks(case, scored.raw)


def test_labels_that_nobody_understands_are_suspected():
    names = ["xav", "mim", "tok", "lub", "pen", "rad"]
    reference = "\n\n".join(f"{name} of york {TEXT}" for name in names)
    (said,) = remarks_of(reference, " ".join([TEXT] * 6))
    assert said.startswith("18 words at the heads of 6 paragraphs were not heard")


def test_a_recogniser_that_loses_words_anywhere_is_not_blamed_on_the_layout():
    half = " ".join(TEXT.split()[::2])
    assert remarks_of("\n\n".join([TEXT] * 6), " ".join([half] * 6)) == ()


@pytest.mark.parametrize(
    ("language", "told"), [("Japanese", "each character counts"), ("hi", "vowel signs"), ("English", "")]
)
def test_the_rule_of_counting_is_said(language, told):
    text = {"Japanese": "今日は 潮の 話", "hi": "हिन्दी में बोलते हैं", "English": "Hello there"}[language]
    said = remarks_of(text, text, language)
    assert bool(said) == bool(told) and all(told in one for one in said)


@pytest.mark.parametrize("language", ["English", "eng", "EN", "en-GB", "english"])
def test_a_language_by_any_name_is_the_language(language):
    case = build_case({"reference.txt": "Hi.", "case.json": f'{{"language": "{language}"}}'}, case_id="c")
    assert case.language == "en"


def test_mended_clocks_of_a_reference_are_told():
    said = build_case(
        {"reference.vtt": "WEBVTT\n\n00:03.000 --> 00:01.000\nHi\n\n00:05.000 --> 00:06.000\nyou\n"}, case_id="c"
    )
    assert said.remarks == (
        "reference.vtt: 1 caption that ended before it started, placed between those around (line 3)",
    )
