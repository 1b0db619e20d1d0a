from __future__ import annotations

import json

import pytest

from pipeline.errors import EndpointError
from pipeline.notes.rewrite import rewrite_notes
from pipeline.result import Chapter, Notes, Quote, Speaker
from pipeline.timeline import Word
from pipeline.words.sentences import group_segments

TALK = (
    "Ada Park bakes rye bread in Oslo every morning. The yeast needs four hours to rise in the cold. "
    "Then the oven goes to 250 degrees for the crust. People in Oslo queue for the bread until noon."
)
WORDS = tuple(Word(i * 0.5, i * 0.5 + 0.4, text, 1.0, "Speaker 1") for i, text in enumerate(TALK.split()))
SEGMENTS = group_segments(WORDS)
QUOTES = tuple(Quote(s.start, s.end, s.text, "Speaker 1") for s in SEGMENTS)
NOTES = Notes(summary=QUOTES[:2], points=QUOTES[2:], quotes=QUOTES[:1])
CHAPTERS = (Chapter(0.0, 9.0, "Rye Bread"), Chapter(9.0, 20.0, "Oven"))
SPEAKERS = (Speaker("Speaker 1", "Lee Moreno"),)
GOOD = {
    "summary": "Ada Park bakes rye bread in Oslo. Lee Moreno tells why the yeast needs four hours.",
    "titles": ["How the rye bread rises", "Oven and crust"],
    "points": ["For the crust the oven is at 250 degrees.", "The people of Oslo queue for bread until noon."],
}


class Model:
    """Answers each of the three questions with what it is given under its name; an error is raised."""

    name = "small"

    def __init__(self, **answers: object) -> None:
        self.answers = {**GOOD, **answers}
        self.asked: list[str] = []

    def ask(self, instructions: str, material: str) -> str:
        self.asked.append(material)
        wanted = next(name for name in GOOD if f'"{name}"' in instructions)
        answer = self.answers[wanted]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else json.dumps({wanted: answer}) if answer != "raw" else "no JSON"


def rewritten(*, given: bool = False, **answers: object):
    return rewrite_notes(NOTES, CHAPTERS, SEGMENTS, SPEAKERS, model=Model(**answers), given=given)


def test_what_holds_takes_the_place_of_what_was_chosen_and_keeps_its_time():
    found = rewritten()
    assert not found.warnings and found.reached and found.notes.rewritten_by == "small"
    assert " ".join(q.text for q in found.notes.summary) == GOOD["summary"]
    assert [q.start for q in found.notes.points] == [q.start for q in NOTES.points]
    assert [q.text for q in found.notes.points] == GOOD["points"]
    assert [(c.start, c.title) for c in found.chapters] == [(0.0, "How the Rye Bread Rises"), (9.0, "Oven and Crust")]
    assert found.notes.quotes == NOTES.quotes


def test_the_creators_own_chapters_stay():
    assert rewritten(given=True).chapters == CHAPTERS


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"summary": "Ada Park bakes in Bergen. It is bread."}, "summary is not used: the name “Bergen”"),
        ({"summary": "Ada Park bakes bread."}, "not 2 to 4 sentences"),
        ({"summary": "Bread rises. " * 90}, "not 2 to 4 sentences"),
        ({"summary": ["Ada", "bakes"]}, 'holds no "summary"'),
        ({"summary": EndpointError("http://a.example", "gave no answer within 180 s")}, "gave no answer"),
        ({"titles": ["The breads of Rome", "Oven and crust"]}, "title is not used: “Rome” was not said"),
        ({"titles": ["Rye bread"]}, "one text for each of the 2"),
        ({"titles": ["Oven", "Bread"]}, "another chapter has it"),
        ({"titles": [7, None]}, "one text for each of the 2"),
        ({"titles": ["the yeast and the oven and the bread and the crust and Oslo", "Oven and crust"]}, "longer than"),
        ({"points": ["The oven is at 300 degrees.", "People queue."]}, "key point is not used: the number 300"),
        ({"points": ["It is hot", "People queue."]}, "not one sentence"),
        ({"points": "raw"}, "no JSON object"),
    ],
)
def test_what_does_not_hold_leaves_the_transcripts_own_words_and_is_reported(answers, why):
    found = rewritten(**answers)
    assert len(found.warnings) == 1 and why in found.warnings[0].text
    name = next(iter(answers))
    if name == "summary":
        assert found.notes.summary == NOTES.summary and [q.text for q in found.notes.points] == GOOD["points"]
    elif name == "titles":
        assert found.chapters[0] == CHAPTERS[0]
    else:
        assert found.notes.points[0] == NOTES.points[0]
    assert found.reached == (not isinstance(answers[name], Exception))


def test_nothing_of_use_leaves_everything_and_says_so():
    found = rewritten(summary="raw", titles="raw", points="raw")
    assert (found.notes, found.chapters) == (NOTES, CHAPTERS) and len(found.warnings) == 3


def test_an_episode_without_words_asks_nothing():
    model = Model()
    found = rewrite_notes(Notes(), (), (), (), model=model)
    assert found.notes == Notes() and model.asked == []


def test_a_long_episode_is_shown_in_excerpts():
    words = tuple(Word(i * 0.5, i * 0.5 + 0.4, "bread.", 1.0, "A") for i in range(20_000))
    model = Model()
    chapters = tuple(Chapter(i * 1000.0, (i + 1) * 1000.0, f"Part {i}") for i in range(10))
    rewrite_notes(NOTES, chapters, group_segments(words), (), model=model)
    assert all(len(material.split()) < 2600 for material in model.asked)
