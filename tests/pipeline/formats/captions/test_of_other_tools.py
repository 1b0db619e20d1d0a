"""Captions and transcripts as other programs write them: every word, whose it is, and when; nothing lost unsaid."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipeline.errors import FormatError
from pipeline.formats.captions.srt import parse_srt
from pipeline.formats.captions.vtt import parse_vtt
from pipeline.formats.captions.word_files import parse_word_file
from pipeline.formats.clock import parse_clock
from pipeline.formats.text_encoding import decode_text
from tests.pipeline.formats.captions.talks import NAMED, PLAIN, Talk, rolling_vtt, talks

CARDS = [
    ("00:00:01,000", "00:00:03,000", "Tomatoes need water early."),
    ("00:00:04,000", "00:00:06,000", "They need mulch as well."),
    ("00:00:07,000", "00:00:09,000", "Straw is best for that."),
    ("00:00:10,000", "00:00:12,000", "And shade at noon."),
]
SPOKEN = " ".join(text for _, _, text in CARDS).split()


def srt_of(cards, arrow=" --> "):
    return "".join(f"{n}\n{a}{arrow}{b}\n{text}\n\n" for n, (a, b, text) in enumerate(cards, 1))


def read(text):
    warnings: list[str] = []
    return parse_word_file(text, path="f", warn=warnings.append).words, warnings


@pytest.mark.parametrize("layout", [*NAMED, *PLAIN], ids=lambda layout: layout.__name__)
def test_what_was_meant_is_what_is_read(layout):
    @given(talks())
    @settings(max_examples=4, deadline=None)
    def law(talk: Talk):
        words, _ = read(layout(talk))
        assert [word.text for word in words] == [text for said in talk for text in said.words]
        starts = [said.start for said in talk]
        firsts = [words[sum(len(s.words) for s in talk[:i])].start for i in range(len(talk))]
        late = [at - start for at, start in zip(firsts, starts, strict=True)]
        assert layout in NAMED or all(abs(s) < 0.02 for s in late)
        if layout in NAMED:
            assert [word.speaker for word in words] == [said.speaker for said in talk for _ in said.words]

    law()


@pytest.mark.parametrize(
    ("clock", "start"),
    [
        ("00:00:07,000 –> 00:00:09,000", 7.0),
        ("00:00:07,000 -> 00:00:09,000", 7.0),
        ("00:00:07,000 --&gt; 00:00:09,000", 7.0),
        ("00:00:07,000 → 00:00:09,000", 7.0),
        ("00:00:O7,000 --> 00:00:09,000", 7.0),
        ("00:00:07x,000 --> 00:00:09,000", 7.0),
        ("00 : 00 : 07 , 000 --> 00:00:09,000", 7.0),
        ("00：00：07,000 --> 00:00:09,000", 7.0),
        ("00:00:07:000 --> 00:00:09:000", 7.0),
        ("00:00:09,000 --> 00:00:07,000", 7.0),
        ("00:00:07,000", 7.0),
        ("00:00:07,000 -->", 7.0),
        ("--> 00:00:09,000", 6.0),
        ("??:??:??,??? --> ??:??:??,???", 6.0),
        ("soon --> later", 6.0),
        ("10:00:07,000 --> 10:00:09,000", 6.0),
        ("-00:00:07,000 --> 00:00:09,000", 6.0),
    ],
)
def test_one_odd_clock_costs_no_word_and_is_said(clock, start):
    text = srt_of(CARDS).replace("00:00:07,000 --> 00:00:09,000", clock)
    for version in (text, "WEBVTT\n\n" + text):
        words, warnings = read(version)
        assert [word.text for word in words] == SPOKEN
        (first,) = [word.start for word in words if word.text == "Straw"]
        assert first == pytest.approx(start)
        assert warnings or parse_clock("".join(clock.split("-->")[0].split())) or "：" in clock or clock.count(":") > 4


def test_a_sentence_with_a_colon_has_no_speaker():
    said = ["There are two rules: water and mulch.", "Remember this: never at noon.", "Monday: rain. Tuesday: sun.",
            "The answer: nobody knows.", "Warning: wet.", "And so on."]  # fmt: skip
    words, _ = read(srt_of([(f"00:00:{n:02},000", f"00:00:{n + 1:02},000", text) for n, text in enumerate(said)]))
    assert [word.text for word in words] == " ".join(said).split()
    assert {word.speaker for word in words} == {None}


@pytest.mark.parametrize("label", ["Remember", "Tip", "Breaking News", "Question"])
def test_a_phrase_that_comes_again_between_others_is_no_speaker(label):
    said = ["Hello and welcome.", f"{label}: water early.", "It is so.", "It is.", f"{label}: mulch.", "Goodbye."]
    words, _ = read(srt_of([(f"00:00:{n:02},000", f"00:00:{n + 1:02},000", text) for n, text in enumerate(said)]))
    assert [word.text for word in words] == " ".join(said).split()


def test_what_is_said_twice_is_there_twice():
    twice = [(a, b, "Ask not what your country can do.") for a, b, _ in CARDS[:2]] + CARDS[2:]
    words, _ = read(srt_of(twice))
    assert " ".join(word.text for word in words).count("Ask not what your country can do.") == 2


def test_dashes_are_two_voices_and_chevrons_no_words():
    words, _ = read(srt_of([*CARDS, ("00:00:13,000", "00:00:15,000", "- Really?\n- Yes."),
                            ("00:00:16,000", "00:00:17,000", "&gt;&gt; Good.")]))  # fmt: skip
    assert [word.text for word in words] == [*SPOKEN, "Really?", "Yes.", "Good."]


def test_text_behind_an_empty_line_of_a_cue_is_kept_and_said():
    warnings: list[str] = []
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n\nthere\n\n2\n00:03.000 --> 00:04.000\nyou\n\nNOTE gone\n"
    assert [cue.text for cue in parse_vtt(text, warn=warnings.append)] == ["Hello there", "you"]
    assert warnings == ["1 lines of text stand behind an empty line of a cue: they are taken as part of it"]


def test_a_file_without_any_clock_is_refused():
    with pytest.raises(FormatError, match="it is not an SRT file"):
        parse_srt("1\nsoon --> later\nHello")


@given(talks())
@settings(max_examples=6, deadline=None)
def test_rolling_captions_keep_the_times_of_their_words(talk: Talk):
    words, _ = read(rolling_vtt(talk))
    meant = [start / 1000 for said in talk for start, _, _ in said.timed]
    assert all(abs(word.start - at) < 0.05 for word, at in zip(words, meant, strict=True))


@pytest.mark.parametrize("shape", ['{"foo": 1}', "[1, 2]", '{"segments": "no"}', '{"results": {"x": []}}'])
def test_an_unknown_shape_is_refused_with_those_that_are_known(shape):
    with pytest.raises(FormatError, match=r"^f"):
        parse_word_file(shape, path="f")


def test_times_at_which_nobody_speaks_are_refused():
    words = ", ".join(f'{{"text": "word", "start": {n * 1e5}, "end": {n * 1e5 + 9e4}}}' for n in range(30))
    with pytest.raises(FormatError, match="characters a second"):
        parse_word_file(f'{{"words": [{words}]}}', path="f")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_files_of_any_encoding_are_text(encoding):
    text = srt_of([*CARDS, ("00:00:13,000", "00:00:15,000", "Das Café in Zürich – naïve.")])
    assert decode_text(text.encode(encoding)) == text
