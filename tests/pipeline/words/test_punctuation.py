from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timeline import Word
from pipeline.words.punctuation import mend_punctuation


def spoken(text: str, *, pause_s: float = 0.5) -> tuple[Word, ...]:
    """Words of half a second; ``|`` is a pause, ``/`` a change of speaker."""
    words, clock, speaker = [], 0.0, 1
    for part in text.split():
        clock += pause_s * (part == "|")
        speaker += part == "/"
        if part not in "|/":
            words.append(Word(clock, clock + 0.5, part, 0.9, f"Speaker {speaker}"))
            clock += 0.5
    return tuple(words)


USUAL = (
    "It grew and he said the bread of the day, which it is, and the oven of the town. He said it, which he did, of all "
    "the user knows, and user habits of the user and user. "
) * 5
"""How the words are written elsewhere in the same transcript."""


def mended(text: str, *, before: str = "", **options) -> str:
    words = mend_punctuation(spoken(f"{before} \u2014 {text}"), **options)
    return " ".join(word.text for word in words[len(before.split()) + 1 :])


@pytest.mark.parametrize(
    ("heard", "printed"),
    [
        ("an emergency. | telling staff to stop.", "an emergency, telling staff to stop."),
        ("a research team. | which cares first.", "a research team, which cares first."),
        ("the pieces. | of sheet metal.", "the pieces of sheet metal."),
        ("That is my claim. | he knows the answer.", "That is my claim. He knows the answer."),
        ("through the walls. / and the bot agreed.", "through the walls. And the bot agreed."),
        ("and their ambitions, | It would still fall.", "and their ambitions, it would still fall."),
        ("this plays out at | The framing of it.", "this plays out at the framing of it."),
        ("the high-minded projects | He says this matters.", "the high-minded projects. He says this matters."),
        ("better in the short term, | User habits.", "better in the short term, user habits."),
    ],
)
def test_halves_of_a_sentence_meet(heard: str, printed: str):
    assert mended(heard, before=USUAL) == printed


@pytest.mark.parametrize(
    "text",
    [
        "Dr. No met Mr. Li at 3 p.m. on Monday.",
        "the U.S. economy and eBay. iPhone sales rose.",
        "on our show, The Journal, she said, | Leave me alone.",
        "will will will will will will he ask | Will about it, as I ask Will and then Will.",
        "a film called | In the Gray, written by us.",
        "on a Monday in | May.",
        "we said | I'm late and | I know.",
        "what if... you know. Why? because.",
    ],
)
def test_what_may_be_right_stays(text: str):
    assert mended(text, before=USUAL) == text.replace("| ", "")


def test_a_capital_without_a_pause_is_the_recognisers_choice():
    heard = "stash stash stash stash stash and then Stash comes in."
    assert mended(heard) == heard
    assert mended(heard.replace("Stash", "| Stash")) == "stash stash stash stash stash and then stash comes in."


def test_other_languages_come_back_as_they_are():
    assert mended("das Haus. und der Hund.", language="de") == "das Haus. und der Hund."


parts = st.sampled_from(
    ["He", "and.", "the", "it's", "An", "U.S.", "end.", "3.5", "telling,", "User", "which", "\u2014", "...", "(so",
     "Why?", "|", "/", "iPhone", "Mr."]
)  # fmt: skip


@given(st.lists(parts, max_size=25).map(" ".join))
def test_only_stops_commas_and_first_letters_change(text: str):
    before = spoken(text)
    after = mend_punctuation(before)
    bare = [[re.sub(r"[.,]$", "", word.text).lower() for word in words] for words in (before, after)]
    assert bare[0] == bare[1]
    assert [(w.start, w.end, w.speaker, w.probability) for w in before] == [
        (w.start, w.end, w.speaker, w.probability) for w in after
    ]
