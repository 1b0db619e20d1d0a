"""STM, CTM and UEM: what is printed is read back, and what other tools write is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.nist.ctm import parse_ctm, print_ctm
from pipeline.formats.nist.lines import split_recordings
from pipeline.formats.nist.stm import parse_stm, print_stm
from pipeline.formats.nist.uem import parse_uem
from pipeline.timeline import Span, Word

texts = st.text(st.characters(categories=("L", "N"), include_characters="'.,?-"), min_size=1, max_size=8).filter(
    lambda text: not text.startswith(";;")
)
words = st.lists(
    st.builds(
        lambda text, speaker, share: (text, speaker, share),
        texts,
        st.sampled_from([None, "ann", "bob"]),
        st.integers(0, 9999),
    ),
    max_size=20,
).map(
    lambda found: tuple(
        Word(i * 0.5, i * 0.5 + 0.4, text, share / 10000, speaker) for i, (text, speaker, share) in enumerate(found)
    )
)


@settings(max_examples=30)
@given(words)
def test_ctm_comes_back(said):
    read = parse_ctm(print_ctm(said))
    assert [(w.text, w.speaker, w.probability) for w in read] == [(w.text, w.speaker, w.probability) for w in said]
    assert all(abs(a.start - b.start) + abs(a.end - b.end) < 1e-6 for a, b in zip(read, said, strict=True))


@settings(max_examples=30)
@given(words)
def test_stm_keeps_words_speakers_and_turns(said):
    read = parse_stm(print_stm(said))
    assert [(w.text, w.speaker) for w in read.words] == [(w.text, w.speaker or "<NA>") for w in said]
    assert all(turn.speaker in ("ann", "bob", "<NA>") for turn in read.turns)
    assert not said or (read.turns[0].start, read.turns[-1].end) == (said[0].start, pytest.approx(said[-1].end))


def test_ctm_of_other_tools():
    text = (
        ";; a comment\nshow A 0.5 0.2 hello 0.98 lex ann\nshow A 0.9 0.1 uh 0.5 fp ann\n"
        "show A * * <ALT_BEGIN>\nshow A 1.0 0.2 their\nshow A * * <ALT>\nshow A 1.0 0.2 there\nshow A * * <ALT_END>\n"
        "show A 1.5 0.2 dog NA lex <NA>\n"
    )
    read = parse_ctm(text)
    assert [(word.text, word.speaker) for word in read] == [("hello", "ann"), ("their", None), ("dog", None)]


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (parse_ctm, "show 1 0.5 hello", "line 1: a line of CTM"),
        (parse_ctm, "show 1 0.5 x hello", "line 1: expected a start and a duration"),
        (parse_ctm, "a 1 0 1 x\nb 1 0 1 y", "holds 2 recordings"),
        (parse_stm, "show 1 ann", "line 1: expected a start and an end"),
        (parse_uem, "show 1 5 2", "line 1: a stretch cannot last"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(read, text, message):
    with pytest.raises(FormatError, match=message):
        read(text)


def test_a_file_of_several_recordings_is_split_and_lines_keep_their_numbers():
    parts = split_recordings(";; two\na 1 ann 0 1 hello\nb 1 bob 0 x you\na 1 ann 1 2 there\n", column=0)
    assert [word.text for word in parse_stm(parts["a"]).words] == ["hello", "there"]
    with pytest.raises(FormatError, match="line 3"):
        parse_stm(parts["b"])
    assert parse_uem("a 1 5 9\na 1 0 2\na 1 1 3") == (Span(0.0, 3.0), Span(5.0, 9.0))
