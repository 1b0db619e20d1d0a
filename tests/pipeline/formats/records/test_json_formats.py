"""The smaller JSON files: transcript, chapters, ads, cuts, words."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Cue
from pipeline.formats.captions.srt import print_srt
from pipeline.formats.captions.vtt import print_vtt
from pipeline.formats.captions.word_files import parse_word_file
from pipeline.formats.captions.words_json import WordList, parse_sentences, parse_words
from pipeline.formats.records.ads_json import parse_ads, print_ads
from pipeline.formats.records.chapters_json import clean_chapters, parse_chapters, print_chapters
from pipeline.formats.records.cuts_json import print_cuts
from pipeline.formats.transcripts import transcript_json
from pipeline.formats.transcripts.transcript_json import print_transcript_json
from pipeline.result import AdSpan, Chapter, Evidence, Result
from pipeline.timeline import CutList, Span, Word

times = st.integers(0, 10_000_000).map(lambda ms: ms / 1000)
shares = st.integers(0, 10_000).map(lambda share: share / 10_000)
texts = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)


def spans(kind, *parts):
    return st.tuples(times, times, *parts).map(lambda x: kind(min(x[:2]), max(x[:2]), *x[2:]))


def ordered(items):
    return st.lists(items, max_size=5).map(lambda found: tuple(sorted(found, key=lambda s: s.start)))


SIGNS_OF_VOICES = ":\uff1a>\u00bb\uff1e-\u2010\u2011\u2012\u2013\u2014\u2015"
lines = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters=SIGNS_OF_VOICES), min_size=1, max_size=12
)


@given(ordered(spans(Cue, lines, st.just("") | texts)))
def test_transcript_json_reads_back_as_it_was(cues):
    assert parse_sentences(transcript_json.print_cues(cues)) == cues


@given(
    ordered(spans(AdSpan, shares, st.just("spot"), st.lists(st.builds(Evidence, st.just("phrase"), texts)).map(tuple)))
)
def test_ads_json_reads_back_as_it_was(ads):
    assert parse_ads(print_ads(ads)) == ads


@given(ordered(spans(Span)), times)
def test_cuts_json_says_what_was_cut(removed, duration):
    cuts = CutList.of(removed, duration=duration)
    told = json.loads(print_cuts(cuts))
    assert CutList(tuple(Span(s["start"], s["end"]) for s in told["removed"]), told["duration"]) == cuts


@given(ordered(spans(Word, texts)), texts, texts, texts)
def test_words_json_is_read(words, title, show, description):
    known = WordList(words, title, show, description)
    document = {"title": title, "show": show, "description": description}
    document["words"] = [[word.start, word.end, word.text] for word in words]
    assert parse_words(json.dumps(document)) == known


def test_golden(kitchen: Result, marked: Result, golden: Callable[[str, str], None]):
    golden("transcript.json", print_transcript_json(kitchen))
    golden("chapters.json", print_chapters(kitchen))
    golden("marked.chapters.json", print_chapters(marked))
    golden("ads.json", print_ads(kitchen.ads))
    golden("cuts.json", print_cuts(kitchen.cuts))


def test_chapters_read_back_on_the_clean_clock(kitchen: Result):
    expected = clean_chapters(kitchen.chapters, kitchen.cuts)
    found = parse_chapters(print_chapters(kitchen))
    assert [c.title for c in found] == [c.title for c in expected]
    for a, b in zip(found, expected, strict=True):
        assert (a.start, a.end) == pytest.approx((b.start, b.end), abs=0.001)


def test_an_ad_that_stayed_is_a_silent_chapter(marked: Result):
    entries = json.loads(print_chapters(marked))["chapters"]
    assert [e["title"] for e in entries if e.get("toc") is False] == ["Ad: Ovenly"]
    assert len(parse_chapters(print_chapters(marked))) == 2


def test_a_chapter_swallowed_by_a_cut_is_gone():
    cuts = CutList.of([Span(10.0, 20.0)], duration=60.0)
    chapters = [Chapter(0, 10, "a"), Chapter(10, 20, "sponsor"), Chapter(20, 60, "b")]
    assert clean_chapters(chapters, cuts) == (Chapter(0, 10, "a"), Chapter(10, 50, "b"))


def test_chapters_of_others_are_read():
    raw = [{"startTime": 60, "title": "B", "img": "x"}, {"startTime": 0, "title": "A"}, {"startTime": 5, "toc": False}]
    text = json.dumps({"version": "1.1.0", "chapters": raw})
    assert parse_chapters(text, duration=90.0) == (Chapter(0, 60, "A"), Chapter(60, 90, "B"))


@pytest.mark.parametrize(
    "words",
    [
        [[0, 1, "Hi"], [1.0, 2.5, " there "]],
        [{"start": 0, "end": 1, "text": "Hi"}, {"word": " there", "start": 1, "end": 2.5, "probability": 0.5}],
    ],
)
def test_words_are_read_in_the_shapes_people_have(words):
    found = parse_words(json.dumps({"words": words, "title": "T"}))
    assert [(w.start, w.end, w.text) for w in found.words] == [(0.0, 1.0, "Hi"), (1.0, 2.5, "there")]
    assert found.title == "T"


def test_whispers_own_json_is_read():
    document = {"text": "Hi", "segments": [{"words": [{"word": " Hi", "start": 0.0, "end": 1.0}]}, {"words": []}]}
    assert [w.text for w in parse_words(json.dumps(document)).words] == ["Hi"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, 'has no "words" list'),
        ({"words": "no"}, 'has no "words" list'),
        ({"words": [[0, 1]]}, "word 1 should be [start, end, text]"),
        ({"words": [["x", "y", "a"]]}, "word 1 ('a') has no start or end time, nor has any other"),
        ({"words": [[0, 1, None]]}, "word 1 has no text"),
        ({"words": [], "title": 5}, '"title" should be a string'),
    ],
)
def test_words_that_are_none_are_named(document, said: str):
    with pytest.raises(FormatError) as caught:
        parse_words(json.dumps(document), path="w.json")
    assert said in str(caught.value)


def test_any_transcript_with_times_gives_words(kitchen: Result):
    spoken = [w.text for w in kitchen.transcript.words if w.speaker != "Speaker 3"]
    for text in (print_vtt(kitchen), print_transcript_json(kitchen)):
        assert [w.text for w in parse_word_file(text, path="f").words] == spoken
    assert [w.text for w in parse_word_file(print_srt(kitchen), path="f").words if len(w.text) < 20][:40] == spoken[:40]


@pytest.mark.parametrize("text", ["", "   ", "hello there", "WEBVTT\n", "{}", "[1]", "\x00"])
def test_a_file_that_is_no_transcript_is_refused(text: str):
    with pytest.raises(FormatError, match=r"^f"):
        parse_word_file(text, path="f")


@pytest.mark.parametrize(
    "text", ['{"ads": [[5, 1]]}', '{"ads": [["a", 1]]}', '{"ads": 3}', '{"ads": [{"start": 1}]}', "[]"]
)
def test_ads_that_are_none_are_refused(text: str):
    with pytest.raises(FormatError, match=r"^f"):
        parse_ads(text, path="f")


def test_bare_spans_are_ads_of_score_one():
    assert parse_ads('{"ads": [[30, 40.5], [1, 2]]}') == (AdSpan(1, 2, 1.0), AdSpan(30, 40.5, 1.0))
