"""Publishers' transcripts, of every kind that has times, made plain."""

from __future__ import annotations

import pytest

from pipeline.errors import FormatError
from pipeline.formats.captions.published import best_link, parse_published
from pipeline.formats.captions.vtt import parse_vtt, print_cues
from pipeline.formats.feeds.feed import TranscriptLink

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada Holm>Hello &amp; welcome\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nAda Holm: Hello & welcome\n"
JSON = (
    '{"version": "1.0.0", "segments": '
    '[{"speaker": "Ada Holm", "startTime": 1, "endTime": 2, "body": "Hello & welcome"}]}'
)


@pytest.mark.parametrize("text", [VTT, SRT, JSON], ids=["vtt", "srt", "json"])
def test_every_kind_is_told_by_its_content(text) -> None:
    (cue,) = parse_published(text, path="t")
    assert (cue.start, cue.end, cue.text, cue.speaker) == (1.0, 2.0, "Hello & welcome", "Ada Holm")


@pytest.mark.parametrize("text", ["", "<html>", "{}", "WEBVTT\n", '{"version": "1.0.0", "segments": []}', "just words"])
def test_what_is_none_is_refused_in_words(text) -> None:
    with pytest.raises(FormatError, match=r"^t"):
        parse_published(text, path="t")


@pytest.mark.parametrize("text", [VTT, SRT, JSON.replace("1,", "1.00049,")], ids=["vtt", "srt", "json"])
def test_what_is_kept_is_read_back_the_same(text) -> None:
    cues = parse_published(text, path="t")
    assert parse_vtt(print_cues(cues)) == cues


def test_markup_and_control_characters_are_gone() -> None:
    hostile = (
        '{"version": "1.0.0", "segments": [{"startTime": 0, "endTime": 1, "speaker": "<b>A\\u202e\\u001b[31m", '
        '"body": "<script>x()</script>Hi <img src=x onerror=y>\\u0000"}]}'
    )
    (cue,) = parse_published(hostile, path="t")
    assert cue.text == "Hi" and cue.speaker == "A[31m"


def test_a_flood_of_captions_is_refused() -> None:
    flood = "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * 100_001
    with pytest.raises(FormatError, match="more than any episode has"):
        parse_published(flood, path="t")


def test_the_link_that_says_most_in_the_language_that_is_wanted() -> None:
    links = [
        TranscriptLink("plain", "text/plain"),
        TranscriptLink("srt", "application/x-subrip"),
        TranscriptLink("fr", "application/json", "fr"),
        TranscriptLink("vtt", "text/vtt", "en-US"),
    ]
    assert best_link(links).url == "fr"
    assert best_link(links, language="en").url == "vtt"
    assert best_link(links[:1]) is None and best_link([]) is None
