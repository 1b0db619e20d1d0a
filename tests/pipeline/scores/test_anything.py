"""Whatever comes out of a run, and whatever a case knows: it is scored, it is reported, and the page is whole."""

import json

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.result import Chapter
from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.report.document import build_report
from pipeline.scores.report.page import print_report_html
from pipeline.scores.report.table import print_table
from pipeline.scores.scoring import score_case
from pipeline.timeline import Span, Word
from tests.paths import ROOT
from tests.pipeline.scores.report.test_page import checked
from tests.pipeline.scores.strategies import result, turns

seconds = st.integers(0, 60_000).map(lambda ms: ms / 1000)
lengths = st.integers(0, 9_000).map(lambda ms: ms / 1000)
spans = st.builds(lambda start, length: Span(start, start + length), seconds, lengths)
texts = st.sampled_from(
    [
        "the",
        "Code",
        "red.",
        "twenty",
        "five",
        "—",
        "uh",
        "(laughs)",
        "can't",
        "東京",
        "",
        "<b>",
        "&amp;",
        "openai",
        "open",
        "ai",
    ]
)
speakers = st.sampled_from([None, "A", "Speaker 1", "b c"])
found_words = st.lists(
    st.builds(lambda span, text, speaker: Word(span.start, span.end, text, 0.5, speaker), spans, texts, speakers),
    max_size=30,
).map(lambda words: tuple(sorted(words, key=lambda word: word.start)))


@st.composite
def cases(draw):
    timed, marked = draw(st.booleans()), draw(st.booleans())
    words = tuple(
        ReferenceWord(
            draw(texts), draw(speakers), draw(spans) if timed else None, draw(st.booleans()) if marked else None
        )
        for _ in range(draw(st.integers(0, 25)))
    )
    return Case(
        "any",
        words=words,
        turns=draw(st.none() | turns()),
        scored=draw(st.none() | st.lists(spans.filter(lambda s: s.duration > 0), min_size=1, max_size=2).map(tuple)),
        ads=draw(st.none() | st.lists(spans, max_size=3).map(tuple)),
        chapters=draw(
            st.none() | st.lists(st.builds(lambda s: Chapter(s.start, s.end, "x"), spans), max_size=4).map(tuple)
        ),
        names=draw(st.none() | st.just(("Ann Lee",))),
        synthetic=draw(st.booleans()),
        provenance=draw(st.sampled_from(["human", "machine", "script", "unstated"])),
        reference_error=draw(st.none() | st.just(0.01)),
        language=draw(st.sampled_from(["", "en", "de", "ja"])),
    )


@st.composite
def results(draw):
    pairs = [(span.start, min(60.0, span.end)) for span in draw(st.lists(spans, max_size=3)) if span.start < 60]
    return result(draw(found_words), turns=draw(turns("XY")), ads=pairs, cuts=pairs if draw(st.booleans()) else ())


@settings(max_examples=15)
@given(st.lists(st.tuples(cases(), results()), min_size=1, max_size=6))
def test_everything_is_scored_and_shown(pairs):
    scores = [score_case(case, heard, {"decode": 0.5}) for case, heard in pairs]
    report = build_report(scores, baseline=build_report(scores[:1]))
    jsonschema.validate(report, json.loads((ROOT / "pipeline/scores/report/report.schema.json").read_text()))
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert print_table(report)
    checked(print_report_html(report, scores))
