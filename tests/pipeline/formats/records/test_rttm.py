"""RTTM: other people's files, and the law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.records.rttm import parse_rttm, print_rttm
from pipeline.timeline import Turn

millis = st.integers(0, 40_000_000)
names = st.text(st.characters(blacklist_categories=["Z", "C"]), min_size=1, max_size=12)
turns = st.builds(lambda a, n, who: Turn(a / 1000, (a + n) / 1000, who), millis, millis, names)


@given(st.lists(turns, max_size=10))
def test_what_is_printed_parses_back_to_the_millisecond(some):
    back = parse_rttm(print_rttm(some))
    expected = sorted(some, key=lambda t: (t.start, t.end, t.speaker))
    assert [t.speaker for t in back] == [t.speaker for t in expected]
    assert [x for t in back for x in (t.start, t.end)] == pytest.approx(
        [x for t in expected for x in (t.start, t.end)], abs=0.0011
    )


def test_turns_of_one_recording_and_lines_of_other_types():
    text = """;; a comment
SPKR-INFO a 1 <NA> <NA> <NA> unknown ann <NA>
SPEAKER a 1 2.5 1 <NA> <NA> ann <NA>
SPEAKER b 1 0 1 <NA> <NA> bob <NA> <NA>
SPEAKER a 1 0.25 1e0 <NA> <NA> zoé <NA> <NA>
"""
    assert parse_rttm(text, file_id="a") == (Turn(0.25, 1.25, "zoé"), Turn(2.5, 3.5, "ann"))
    assert len(parse_rttm(text)) == 3
    assert parse_rttm("") == ()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("SPEAKER a 1 x 1 <NA> <NA> ann", "is not an onset"),
        ("SPEAKER a 1 -1 1 <NA> <NA> ann", "cannot start at -1"),
        ("SPEAKER a 1 0 nan <NA> <NA> ann", "last nan"),
        ("SPEAKER a 1", "this one 3"),
        ("hello there", "not a type of RTTM line"),
    ],
)
def test_a_broken_line_is_named(line, says):
    with pytest.raises(FormatError, match=rf"turns\.rttm, line 2: .*{says}"):
        parse_rttm("\n" + line, name="turns.rttm")
