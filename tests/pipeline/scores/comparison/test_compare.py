"""Two systems over the same recordings: what differs is found, what does not is not, and every word is counted."""

import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CleancastError
from pipeline.scores.case import ReferenceWord
from pipeline.scores.comparison.compare import System, compare_systems
from pipeline.scores.comparison.kinds import kinds_of
from pipeline.scores.comparison.page import print_comparison_html
from pipeline.scores.comparison.table import print_comparison
from pipeline.scores.comparison.words import split_words, view_words
from pipeline.scores.report.csv_rows import print_csv
from pipeline.scores.report.document import build_report
from pipeline.scores.scoring import score_case
from pipeline.scores.words.normalise import tokenise
from pipeline.timeline import Word
from tests.paths import ROOT
from tests.pipeline.scores.report.test_document import full_case
from tests.pipeline.scores.report.test_page import checked
from tests.pipeline.scores.strategies import case, result, words

episodes = st.lists(st.tuples(words(least=1), words(), words()), min_size=1, max_size=7)


def systems(found):
    sides = []
    for side, name in ((1, "one"), (2, "other")):
        scores = [score_case(replace(case(row[0]), id=f"e{i}"), result(row[side])) for i, row in enumerate(found)]
        sides.append(System(name, tuple(scores)))
    return tuple(sides)


def verdicts(comparison):
    return {row.measure.label: row.differences[0] and row.differences[0].verdict for row in comparison.rows}


@settings(max_examples=8)
@given(episodes)
def test_a_system_does_not_differ_from_itself(found):
    one, _ = systems(found)
    rows = compare_systems([one, replace(one, name="again")]).rows
    differences = [row.differences[0] for row in rows if row.differences[0] is not None]
    assert all(difference.value == 0 and difference.verdict in ("same", "unknown") for difference in differences)


@settings(max_examples=8)
@given(episodes)
def test_figures_are_the_reports_and_differences_are_their_differences(found):
    one, other = systems(found)
    comparison, turned = compare_systems([one, other]), compare_systems([other, one])
    pooled = [build_report(system.scores)["pooled"] for system in (one, other)]
    for row, back in zip(comparison.rows, turned.rows, strict=True):
        assert row.values == tuple(pytest.approx(row.measure.value(side)) for side in pooled)
        if row.differences[0] is not None:
            assert row.differences[0].value == pytest.approx(row.values[1] - row.values[0])
            assert row.differences[0].value == pytest.approx(-back.differences[0].value)


@settings(max_examples=8)
@given(episodes)
def test_every_word_of_the_references_is_counted_once(found):
    comparison = compare_systems(systems(found))
    counts = comparison.words
    assert counts.words == counts.all_right + counts.none_right + sum(counts.only)
    assert counts.words == sum(group.words for group in comparison.groups if group.sort == "kind")
    for index, system in enumerate(systems(found)):
        hits = sum(score.words.raw.errors.hits for score in system.scores)
        errors = sum(score.words.raw.errors.errors for score in system.scores)
        assert counts.all_right + counts.only[index] == hits
        assert sum(sum(one.bins[index]) for one in comparison.cases if one.bins) == errors


def made(errors, name):
    """Five recordings of 200 words, of which ``errors`` in each are wrong."""
    scores = []
    for number in range(5):
        said = tuple(Word(i * 0.5, i * 0.5 + 0.4, f"w{'abcdefghij'[i % 10]}x") for i in range(100))
        heard = [replace(w, text="bad") if i % 10 < errors + (i + number) % 2 else w for i, w in enumerate(said)]
        scores.append(score_case(replace(case(said), id=str(number)), result(heard)))
    return System(name, tuple(scores))


def test_a_real_difference_is_called_so_and_one_by_chance_is_not():
    good, bad = made(1, "good"), made(3, "bad")
    assert verdicts(compare_systems([good, bad]))["WER raw"] == "worse"
    assert verdicts(compare_systems([bad, good]))["WER raw"] == "better"
    assert compare_systems([good, bad]).rows[0].differences[0].over == "recordings"
    few = compare_systems([System("a", good.scores[:1]), System("b", bad.scores[:1])])
    assert few.rows[0].differences[0].verdict == "unknown"  # two passages say nothing


def test_only_recordings_that_all_have_are_compared():
    good, bad = made(1, "good"), made(3, "bad")
    comparison = compare_systems([good, System("bad", bad.scores[1:3])])
    assert [one.id for one in comparison.cases] == ["1", "2"]
    assert comparison.left_out == (("bad", ("0", "3", "4")),)
    with pytest.raises(CleancastError, match="no recording in common"):
        compare_systems([System("a", good.scores[:1]), System("b", bad.scores[1:])])


def test_words_that_only_one_has_right_come_in_rows_with_both_sides():
    said = [
        Word(float(t), t + 0.9, text, 1.0, "A") for t, text in enumerate(["the", "plan", "was", "new", "and", "good"])
    ]
    one = [replace(said[1], text="clan"), replace(said[2], text="is")]
    first = score_case(case(said), result([said[0], *one, *said[3:]]))
    second = score_case(case(said), result([*said[:4], *said[5:]]))
    splits = split_words(view_words([first, second]))
    assert [(s.reference, s.found, s.right, s.at) for s in splits] == [
        ("plan was", ("clan is", "plan was"), (False, True), 1.0),
        ("and", ("and", ""), (True, False), 4.0),
    ]


def test_names_are_capitals_that_the_place_does_not_explain():
    texts = ["Yesterday", "I", "met", "Ada", "Holm.", "She", "said:", "We", "sold", "25", "boats.", "I'm", "glad."]
    tokens = tokenise(texts)
    kinds = {token.text: kind for token, kind in zip(tokens, kinds_of(tokens, texts), strict=True)}
    assert (kinds["ada"], kinds["holm"], kinds["25"], kinds["boats"]) == ("name", "name", "number", "other")
    assert (kinds["she"], kinds["we"], kinds["i"]) == ("short", "short", "short")
    shouted = ["ALL", "OF", "THIS", "IS", "LOUD"]
    assert "name" not in kinds_of(tokenise(shouted), shouted)
    assert "name" not in kinds_of(tokenise(["ein", "Haus"]), ["ein", "Haus"], language="de")


@settings(max_examples=4)
@given(episodes)
def test_page_table_json_and_csv_are_whole(found):
    sides = systems(found)
    comparison = compare_systems([*sides, replace(sides[0], name="<third> & last")])
    checked(print_comparison_html(comparison))
    schema = json.loads((ROOT / "pipeline/scores/comparison/comparison.schema.json").read_text())
    jsonschema.validate(json.loads(json.dumps(comparison.figure(), allow_nan=False)), schema)
    text = print_comparison(compare_systems(sides))
    assert max(map(len, text.splitlines())) <= 80
    rows = print_csv({side.name: build_report(side.scores) for side in sides}).splitlines()
    assert len(rows) == 1 + 2 * (len(found) + 1)


def test_every_kind_of_figure_is_compared():
    known, heard = full_case()
    scores = [score_case(known, heard), score_case(known, replace(heard, turns=()))]
    comparison = compare_systems([System(name, (score,)) for name, score in zip("ab", scores, strict=True)])
    labels = {row.measure.label for row in comparison.rows}
    assert labels >= {"WER raw", "WER masked", "WER pipeline", "CER", "cpWER", "tcpWER", "WDER", "DER", "JER", "ads F1"}
    assert known.words[0] == ReferenceWord("the", "ann", known.words[0].span)
    checked(print_comparison_html(comparison))
