from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.scripted import ScriptedEncoder, ScriptedLanguage
from pipeline.notes.material import Material, read_material
from pipeline.notes.topics.choose import LEAST_TOPICS, NAMES, TOPICS, choose_topics
from pipeline.timeline import Word
from pipeline.words.sentences import group_segments

ENCODER = ScriptedEncoder()
TALK = "Bread needs yeast. Yeast likes warm water. Bread needs flour. Flour comes from rye. Rye likes warm water. "


def said(text: str) -> Material:
    words = [Word(i * 0.5, i * 0.5 + 0.4, part, 1.0, "A") for i, part in enumerate(text.split())]
    return read_material(group_segments(words), encoder=ENCODER, analysis=ScriptedLanguage())


def topics(text: str, *, about: str = "yeast", **known) -> list[str]:
    subject = ENCODER.encode([about])[0].astype(float)
    return [phrase.shown for phrase in choose_topics(said(text), subject, encoder=ENCODER, common={}, **known)]


def test_topics_are_what_is_said_and_near_to_the_subject():
    found = topics(TALK * 2, about="yeast")
    assert LEAST_TOPICS <= len(found) <= TOPICS + NAMES and "yeast" in found[0].lower()
    assert all(topic in TALK for topic in found)


def test_no_word_comes_twice():
    words = [word.lower() for topic in topics(TALK * 2) for word in topic.split()]
    assert len(words) == len(set(words))


def test_what_is_avoided_is_no_topic():
    assert "yeast" not in " ".join(topics(TALK * 2, avoid=["Yeast"])).lower()


def test_a_word_that_was_never_heard_surely_is_in_no_topic():
    def found(*chances: float) -> str:
        """The topics where "yeast" is heard with these chances in turn, and all else surely."""
        turns = iter(chances)
        words = [
            Word(i * 0.5, i * 0.5 + 0.4, part, next(turns) if part.lower().startswith("yeast") else 1.0, "A")
            for i, part in enumerate((TALK * 2).split())
        ]
        heard = read_material(group_segments(words), encoder=ENCODER, analysis=ScriptedLanguage())
        subject = ENCODER.encode(["yeast"])[0].astype(float)
        return " ".join(phrase.shown for phrase in choose_topics(heard, subject, encoder=ENCODER, common={})).lower()

    assert "yeast" not in found(0.5, 0.5, 0.4, 0.5)
    assert "yeast" in found(0.5, 0.5, 0.9, 0.5)


@pytest.mark.parametrize("text", ["Bread rises.", "Yes. No.", ""])
def test_too_few_topics_are_none(text):
    assert topics(text) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(TALK.split(". ")[:5]), max_size=20))
def test_the_same_talk_has_the_same_topics(parts):
    text = ". ".join(parts)
    assert topics(text) == topics(text)
    assert len(topics(text)) == 0 or LEAST_TOPICS <= len(topics(text)) <= TOPICS + NAMES
