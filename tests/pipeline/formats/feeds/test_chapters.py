"""Chapters as publishers write them: what can be used is used, and what cannot is counted."""

from __future__ import annotations

import json

import pytest

from pipeline.errors import FormatError
from pipeline.formats.feeds.chapters import chapters_in_text
from pipeline.formats.feeds.feed import parse_feed
from pipeline.formats.records.chapters_json import Mark, fit_chapters, parse_chapters
from pipeline.result import Chapter
from tests.pipeline.formats.feeds.test_feed import feed_of

THREE = (Chapter(0.0, 5.5, "A"), Chapter(5.5, 62.0, "B"), Chapter(62.0, 90.0, "C"))


def entries(*times):
    return [{"startTime": time, "title": title} for time, title in zip(times, "ABC", strict=True)]


@pytest.mark.parametrize(
    "document",
    [
        {"version": "1.2.0", "chapters": entries(0, 5.5, 62)},
        {"chapters": entries("0", "5.5", "62")},
        {"chapters": entries("00:00:00", "00:05.5", "1:02")},
        {"chapters": entries(0, 5.5, 62)[::-1]},
        entries(0, 5.5, 62),
        [{"start": e["startTime"], "name": e["title"], "endTime": 0} for e in entries(0, 5.5, 62)],
        {"chapters": [*entries(0, 5.5, 62), {"startTime": 95, "title": "past the end"}, {"title": "never"}]},
    ],
)
def test_chapters_are_read_as_they_are_meant(document):
    assert parse_chapters(json.dumps(document), duration=90.0) == THREE


def test_what_cannot_be_used_is_counted():
    said: list[str] = []
    document = [*entries(0, 5.5, 62), {"startTime": 95, "title": "late"}, {"title": "never"}, {"startTime": 3}]
    parse_chapters(json.dumps(document), duration=90.0, warn=said.append)
    assert said == [
        "2 of 6 chapters have no title or no time and are left out",
        "1 of 4 chapters begin past the end and are left out",
    ]


@pytest.mark.parametrize("text", ["{}", "3", '{"chapters": 1}', '[{"title": "A"}]', '{"chapters": [1, 2]}'])
def test_what_are_no_chapters_is_refused(text):
    with pytest.raises(FormatError, match=r"^f"):
        parse_chapters(text, path="f")


@pytest.mark.parametrize("space", ["http://podlove.org/simple-chapters", "https://podlove.org/simple-chapters"])
def test_simple_chapters_of_a_feed(space):
    chapters = (
        f'<psc:chapters xmlns:psc="{space}"><psc:chapter start="00:00:00.000" title="Begr&#252;&#223;ung"/>'
        '<psc:chapter start="00:00:06" title="Q&amp;A" href="https://a.example/"/><psc:chapter title="x"/>'
        "</psc:chapters>"
    )
    enclosure = '<enclosure url="https://a.example/1.mp3" type="audio/mpeg"/>'
    (item,) = parse_feed(feed_of("<title>S</title>", f"<item><title>T</title>{enclosure}{chapters}</item>")).items
    assert item.chapters == (Mark(0.0, "Begrüßung"), Mark(6.0, "Q&A", None, "https://a.example/"))
    assert fit_chapters(item.chapters, duration=9.0)[-1] == Chapter(6.0, 9.0, "Q&A", "https://a.example/")


@pytest.mark.parametrize(
    "form",
    ["{t} {name}", "({t}) {name}", "[{t}] - {name}", "{t} – {name}", "• {t}: {name}", "{name} {t}", "{name} - ({t})"],
)
def test_chapters_in_a_description(form):
    lines = [
        form.format(t=t, name=name) for t, name in (("00:00", "Intro"), ("01:30", "Water 101"), ("1:02:03", "Bye"))
    ]
    found = chapters_in_text("\n".join(["About the coast.", "", *lines, "", "More at https://a.example/"]))
    assert [(mark.start, mark.title) for mark in found] == [(0.0, "Intro"), (90.0, "Water 101"), (3723.0, "Bye")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We meet at 10:30.",
        "10:30 Doors\n9:15 Breakfast\n11:00 Talk",
        "1:02 only\n1:03 two",
        "Live from 10:00\nUntil 12:00",
    ],
)
def test_times_that_are_no_chapters(text):
    assert chapters_in_text(text) == ()
