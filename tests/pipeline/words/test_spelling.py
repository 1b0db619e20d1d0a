"""Spelling comes from the metadata; words that were not spoken never do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timeline import Transcript, Word
from pipeline.words.spelling import fix_spelling

ABOUT = "OpenAI fights Google. WSJ’s Berber Jin explains. Jessica Mendoza hosts. Also on YouTube: ChatGPT, Sam Altman."


def heard(text: str) -> Transcript:
    return Transcript(tuple(Word(float(i), i + 0.9, w) for i, w in enumerate(text.split())), "en", "base")


def fixed(text: str, about: str = ABOUT) -> str:
    return fix_spelling(heard(text), description=about).text


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Open AI is here.", "OpenAI is here."),
        ("the open AI's lead, and", "the OpenAI's lead, and"),
        ("using Chat GPT, they", "using ChatGPT, they"),
        ("(chat-GPT) wins", "(ChatGPT) wins"),
        ("on you tube today", "on YouTube today"),
        ("our colleague, Berber Gin. He", "our colleague, Berber Jin. He"),
        ("I'm Jessica Mendosa.", "I'm Jessica Mendoza."),
        ("as Altmann said", "as Altman said"),
    ],
)
def test_the_metadata_knows_better(text, better):
    assert fixed(text) == better


@pytest.mark.parametrize(
    "text",
    [
        "They are open. AI is new.",  # a full stop between: two sentences
        "an open mind and AI",
        "Berber carpets and gin tonic",
        "Altman said",
        "we chat. GPT answers",
        "Jennifer Mendez called",
    ],
)
def test_what_was_said_stays(text):
    assert fixed(text) == text


def test_joined_words_keep_their_time():
    words = fix_spelling(heard("so open AI's lead"), title="OpenAI").words
    assert [(w.text, w.start, w.end) for w in words][1] == ("OpenAI's", 1.0, 2.9)


texts = st.lists(st.text(alphabet="abcAIGPTopenchat'.-, é", min_size=1, max_size=8), max_size=12)


@given(texts, st.text(max_size=60))
def test_letters_change_only_to_what_sounds_the_same(spoken, about):
    before = Transcript(tuple(Word(float(i), i + 0.5, w) for i, w in enumerate(spoken)), "en", "base")
    after = fix_spelling(before, description=about)
    assert (after.words[0].start, after.words[-1].end) == (0.0, len(spoken) - 0.5) if spoken else not after.words
    if not re.search(r"[A-Z][\w’'-]+ [A-Z]|\w[A-Z]", about):  # no names: only spaces and capitals may change
        assert _letters(after.text) == _letters(before.text)


@given(texts)
def test_without_metadata_nothing_changes(spoken):
    before = Transcript(tuple(Word(float(i), i + 0.5, w) for i, w in enumerate(spoken)), "en", "base")
    assert fix_spelling(before) == before


@given(texts, st.sampled_from([ABOUT, "OpenAI ChatGPT", ""]))
def test_fixing_twice_changes_nothing(spoken, about):
    before = Transcript(tuple(Word(float(i), i + 0.5, w) for i, w in enumerate(spoken)), "en", "base")
    once = fix_spelling(before, description=about)
    assert fix_spelling(once, description=about) == once


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()
