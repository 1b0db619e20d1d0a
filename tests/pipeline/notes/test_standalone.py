from __future__ import annotations

import pytest

from pipeline.notes.standalone import is_announcement, is_housekeeping, judge_sentence
from pipeline.timeline import Segment, Word


def judged(text: str):
    words = tuple(Word(float(i), i + 1.0, part) for i, part in enumerate(text.split()))
    return judge_sentence(Segment(0.0, float(len(words)), words, "A"))


@pytest.mark.parametrize(
    "text",
    [
        "The company that sparked the race is in danger of losing its lead.",
        "Last month, the new model outperformed its rival in benchmark tests.",
        "Google announced a plan to build three data centers in Ohio.",
        "As the lead was slipping, the message from the chief executive was clear.",
    ],
)
def test_these_stand_alone(text: str):
    assert judged(text).alone >= 0.9


@pytest.mark.parametrize(
    "text",
    [
        "He covers artificial intelligence for the paper in New York.",
        "They thought the chatbot became too cold and distant.",
        "Was actually in Benson, a five minute walk from the car.",
        "O standing for Omni, which means that the model can process text.",
        "Because the company needs more money than it has.",
        "A very long walk along the river.",
        "This is exactly what the researchers were afraid of.",
        "That is where the conversation gets interesting for listeners.",
        "In that picture there is a version of it on the right.",
        "and the other half of the sentence never arrived here",
        "One that the family's private detective really helps put together.",
        "Computer science and did some research on the human brain.",
        "Where one student comes in and says something about the test.",
        "The race to find a virus that started on the ship after the pool revealed it.",
        "Within hours of that call the family drives to North Carolina.",
        "If you are a student and you rely on these online classes.",
        "That led to the school pulling its website offline for finals.",
    ],
)
def test_these_do_not(text: str):
    assert judged(text).alone < 0.55


def test_a_marker_in_front_goes_and_the_rest_is_exact():
    sentence = judged("But, you know, the model was very popular with its users.")
    assert sentence.text == "The model was very popular with its users."
    assert [w.text for w in sentence.words] == ["the", "model", "was", "very", "popular", "with", "its", "users."]
    assert sentence.start == 3.0 and not sentence.exact
    assert judged("The model was very popular with its users.").exact


@pytest.mark.parametrize(
    "text",
    [
        "Welcome to the show.",
        "Thanks for listening.",
        "Before we go, send us a voice note.",
        "Coming up, more on this.",
    ],
)
def test_the_show_talking_of_itself_is_not_content(text: str):
    assert is_housekeeping(text)


def test_saying_what_it_is_about_is_content():
    text = "Today we're talking about bread, and I'm joined by Ada Park, a baker."
    assert is_announcement(text) and not is_housekeeping(text) and not judged(text).personal
    for start in ("This is the story of", "It's about", "Because today's story is about"):
        assert is_announcement(f"{start} a baker.")
    assert not is_announcement("This is the daily news for Friday.")


def test_questions_without_their_mark_are_no_statements():
    assert not judged("How are you going to get to the truth of that.").declarative
    assert judged("What the team found was a hole in the wall.").declarative
    assert judged("When the truth keeps bending, the police asked again.").alone >= 0.55


def test_a_bridge_from_the_sentence_before_goes():
    assert judged("Also in the news, Sony announced its earnings for the year.").text.startswith("Sony announced")
