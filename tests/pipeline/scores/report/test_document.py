"""report.json and the table: counts add, absent figures are absent."""

import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.report.document import build_report
from pipeline.scores.report.table import print_table
from pipeline.scores.scoring import score_case
from pipeline.scores.words.word_errors import WordErrors
from pipeline.timeline import Span, Turn, Word
from tests.paths import ROOT
from tests.pipeline.scores.strategies import case, result, turns, words


def counts(figure: dict[str, int]) -> WordErrors:
    wrong = {part: figure[part] for part in ("substitutions", "deletions", "insertions")}
    return WordErrors.of(words=figure["words"], errors=sum(wrong.values()), **wrong)


@settings(max_examples=25)
@given(st.lists(st.tuples(words(least=1), words(), turns(), turns()), min_size=1, max_size=3))
def test_pooled_is_the_sum_of_the_cases(episodes):
    scores = [
        score_case(case(truth, turns=spoken), result(found, turns=heard)) for truth, found, spoken, heard in episodes
    ]
    report = json.loads(json.dumps(build_report(scores)))
    for name in ("wer_raw", "wer_pipeline", "cpwer"):
        summed = sum(counts(one[name]) for one in report["cases"])
        assert report["pooled"][name]["words"] == summed.words
        assert report["pooled"][name].get("rate") == pytest.approx(summed.rate)
    speech = sum(one["der"]["speech_s"] for one in report["cases"])
    wrong = sum(one["der"][part] for one in report["cases"] for part in ("missed_s", "false_alarm_s", "confusion_s"))
    if speech:
        assert report["pooled"]["der"]["rate"] == pytest.approx(wrong / speech)


def test_a_figure_without_its_reference_is_absent():
    report = build_report([score_case(Case("bare"), result([Word(0, 1, "hello")]))])
    assert report["cases"] == [{"id": "bare", "synthetic": False, "duration": 60.0}]
    assert report["pooled"] == {"cases": 1, "duration": 60.0}
    assert "bare" in print_table(report)


def full_case():
    said = [
        Word(float(t), t + 0.9, text, 1.0, "S1")
        for t, text in enumerate(["the", "memo", "was", "red", "and", "visit", "bank", "today"])
    ]
    known = Case(
        "full",
        words=tuple(ReferenceWord(w.text, "ann", Span(w.start, w.end)) for w in said),
        turns=(Turn(0, 8, "ann"),),
        ads=(Span(5, 8),),
        synthetic=True,
        provenance="script",
    )
    heard = [*said[:3], Word(3.0, 3.9, "read", 1.0, "S1"), *said[4:]]
    return known, result(heard, turns=[Turn(0, 8, "S1")], ads=[(5, 8)], cuts=[(5, 8)])


def test_every_figure_of_the_design_is_there():
    report = build_report([score_case(*full_case(), {"decode": 0.6, "transcribe": 6.0})], versions={"python": "3.11"})
    one = report["cases"][0]
    for name in ("wer_raw", "wer_masked", "wer_pipeline"):
        assert set(one[name]) >= {"rate", "substitutions", "deletions", "insertions", "words"}
    assert one["wer_masked"]["rate"] == one["wer_pipeline"]["rate"] == pytest.approx(1 / 5)
    assert one["cpwer"]["rate"] == pytest.approx(1 / 8)
    assert one["tcpwer"]["rate"] == pytest.approx(1 / 8)
    assert one["wder"]["rate"] == 0
    assert set(one["der"]) >= {"rate", "miss", "false_alarm", "confusion"}
    matrix = {"reference": ["ann"], "found": ["S1"], "seconds": [[8.0]], "pairs": [["ann", "S1"]]}
    assert one["confusion"] == matrix
    assert one["speakers"] == {"reference": 1, "found": 1}
    ads = {"precision", "recall", "f1", "f05", "words_removed_share", "content_words_lost", "content_seconds_lost"}
    assert set(one["ads"]) >= ads
    assert (one["ads"]["words_removed_share"], one["ads"]["content_words_lost"]) == (1.0, 0)
    assert one["rtf"] == {"decode": pytest.approx(0.01), "transcribe": pytest.approx(0.1), "total": pytest.approx(0.11)}
    assert (report["version"], report["versions"]["python"], report["weights"]) == (1, "3.11", {})


def test_the_table_of_one_case_names_what_it_is():
    table = print_table(build_report([score_case(*full_case(), {"decode": 0.6})]))
    assert table.startswith("full (synthetic rendering; spoken from the reference text)\n")
    assert "WER masked" in table
    assert "20.00 %  1 substituted, 0 deleted, 0 inserted of 5 words" in table


def test_the_table_of_several_cases_has_a_row_each_and_their_sum():
    score = score_case(*full_case())
    lines = print_table(build_report([score, score])).splitlines()
    assert lines[0].split()[:3] == ["per", "cent", "raw"]
    assert [line.split()[0] for line in lines[2:4]] == ["full", "full"]
    assert lines[5].startswith("all 2")
    assert len({len(line) for line in (lines[1], lines[2], lines[3], lines[5])}) == 1


def test_every_report_keeps_to_the_schema():
    known, heard = full_case()
    bare = score_case(Case("bare"), result([Word(0, 1, "hello")]))
    control = score_case(replace(known, ads=(), provenance="machine", reference_error=0.1), heard)
    run = score_case(known, result([*heard.transcript.words[:3], *([Word(3, 4, "ad")] * 20)]), {"decode": 1.0})
    for scores in ([bare], [score_case(known, heard)], [bare, control, run, *[score_case(known, heard)] * 4]):
        report = build_report(scores, baseline=build_report(scores[:1]))
        jsonschema.validate(report, json.loads((ROOT / "pipeline/scores/report/report.schema.json").read_text()))
    assert "runs" in report["cases"][2]
    assert "agreement" in report["cases"][1]["wer_raw"]
    assert "intervals" in report["pooled"]["ads"]


def test_the_table_of_several_cases_lists_what_was_left_in_or_lost():
    said = [Word(float(t), t + 0.9, "memo") for t in range(20)]
    scores = score_case(replace(full_case()[0], id="lost", words=tuple(ReferenceWord(w.text) for w in said)), result())
    table = print_table(build_report([scores, score_case(*full_case())]))
    assert "lost: content lost? 0:00 20 words, never heard: memo memo" in table


def test_means_over_episodes_are_the_benchmarks_own():
    known, heard = full_case()
    report = build_report([score_case(known, heard), score_case(known, result(heard.transcript.words))])
    assert report["pooled"]["ads_mean"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "f05": 0.5, "episodes": 2}


@pytest.mark.parametrize("width", [60, 80, 200])
def test_tables_keep_to_the_width_of_a_terminal(width):
    score = score_case(*full_case(), {"decode": 0.6, "transcribe": 3.0})
    long = score_case(replace(full_case()[0], id="a-recording-with-a-long-name"), full_case()[1])
    for scores in ([score], [score, long]):
        report = build_report(scores)
        folded, whole = print_table(report, width=width), print_table(report)
        assert max(map(len, folded.splitlines())) <= width
        words = [{word for word in text.split() if word.strip("-")} for text in (whole, folded)]
        assert words[0] == words[1]
