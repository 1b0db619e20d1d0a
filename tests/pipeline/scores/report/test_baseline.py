"""The guard: silent about chance, loud about losses."""

import copy
from dataclasses import replace

import numpy as np

from pipeline.scores.report.baseline import compare_reports, print_moves
from pipeline.scores.report.document import build_report
from pipeline.scores.scoring import score_case
from tests.pipeline.scores.report.test_document import full_case


def passages(errors, size=50):
    total = sum(errors)
    words = size * len(errors)
    return {"rate": total / words, "words": words, "passages": [int(one) for one in errors]}


def report(**figures):
    return {"version": 1, "cases": [{"id": "seed", "synthetic": True, **figures}], "pooled": {}}


def verdicts(before, after):
    return {move.label: move.verdict for move in compare_reports(after, before)}


def test_a_report_has_not_moved_from_itself():
    known, heard = full_case()
    same = build_report([score_case(*full_case(), {"decode": 1.0}), score_case(replace(known, id="other"), heard)])
    moves = compare_reports(same, copy.deepcopy(same))
    assert {move.verdict for move in moves} == {"same"}
    assert {move.case for move in moves} == {"full", "other", "all"}
    assert not any(move.verdict == "worse" for move in moves)
    assert print_moves(moves) == f"baseline: {len(moves)} figures, none moved\n"


def test_a_word_here_and_one_less_there_is_chance():
    errors = np.random.default_rng(0).poisson(2.0, 60)
    other = errors.copy()
    other[3] += 1
    other[9] = max(0, other[9] - 1)
    other[20] += 1
    assert verdicts(report(wer_raw=passages(errors)), report(wer_raw=passages(other))) == {"WER raw": "same"}


def test_a_small_loss_all_over_is_seen_although_the_intervals_overlap():
    """Half a point more in every third passage: far inside the interval of the figure itself."""
    errors = np.random.default_rng(0).poisson(2.0, 60)
    worse = errors + (np.arange(60) % 3 == 0)
    before, after = report(wer_raw=passages(errors)), report(wer_raw=passages(worse))
    assert after["cases"][0]["wer_raw"]["rate"] - before["cases"][0]["wer_raw"]["rate"] < 0.007
    assert verdicts(before, after) == {"WER raw": "worse"}
    assert verdicts(after, before) == {"WER raw": "better"}


def test_rates_without_passages_are_held_to_the_baselines_interval():
    before = report(cpwer={"rate": 0.05, "interval": {"low": 0.04, "high": 0.06, "over": "episodes", "parts": 9}})
    assert verdicts(before, report(cpwer={"rate": 0.059})) == {"cpWER": "same"}
    assert verdicts(before, report(cpwer={"rate": 0.07})) == {"cpWER": "worse"}
    assert verdicts(before, report(cpwer={"rate": 0.03})) == {"cpWER": "better"}


def test_counts_have_no_tolerance():
    before = report(ads={"f1": 1.0, "content_words_lost": 0, "words_removed_share": 1.0})
    after = report(ads={"f1": 0.8, "content_words_lost": 3, "words_removed_share": 1.0})
    assert verdicts(before, after) == {"ads F1": "worse", "content words lost": "worse", "ad words removed": "same"}
    text = print_moves(compare_reports(after, before))
    assert text == "baseline: seed: ads F1 1 -> 0.8 (worse)\nbaseline: seed: content words lost 0 -> 3 (worse)\n"


def test_a_figure_that_is_no_longer_measured_is_a_loss():
    moves = compare_reports(report(), report(der={"rate": 0.05}))
    assert [(move.label, move.verdict) for move in moves] == [("DER", "worse")]
    assert any(move.verdict == "worse" for move in moves)
    better = compare_reports(report(der={"rate": 0.05}), report())
    assert not any(move.verdict == "worse" for move in better)


def test_other_cases_have_nothing_in_common():
    other = {"version": 1, "cases": [{"id": "mine", "synthetic": False, "wer_raw": {"rate": 0.5}}], "pooled": {}}
    assert compare_reports(other, report(wer_raw={"rate": 0.1})) == ()
    assert "no case in common" in print_moves(())
