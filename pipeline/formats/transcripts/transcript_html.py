"""Podcasting 2.0's HTML transcript: ``<cite>``, ``<time>`` and ``<p>`` for each paragraph, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser

from pipeline.errors import FormatError
from pipeline.formats.transcripts.clean_transcript import clock, parse_clock
from pipeline.formats.transcripts.passages import Passage, passages
from pipeline.result import Result


def print_transcript_html(result: Result) -> str:
    """The clean transcript as an HTML fragment; an ad that stayed has the class ``ad`` and its name as title."""
    return print_passages(passages(result))


def print_passages(items: Iterable[Passage]) -> str:
    """Paragraphs as HTML: the inverse of ``parse_transcript_html``."""
    parts = []
    for item in items:
        if item.speaker:
            parts.append(f"<cite>{escape(item.speaker)}:</cite>\n")
        label = f' class="ad" title="{escape(item.label)}"' if item.label else ""
        parts.append(f"<time>{clock(item.start)}</time>\n<p{label}>{escape(item.text)}</p>\n")
    return "".join(parts)


def parse_transcript_html(text: str, *, path: str = "transcript.html") -> tuple[Passage, ...]:
    """The paragraphs back, times in whole seconds; a paragraph without its own name keeps no name."""
    reader = _Reader()
    reader.feed(text.removeprefix("\ufeff"))
    reader.close()
    if not reader.found:
        raise FormatError(path, "has no <p> with text: it is not an HTML transcript")
    return tuple(reader.found)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Passage] = []
        self._open = ""
        self._parts: dict[str, str] = {}
        self._label = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("cite", "time", "p"):
            self._open = tag
            self._parts[tag] = ""
        if tag == "p":
            self._label = dict(attrs).get("title") or ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self._parts[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
        if tag == "p" and self._parts.get("p", "").strip():
            time = self._parts.get("time", "").strip()
            start = parse_clock(time) if time.replace(":", "").isdigit() else 0.0
            speaker = " ".join(self._parts.get("cite", "").split()).removesuffix(":").strip()
            self.found.append(Passage(start, speaker, " ".join(self._parts["p"].split()), self._label))
            self._parts = {}
