"""What is published, against the specifications: schemas written from their text, and parsers that others maintain."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import jsonschema
import pysubs2
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.captions.srt import print_srt
from pipeline.formats.captions.vtt import print_vtt
from pipeline.formats.records.chapters_json import print_chapters
from pipeline.formats.transcripts.clean_transcript import clean_sentences
from pipeline.formats.transcripts.transcript_html import print_transcript_html
from pipeline.formats.transcripts.transcript_json import print_transcript_json
from pipeline.result import AdSpan, Chapter, Episode, Result, Speaker
from pipeline.timeline import CutList, Span, Transcript, Word

VTT_WIDTH, SRT_WIDTH = 65, 32  # github.com/Podcastindex-org/podcast-namespace, transcripts/transcripts.md

SECONDS = {"type": "number", "minimum": 0}
TRANSCRIPT: dict[str, Any] = {  # the same, "JSON": version, segments; speaker is optional
    "type": "object",
    "required": ["version", "segments"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "1.0.0"},
        "segments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["startTime", "endTime", "body"],
                "additionalProperties": False,
                "properties": {
                    "speaker": {"type": "string", "minLength": 1},
                    "startTime": SECONDS,
                    "endTime": SECONDS,
                    "body": {"type": "string", "minLength": 1},
                },
            },
        },
    },
}
CHAPTERS: dict[str, Any] = {  # the same, chapters/jsonChapters.md, version 1.2.0
    "type": "object",
    "required": ["version", "chapters"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "1.2.0"},
        **{name: {"type": "string"} for name in ("author", "title", "podcastName", "description", "fileName")},
        "waypoints": {"type": "boolean"},
        "chapters": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["startTime"],
                "additionalProperties": False,
                "properties": {
                    "startTime": SECONDS,
                    "endTime": SECONDS,
                    "title": {"type": "string", "minLength": 1},
                    "img": {"type": "string", "format": "uri"},
                    "url": {"type": "string", "format": "uri"},
                    "toc": {"type": "boolean"},
                    "location": {"type": "object", "required": ["name", "geo"]},
                },
            },
        },
    },
}

tokens = st.text(st.characters(exclude_categories=("C", "Z", "M")), min_size=1, max_size=14)
names = st.sampled_from(["", "Ada Park", "Élan-Zoë O'Hara", "Dr. <b>Bo</b> & Söhne"])


@st.composite
def episodes(draw: st.DrawFn) -> Result:
    """Any words in any voices, one of them an ad that is cut or stays, two chapters."""
    said = draw(st.lists(st.tuples(tokens, st.sampled_from("AB")), min_size=1, max_size=40))
    lasts = draw(st.floats(0.05, 0.4))
    words = tuple(Word(i * 0.4, i * 0.4 + lasts, text, 1.0, who) for i, (text, who) in enumerate(said))
    end = words[-1].end + 1.0
    first = draw(st.floats(0.0, end / 2))
    removed = [Span(first, first + 2.0)] if draw(st.booleans()) else []
    ads = (AdSpan(first, first + 2.0, 0.9, sponsor=draw(names)),)
    return Result(
        Episode("e", "e.mp3", end, "", draw(tokens), draw(names)), Transcript(words, "en", "base"), (),
        (Speaker("A", draw(names)), Speaker("B", draw(names))), ads, CutList.of(removed, duration=end),
        (Chapter(0.0, first, "One"), Chapter(first, end, draw(tokens))),
    )  # fmt: skip


@given(episodes())
def test_transcript_json(result: Result):
    document = json.loads(print_transcript_json(result))
    jsonschema.Draft202012Validator(TRANSCRIPT).validate(document)
    starts = [segment["startTime"] for segment in document["segments"]]
    assert starts == sorted(starts)
    assert all(s["startTime"] <= s["endTime"] for s in document["segments"])


@given(episodes())
def test_chapters_json(result: Result):
    document = json.loads(print_chapters(result))
    jsonschema.Draft202012Validator(CHAPTERS).validate(document)
    starts = [chapter["startTime"] for chapter in document["chapters"]]
    assert starts == sorted(starts)
    assert all(c.get("endTime", c["startTime"]) >= c["startTime"] for c in document["chapters"])


@pytest.mark.parametrize(("schema", "printer"), [(TRANSCRIPT, print_transcript_json), (CHAPTERS, print_chapters)])
def test_the_schemas_can_refuse(kitchen: Result, schema: dict[str, Any], printer: Any):
    document = json.loads(printer(kitchen))
    for broken in ({**document, "version": "2"}, {k: v for k, v in document.items() if k != "version"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate(broken)


@given(episodes())
def test_vtt_is_read_by_webvtt_py(result: Result):
    text = print_vtt(result)
    captions = webvtt.from_buffer(io.StringIO(text)).captions
    assert [word for c in captions for word in _plain(c.text).split()] == _words(result)
    assert all(c.start_in_seconds <= c.end_in_seconds for c in captions)
    assert [c.start_in_seconds for c in captions] == sorted(c.start_in_seconds for c in captions)
    for caption in captions:
        assert len(caption.raw_text.split("\n")) <= 2
        voice = re.match(r"<v[^>]*>", caption.raw_text)
        room = max(VTT_WIDTH, (voice.end() if voice else 0) + 25)  # a name longer than the line still needs some text
        assert all(len(line) <= room for line in caption.raw_text.split("\n"))


@given(episodes())
def test_srt_is_read_by_pysubs2(result: Result):
    text = print_srt(result)
    cards = pysubs2.SSAFile.from_string(text, format_="srt").events
    assert len(cards) == text.count(" --> ")
    assert all(card.start < card.end for card in cards)
    for block in filter(None, text.strip().split("\n\n")):
        lines = block.split("\n")[2:]
        assert 1 <= len(lines) <= 2 and all(len(line) <= SRT_WIDTH for line in lines)


def test_the_voices_of_vtt_and_the_names_of_srt(kitchen: Result):
    captions = webvtt.from_buffer(io.StringIO(print_vtt(kitchen))).captions
    assert {caption.voice for caption in captions} == {"Ada Park", "Lee Moreno"}
    cards = [card.plaintext for card in pysubs2.SSAFile.from_string(print_srt(kitchen), format_="srt").events]
    named = [card.split(":")[0] for card in cards if re.match(r"(?:Ada Park|Lee Moreno):", card)]
    assert len(named) > 3 and all(one != two for one, two in pairwise(named)), "at changes only"


class _Transcript(HTMLParser):
    """The <cite>, <time> and <p> of Podcasting 2.0's HTML transcripts."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.open += [tag] if tag not in ("meta", "link", "br") else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(episodes())
def test_html_transcripts_are_cite_time_and_p(result: Result):
    reader = _Transcript()
    reader.feed(print_transcript_html(result))
    reader.close()
    assert not reader.open and {"cite", "time", "p"} >= {t for t in reader.seen if t in ("cite", "time", "p", "script")}


def _words(result: Result) -> list[str]:
    return [word.text for sentence in clean_sentences(result) for word in sentence.words]


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
