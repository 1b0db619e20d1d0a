"""Files of any tool: read in every format alike, and scored on what they say, never on what they do not."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats.nist.ctm import print_ctm
from pipeline.formats.nist.stm import print_stm
from pipeline.formats.records.result_json import parse_result, print_result
from pipeline.formats.records.rttm import print_rttm
from pipeline.result import Chapter
from pipeline.scores.hypothesis import build_hypothesis, score_hypothesis
from pipeline.scores.report.document import case_figures
from pipeline.scores.scoring import score_case
from pipeline.timeline import Span, Turn
from tests.pipeline.scores.report.test_document import full_case
from tests.pipeline.scores.strategies import case, result, turns, words

CASE, HEARD = full_case()
SAID = " ".join(word.text for word in HEARD.transcript.words)


def figures(texts, known=CASE):
    return case_figures(score_hypothesis(known, build_hypothesis(texts, name="tool")))


@settings(max_examples=12)
@given(words(least=1), words(least=1), turns())
def test_a_result_is_scored_as_the_run_scores_it(truth, found, spoken):
    known = case(truth, turns=spoken, ads=(Span(1.0, 9.0),))
    text = print_result(result(found, turns=spoken, ads=[(2.0, 9.0)], cuts=[(2.0, 9.0)]))
    ours = figures({"result.json": text}, known)
    assert ours == case_figures(score_case(known, parse_result(text)))


@settings(max_examples=12)
@given(words(least=1), words(least=1))
def test_every_format_of_the_same_words_gives_the_same_error_rate(truth, found):
    known = case(truth)
    heard = [[word.start, word.end, word.text] for word in found]
    texts = {
        "reference.ctm": print_ctm(found),
        "reference.stm": print_stm(found),
        "words.json": json.dumps({"words": heard}),
        "reference.txt": " ".join(word.text for word in found),
    }
    rates = {name: figures({name: text}, known)["wer_raw"] for name, text in texts.items()}
    assert len({json.dumps(rate) for rate in rates.values()}) == 1


def test_a_text_has_no_times_no_speakers_and_no_ads():
    found = figures({"reference.txt": SAID})
    assert found["wer_raw"]["rate"] == pytest.approx(1 / 8)
    assert found["wer_masked"]["rate"] == pytest.approx(1 / 5)  # by the alignment: the case's words have times
    assert found["wer_pipeline"]["words"] == 5  # nothing is cut, so the ad is three words too many
    assert found["wer_pipeline"]["insertions"] == 3
    assert not {"cpwer", "tcpwer", "wder", "der", "jer", "ads", "speakers", "notes"} & found.keys()
    assert found["times"] == "assumed"
    assert "times" not in figures({"reference.rttm": print_rttm([Turn(0, 4, "x")])})


def test_an_rttm_has_turns_alone():
    found = figures({"reference.rttm": print_rttm([Turn(0, 4, "x")])})
    assert found["der"]["rate"] == pytest.approx(0.5)
    assert found["speakers"] == {"reference": 1, "found": 1}
    assert not {"wer_raw", "cer", "cpwer", "ads"} & found.keys()


def test_a_text_with_names_has_speakers_but_not_when():
    found = figures({"reference.txt": f"Speaker 1 {SAID}"})
    assert found["cpwer"]["rate"] == pytest.approx(1 / 8)
    assert found["wder"]["rate"] == 0
    assert found["speakers"] == {"reference": 1, "found": 1}
    assert "der" not in found and "tcpwer" not in found


def test_ads_that_a_tool_finds_are_taken_as_cut():
    timed = json.dumps({"words": [[w.start, w.end, w.text] for w in HEARD.transcript.words]})
    found = figures({"words.json": timed, "ads.json": '{"ads": [[5, 8]]}'})
    assert found["ads"]["f1"] == 1.0
    assert found["ads"]["words_removed_share"] == 1.0
    assert found["wer_pipeline"]["rate"] == found["wer_masked"]["rate"] == pytest.approx(1 / 5)
    alone = figures({"ads.json": '{"ads": [[5, 8]]}'})
    assert alone["ads"]["f1"] == 1.0 and "wer_raw" not in alone
    beside_text = figures({"reference.txt": SAID, "ads.json": '{"ads": [[5, 8]]}'})
    assert beside_text["ads"]["f1"] == 1.0
    assert beside_text["wer_pipeline"]["insertions"] == 3  # which words the cut takes is not known


def test_of_several_transcripts_the_one_that_says_most_is_scored():
    timed = json.dumps({"words": [[w.start, w.end, w.text] for w in HEARD.transcript.words]})
    assert "tcpwer" not in figures({"reference.txt": "Nothing else.", "words.json": timed})
    assert figures({"reference.txt": "Nothing else.", "words.json": timed})["wer_raw"]["rate"] == pytest.approx(1 / 8)


@settings(max_examples=15)
@given(st.data())
def test_nothing_that_a_tool_says_is_scored_without_a_reference(data):
    found = data.draw(words(least=1))
    bare = figures({"reference.stm": print_stm(found), "ads.json": '{"ads": [[1, 2]]}'}, case())
    assert set(bare) == {"id", "synthetic", "duration"}


def test_names_and_chapters_of_a_tool_are_scored():
    known = replace(CASE, names=("Ann Lee",), named_voices={"ann": "Ann Lee"}, chapters=(Chapter(0, 8, "One"),))
    timed = {
        "words": [{"start": w.start, "end": w.end, "text": w.text, "speaker": "S 1"} for w in HEARD.transcript.words]
    }
    texts = {"words.json": json.dumps(timed), "names.json": '{"names": {"S 1": "Ann Lea"}}'}
    assert figures(texts, known)["notes"] == {"names": {"right": 1, "wrong": 0, "missed": 0}}
    chapters = '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "One"}]}'
    assert set(figures({"chapters.json": chapters}, known)["notes"]) == {"chapters"}
