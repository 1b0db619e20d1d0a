from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ads.opinion import GIVE_UP, MOST_ASKED, question, second_opinion
from pipeline.errors import EndpointError
from pipeline.result import AdSpan
from pipeline.timeline import Word

WORDS = tuple(Word(float(i), i + 0.9, f"w{i}") for i in range(300))
SURE = AdSpan(10, 40, 0.95)
HELD = AdSpan(100, 130, 0.5, verdict="hold")


class Model:
    """Answers the given texts one after the other, the last one again and again."""

    name = "small"

    def __init__(self, *answers: str | Exception) -> None:
        self.answers, self.asked = list(answers), []

    def ask(self, instructions: str, material: str) -> str:
        self.asked.append(material)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


def answer(verdict: object, start: object = 100.0, end: object = 130.0) -> str:
    return json.dumps({"start": start, "end": end, "verdict": verdict})


@pytest.mark.parametrize(("said", "verdict"), [("ad", "cut"), ("content", "keep"), ("unsure", "hold")])
def test_a_held_ad_is_cut_kept_or_stays_held(said, verdict):
    model = Model(f"Here you are:\n```json\n{answer(said)}\n```")
    opinion = second_opinion((SURE, HELD), WORDS, model=model)
    assert [ad.verdict for ad in opinion.ads] == ["cut", verdict] and opinion.ads[0] == SURE
    assert not opinion.warnings and len(model.asked) == 1
    assert ("second opinion (small)" in str(opinion.ads[1].evidence)) == (verdict != "hold")


def test_the_question_shows_the_stretch_and_what_is_around_it():
    text = question(HELD, WORDS)
    before, marked, after = text.split("\n\n")
    assert "w99" in before and "w100" not in before and "w100 " in marked and "w129" in marked and "w130 " in after
    assert "from 100.0 to 130.0" in marked


@pytest.mark.parametrize(
    "bad",
    [
        "I'm sorry, I cannot help with that.",
        "{}",
        "[1]",
        '{"verdict": "ad"}',
        answer("ad", 0.0, 300.0),
        answer("ad", "100", "130"),
        answer("ad", True, True),
        answer("delete everything"),
        answer(["ad"]),
        answer("ad", float("nan"), float("nan")),
        '{"start": 1e999, "end": 130, "verdict": "ad"}',
        "{" * 5000,
    ],
)
def test_what_is_no_answer_to_the_question_changes_nothing_and_is_reported(bad):
    opinion = second_opinion((SURE, HELD), WORDS, model=Model(bad))
    assert opinion.ads == (SURE, HELD) and opinion.reached
    assert len(opinion.warnings) == 1 and "stays held" in opinion.warnings[0].text
    assert (opinion.warnings[0].start, opinion.warnings[0].end) == (100, 130)


def test_an_endpoint_that_does_not_answer_is_left_alone():
    held = tuple(AdSpan(10.0 * i, 10.0 * i + 5, 0.5, verdict="hold") for i in range(6))
    model = Model(EndpointError("http://a.example", "gave no answer within 180 s"))
    opinion = second_opinion(held, WORDS, model=model)
    assert opinion.ads == held and not opinion.reached
    assert len(model.asked) == GIVE_UP and len(opinion.warnings) == len(held)


def test_no_more_are_asked_about_than_an_episode_can_have():
    held = tuple(AdSpan(5.0 * i, 5.0 * i + 4, 0.5, verdict="hold") for i in range(MOST_ASKED + 3))
    model = Model("no")
    assert len(second_opinion(held, WORDS, model=model).warnings) == MOST_ASKED + 3
    assert len(model.asked) == MOST_ASKED


spans = st.lists(st.sampled_from(["cut", "hold", "keep"]), max_size=8)


@given(spans, st.lists(st.text() | st.builds(answer, st.sampled_from(["ad", "content", "x"])), min_size=1, max_size=5))
def test_whatever_is_answered_no_new_time_is_cut_and_nothing_sure_is_touched(verdicts, answers):
    ads = tuple(AdSpan(20.0 * i, 20.0 * i + 9, 0.5, verdict=v) for i, v in enumerate(verdicts))
    opinion = second_opinion(ads, WORDS, model=Model(*answers))
    assert [(ad.start, ad.end, ad.score) for ad in opinion.ads] == [(ad.start, ad.end, ad.score) for ad in ads]
    assert all(new == old for new, old in zip(opinion.ads, ads, strict=True) if old.verdict != "hold")
