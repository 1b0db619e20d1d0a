from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.records.result_json import parse_result, print_result
from pipeline.result import AdSpan, Chapter, Episode, Evidence, Mention, Notes, Quote, Result, Speaker, Warning
from pipeline.timeline import CutList, Span, Transcript, Turn, Word
from tests.paths import ROOT

times = st.integers(0, 10_000_000).map(lambda ms: ms / 1000)
shares = st.integers(0, 10_000).map(lambda share: share / 10_000)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def spans(kind, *parts):
    return st.tuples(times, times, *parts).map(lambda x: kind(min(x[:2]), max(x[:2]), *x[2:]))


def several(items):
    return st.lists(items, max_size=3).map(tuple)


evidence = st.builds(Evidence, st.sampled_from(["phrase", "model", "voice"]), texts, st.none() | times)
chapters = several(spans(Chapter, texts, texts))
quotes = several(spans(Quote, texts, texts))
results = st.builds(
    Result,
    episode=st.builds(
        Episode, texts, texts, times, texts, texts, texts, texts, texts,
        st.dictionaries(texts, texts, max_size=3), chapters,
    ),
    transcript=st.builds(
        Transcript, several(spans(Word, texts, shares, st.none() | texts)), texts, texts
    ),
    turns=several(spans(Turn, texts)),
    speakers=several(st.builds(Speaker, texts, texts, texts, shares, several(evidence))),
    ads=several(
        spans(AdSpan, shares, st.sampled_from(["sponsor", "spot"]), several(evidence), st.just("hold"), texts)
    ),
    cuts=st.tuples(several(spans(Span)), times).map(lambda x: CutList.of(x[0], duration=x[1])),
    chapters=chapters,
    notes=st.builds(
        Notes, quotes, quotes, quotes,
        several(st.builds(Mention, st.sampled_from(["person", "link"]), texts, several(times), texts)),
    ),
    warnings=several(spans(Warning, texts, texts)),
)  # fmt: skip

SCHEMA = json.loads((ROOT / "pipeline/formats/records/result.schema.json").read_text())


@given(results)
def test_what_is_printed_reads_back_as_it_was(result):
    text = print_result(result)
    assert parse_result(text) == result
    assert print_result(parse_result(text)) == text


@given(results)
def test_every_result_follows_the_schema(result):
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(print_result(result)))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Word, "word"), (Turn, "turn"), (AdSpan, "ad"), (Evidence, "evidence"), (Speaker, "speaker"), (Chapter, "chapter"),
     (Quote, "quote"), (Mention, "mention"), (Warning, "warning"), (Span, "span")],
)  # fmt: skip
def test_the_schema_names_every_field(kind, name):
    assert list(SCHEMA["$defs"][name]["properties"]) == [field.name for field in fields(kind)]


@pytest.mark.parametrize(("kind", "name"), [(Episode, "episode"), (CutList, "cuts"), (Notes, "notes")])
def test_the_schema_names_every_field_of_single_parts(kind, name):
    assert list(SCHEMA["properties"][name]["properties"]) == [field.name for field in fields(kind)]


@pytest.mark.parametrize(
    "broken",
    [
        {"version": 2},
        {"extra": 1},
        {"words": [{"start": -1.0, "end": 0.0, "text": "a", "probability": 1, "speaker": None}]},
    ],
)
def test_the_schema_refuses_what_is_not_a_result(kitchen: Result, broken):
    document = json.loads(print_result(kitchen)) | broken
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_golden(kitchen: Result, golden: Callable[[str, str], None]):
    golden("result.json", print_result(kitchen))


def test_times_are_rounded_to_the_millisecond_and_are_never_minus_zero(kitchen: Result):
    word = Word(1.23456, 2.0004, "a", 0.123456)
    text = print_result(Result(kitchen.episode, Transcript((word,), "en", "m"), (), (), (), CutList((), 9.0)))
    assert json.loads(text)["words"][0] == {
        "start": 1.235,
        "end": 2.0,
        "text": "a",
        "probability": 0.1235,
        "speaker": None,
    }


def test_a_number_that_is_none_is_refused(kitchen: Result):
    with pytest.raises(ValueError):
        print_result(Result(kitchen.episode, Transcript((), "en", "m"), (), (), (), CutList((), math.nan)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(version=7), "version 7"),
        (lambda d: d.pop("words"), "not a result"),
        (lambda d: d["words"][3].update(start="soon"), "transcript.words[3].start should be a number, found 'soon'"),
        (lambda d: d["words"][3].update(start=99.0, end=1.0), "transcript.words[3]"),
        (lambda d: d["episode"].pop("sha256"), "episode has no 'sha256'"),
        (lambda d: d["ads"][0].update(kind="joke"), "ads[0].kind should be one of"),
    ],
)
def test_what_is_wrong_is_said_in_words(kitchen: Result, change, said: str):
    document = json.loads(print_result(kitchen))
    change(document)
    with pytest.raises(FormatError, match=r"^my\.json.*") as caught:
        parse_result(json.dumps(document), path="my.json")
    assert said in str(caught.value)


def test_text_that_is_no_json_names_the_line():
    with pytest.raises(FormatError, match=r"my\.json, line 2: is not JSON"):
        parse_result('{\n"version" 1}', path="my.json")
