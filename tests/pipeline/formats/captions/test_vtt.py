from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Cue, words_of_cues
from pipeline.formats.captions.vtt import WIDTH, parse_vtt, print_cues, print_vtt
from pipeline.result import Result

times = st.integers(0, 400_000_000).map(lambda ms: ms / 1000)
SIGNS_OF_VOICES = ":\uff1a>\u00bb\uff1e-\u2010\u2011\u2012\u2013\u2014\u2015"
letters = st.characters(exclude_categories=("C", "Z"), exclude_characters=SIGNS_OF_VOICES)
lines = st.text(letters, min_size=1, max_size=9)
texts = st.lists(lines, min_size=1, max_size=4).map(" ".join)
cues = st.lists(st.tuples(times, times, texts, st.just("") | texts), max_size=4).map(
    lambda items: tuple(
        sorted((Cue(min(a, b), max(a, b), text, name) for a, b, text, name in items), key=lambda c: c.start)
    )
)


@given(cues)
def test_what_is_printed_reads_back_as_it_was(cues):
    assert parse_vtt(print_cues(cues)) == cues


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text):
    try:
        parse_vtt("WEBVTT\n\n00:01.000 --> 00:02.000\n" + text)
    except FormatError as error:
        assert "transcript.vtt" in str(error)


def test_golden(kitchen: Result, golden: Callable[[str, str], None]):
    golden("transcript.vtt", print_vtt(kitchen))


def test_golden_marked(marked: Result, golden: Callable[[str, str], None]):
    golden("marked.vtt", print_vtt(marked))


def test_the_text_and_the_names_survive_and_the_ad_is_gone(kitchen: Result):
    cues = parse_vtt(print_vtt(kitchen))
    spoken = " ".join(w.text for w in kitchen.transcript.words if w.speaker != "Speaker 3")
    assert " ".join(cue.text for cue in cues) == spoken
    assert {cue.speaker for cue in cues} == {"Ada Park", "Lee Moreno"}
    assert max(cue.end for cue in cues) <= kitchen.cuts.clean_duration


def test_lines_are_short_and_cues_have_one_or_two(kitchen: Result):
    for block in print_vtt(kitchen).strip().split("\n\n")[2:]:
        times, *text = block.split("\n")
        assert "-->" in times
        assert 1 <= len(text) <= 2
        assert all(len(line) <= WIDTH for line in text)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("00:01.000 --> 00:02.000\nplain", Cue(1, 2, "plain")),
        ("cue 7\n1:00:01.500 --> 1:00:02.000 align:start\n<v.loud Bob Lee>hi <i>you</i></v>",
         Cue(3601.5, 3602, "hi you", "Bob Lee")),
        ("00:01.000 --> 00:02.000\nSalt &amp; pepper &lt;3 &nbsp;x\nmore", Cue(1, 2, "Salt & pepper <3 x more")),
        ("NOTE a\nb --\nnote\n\nSTYLE\n::cue { color: red }\n\n00:01.000 --> 00:02.000\nplain", Cue(1, 2, "plain")),
        ("00:01,000 --> 00:02,000\ncomma", Cue(1, 2, "comma")),
        ("00:01.000-->00:02.000\ntight", Cue(1, 2, "tight")),
    ],
)  # fmt: skip
def test_what_the_world_writes_is_read(body: str, expected: Cue):
    for newline in ("\n", "\r\n", "\r"):
        text = ("\ufeffWEBVTT - title\nKind: captions\n\n" + body + "\n").replace("\n", newline)
        assert parse_vtt(text) == (expected,)


def test_times_inside_a_cue_time_its_words():
    text = "WEBVTT\n\n00:10.000 --> 00:14.000\none<00:11.000><c> two</c><00:13.000><c> three</c>\n"
    words = words_of_cues(parse_vtt(text))
    assert [w.text for w in words] == ["one", "two", "three"]
    assert [round(w.start) for w in words] == [10, 11, 13]


def test_words_share_their_cue_by_length():
    words = words_of_cues([Cue(0.0, 10.0, "a bb ccc dd")])
    assert [(w.start, w.end) for w in words] == [(0.0, pytest.approx(10 / 11)), *[pytest.approx(p) for p in
        [(20 / 11, 40 / 11), (50 / 11, 80 / 11), (90 / 11, 10.0)]]]  # fmt: skip


def test_rolling_captions_give_each_word_once():
    cues = [
        Cue(0, 2, "we went down to"),
        Cue(2, 4, "we went down to the river and sat"),
        Cue(4, 6, "the river and sat down"),
    ]
    assert " ".join(w.text for w in words_of_cues(cues)) == "we went down to the river and sat down"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "line 1: does not begin with"),
        ("WEBVTT\n\nsoon --> later\nx", "line 3: expected 'start --> end'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str):
    with pytest.raises(FormatError) as caught:
        parse_vtt(text, path="a.vtt")
    assert f"a.vtt, {said}" in str(caught.value)
