from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Cue
from pipeline.formats.captions.srt import LINES, WIDTH, parse_srt, print_cues, print_srt
from pipeline.result import Episode, Result, Speaker
from pipeline.timeline import CutList, Transcript, Word

times = st.integers(0, 350_000_000).map(lambda ms: ms / 1000)
texts = st.lists(st.text("abcdeXYZ.,?!'0123é", min_size=1, max_size=9), min_size=1, max_size=4).map(" ".join)
names = st.sampled_from(["", "Ada Park", "Speaker 2", "Élan"])


@given(st.lists(st.tuples(times, times, texts), max_size=4), names)
def test_what_is_printed_reads_back_as_it_was(items, name):
    cues = sorted((Cue(min(a, b), max(a, b), text, name) for a, b, text in items), key=lambda c: c.start)
    if cues:
        assert parse_srt(print_cues(cues)) == tuple(cues)


@given(
    st.lists(st.tuples(st.text("abc.?,&<é", min_size=1, max_size=50), names), min_size=1, max_size=40),
    st.text("AbcdÉ ", max_size=50),
)
def test_cards_keep_to_two_lines_of_thirty_two(parts, name):
    words = tuple(Word(i * 0.3, i * 0.3 + 0.3, text, speaker=label or None) for i, (text, label) in enumerate(parts))
    result = Result(
        Episode("e", "e.mp3", 60.0, ""), Transcript(words, "en", "m"), (), (Speaker("Ada Park", name.strip()),), (),
        CutList((), 60.0),
    )  # fmt: skip
    for block in print_srt(result).strip().split("\n\n"):
        number, times, *text = block.split("\n")
        assert number.isdigit() and "-->" in times
        assert 1 <= len(text) <= LINES
        assert all(0 < len(line) <= WIDTH for line in text)


def test_golden(kitchen: Result, golden: Callable[[str, str], None]):
    golden("transcript.srt", print_srt(kitchen))


def test_the_name_stands_where_the_speaker_changes(kitchen: Result):
    text = print_srt(kitchen)
    assert text.count("Ada Park:") == 4 and text.count("Lee Moreno:") == 3
    assert {cue.speaker for cue in parse_srt(text)} == {"Ada Park", "Lee Moreno"}


def test_an_ad_that_stayed_is_marked_once(marked: Result):
    assert print_srt(marked).count("[Ad] Speaker 3:") == 1


def test_a_long_name_is_cut_and_never_breaks_a_line(kitchen: Result):
    long = replace(kitchen, speakers=(Speaker("Speaker 1", "Wolfeschlegelsteinhausenbergerdorff the Elder"),))
    assert all(len(line) <= WIDTH for line in print_srt(long).split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "1\n00:00:01,000 --> 00:00:02,000\n<i>Hello</i> there\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n",
        "00:00:01.000 --> 00:00:02.000\nHello there\n\n\n\n2\n0:00:03,0 --> 0:00:04,000 X1:1 X2:2\n42",
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}Hello\nthere\n2\n00:00:03,000 --> 00:00:04,000\n42\n",
    ],
)
def test_what_the_world_writes_is_read(text: str):
    for version in (text, "\ufeff" + text.replace("\n", "\r\n")):
        cues = parse_srt(version)
        assert [(c.start, c.end) for c in cues] == [(1.0, 2.0), (3.0, 4.0)]
        assert cues[0].text.startswith("Hello there") and cues[1].text == "42"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("just text", "a.srt: has no line"),
        ("1\nsoon --> later\nx", "a.srt, line 2: has no line"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str):
    with pytest.raises(FormatError) as caught:
        parse_srt(text, path="a.srt")
    assert said in str(caught.value)
