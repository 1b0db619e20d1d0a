"""WebVTT (https://www.w3.org/TR/webvtt1/): printed as podcast apps want it, read as the world writes it.

Printed: one sentence or part of one a cue, at most two lines of at most 65 characters with the voice tag counted in
(Podcasting 2.0's recommendation), ``<v Name>`` on every cue because a voice holds for its cue only, and the class
``ad`` on the voice of an ad that stayed in the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.errors import FormatError
from pipeline.formats.captions.cards import Card, lay_out, short_words, timed, wrap
from pipeline.formats.captions.cues import Cue, cue_times
from pipeline.formats.clock import caption_clock, parse_clock
from pipeline.formats.transcripts.clean_transcript import Sentence, clean_sentences
from pipeline.formats.untrusted_text import unescape
from pipeline.result import Result
from pipeline.timeline import Seconds

WIDTH = 65
LINES = 2
LEAST_ROOM = 25
"""Characters of text a line keeps beside a very long name; then the line may pass ``WIDTH``."""

_TIMING = re.compile(r"^\s*(\S+)\s+-->\s+(\S+)(?:\s+(.*))?$")
_MISSING_SPACE_ARROW = re.compile(r"^\s*([\d:.,]+)\s*-->\s*([\d:.,]+)(.*)$")


def print_vtt(result: Result) -> str:
    """The clean transcript as WebVTT."""
    title = _one_line(result.episode.title)
    head = "WEBVTT" + (f"\n\nNOTE {title}" if title and "-->" not in title else "")
    return head + "\n\n" + "".join(_print_card(card) for card in _cards(clean_sentences(result)))


def print_cues(cues: Iterable[Cue]) -> str:
    """Cues as WebVTT, one line each: the inverse of ``parse_vtt``."""
    cards = (Card(c.start, c.end, (_voice(c.speaker) + escape(c.text),), c.speaker) for c in cues)
    return "WEBVTT\n\n" + "".join(_print_card(card) for card in cards)


def parse_vtt(text: str, *, path: str = "transcript.vtt") -> tuple[Cue, ...]:
    """The cues of a WebVTT file, in order of start; notes, styles, regions, settings and empty cues are passed over."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise FormatError(path, 'does not begin with "WEBVTT": it is not a WebVTT file', line=1)
    cues = []
    index = 1
    while index < len(lines):
        line = lines[index]
        if "-->" not in line:
            index = _skip_block(lines, index)
            continue
        timing = _TIMING.match(line) or _MISSING_SPACE_ARROW.match(line)
        start, end = cue_times(timing.groups()[:2] if timing else (), line, path, index + 1)
        index += 1
        payload = []
        while index < len(lines) and lines[index].strip() and "-->" not in lines[index]:
            payload.append(lines[index])
            index += 1
        cue = _cue(start, end, " ".join(payload))
        if cue.text:
            cues.append(cue)
    return tuple(sorted(cues, key=lambda c: c.start))


def escape(text: str) -> str:
    """Text that a WebVTT reader shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cards(sentences: Sequence[Sentence]) -> list[Card]:
    cards: list[Card] = []
    for index, sentence in enumerate(sentences):
        tag = _voice(sentence.speaker, ad=sentence.ad is not None)
        width = max(WIDTH, len(tag) + LEAST_ROOM)
        plain = [replace(w, text=escape(w.text)) for w in short_words(sentence.words, width=WIDTH)]
        starts = lay_out(plain, width=width, lines=LINES, first_indent=len(tag), indent=len(tag))
        for begin, end in zip(starts, [*starts[1:], len(plain)], strict=True):
            following = plain[end].start if end < len(plain) else _next_start(sentences, index)
            lines = wrap([w.text for w in plain[begin:end]], width=width, indent=len(tag))
            span = timed(plain[begin:end], following)
            cards.append(Card(span.start, span.end, (tag + lines[0], *lines[1:]), sentence.speaker))
    return sorted(cards, key=lambda card: card.start)


def _next_start(sentences: Sequence[Sentence], index: int) -> Seconds | None:
    return sentences[index + 1].start if index + 1 < len(sentences) else None


def _print_card(card: Card) -> str:
    times = f"{caption_clock(card.start, mark='.')} --> {caption_clock(card.end, mark='.')}"
    return times + "\n" + "\n".join(card.lines) + "\n\n"


def _voice(speaker: str, *, ad: bool = False) -> str:
    if not speaker:
        return "<c.ad>" if ad else ""
    return f"<v{'.ad' if ad else ''} {escape(_one_line(speaker))}>"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _skip_block(lines: list[str], index: int) -> int:
    """Past a NOTE, STYLE or REGION block, or past one line that may be a cue's name."""
    if not re.match(r"(NOTE|STYLE|REGION)\b", lines[index]):
        return index + 1
    while index < len(lines) and lines[index].strip() and "-->" not in lines[index]:
        index += 1
    return index


def _cue(start: Seconds, end: Seconds, payload: str) -> Cue:
    """Text without tags; voices and inner times kept; entities read after the tags are gone."""
    speaker = ""
    text = ""
    marks: list[tuple[int, Seconds]] = []
    position = 0
    while (opened := payload.find("<", position)) >= 0 and (closed := payload.find(">", opened)) >= 0:
        text = _append(text, payload[position:opened])
        position = closed + 1
        tag = payload[opened + 1 : closed]
        voice = re.match(r"v(?:\.[^\s]*)?\s+(.*)$", tag, re.S)
        inner = parse_clock(tag) if ":" in tag else None
        if voice and not speaker:
            speaker = _one_line(unescape(voice.group(1)))
        elif inner is not None:
            marks.append((len(text.lstrip()), inner))
    text = _append(text, payload[position:])
    return Cue(start, end, text.strip(), speaker, tuple(marks))


def _append(text: str, piece: str) -> str:
    joined = re.sub(r"\s+", " ", unescape(piece))
    return text + (joined.lstrip() if text.endswith(" ") or not text else joined)
