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
from pipeline.formats.captions.cues import Caption, Cue, Piece, cues_of
from pipeline.formats.captions.timing import Block, Warn, find_blocks, ignore, settle
from pipeline.formats.clock import caption_clock, parse_clock
from pipeline.formats.transcripts.clean_transcript import Sentence, clean_sentences
from pipeline.formats.untrusted_text import unescape
from pipeline.result import Result
from pipeline.timeline import Seconds

WIDTH = 65
LINES = 2
LEAST_ROOM = 25
"""Characters of text a line keeps beside a very long name; then the line may pass ``WIDTH``."""

_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)\b")
_TAG = re.compile(r"<(/?[A-Za-z][^<>]*|/?|\d[\d:.]*)>")
_VOICE = re.compile(r"v(?:\.[^\s]*)?\s+(.*)$", re.DOTALL)
_NAMED = re.compile(r"\d+\s+\"([^\"]{1,60})\"(?:\s+\(\d+\))?")


def print_vtt(result: Result) -> str:
    """The clean transcript as WebVTT."""
    title = _one_line(result.episode.title)
    head = "WEBVTT" + (f"\n\nNOTE {title}" if title and "-->" not in title else "")
    return head + "\n\n" + "".join(_print_card(card) for card in _cards(clean_sentences(result)))


def print_cues(cues: Iterable[Cue]) -> str:
    """Cues as WebVTT, one line each: the inverse of ``parse_vtt``."""
    cards = (Card(c.start, c.end, (_voice(c.speaker) + escape(c.text),), c.speaker) for c in cues)
    return "WEBVTT\n\n" + "".join(_print_card(card) for card in cards)


def parse_vtt(text: str, *, path: str = "transcript.vtt", warn: Warn = ignore) -> tuple[Cue, ...]:
    """The cues of a WebVTT file, in order of start; notes, styles, regions, settings and empty cues are passed over.

    A cue in which several voices speak becomes one for each. ``warn`` is told of clocks that had to be mended, and of
    text that stands outside any cue. Raises FormatError where there is no WebVTT, or a cue but no clock.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise FormatError(path, 'does not begin with "WEBVTT": it is not a WebVTT file', line=1)
    blocks, above = find_blocks(lines, numbered=False)
    if blocks and not any(block.timing.start is not None for block in blocks):
        shown = lines[blocks[0].timing.line - 1].strip()[:60]
        raise FormatError(path, f"expected 'start --> end', found {shown!r}", line=blocks[0].timing.line)
    bodies, names, strays = _bodies(blocks, above)
    if strays:
        warn(f"{strays} lines of text stand behind an empty line of a cue: they are taken as part of it")
    settled = settle([replace(block, lines=body) for block, body in zip(blocks, bodies, strict=True)], warn)
    return cues_of([_caption(block, name) for block, name in zip(settled, names, strict=True)])


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


def _bodies(blocks: Sequence[Block], above: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str], int]:
    """Of each cue its text and the voice in its identifier; and how many lines of text stood where none should."""
    bodies: list[tuple[str, ...]] = []
    names = [_voice_of(above)]
    strays = 0
    for block in blocks:
        chunks = _chunks(block.lines)
        body = list(chunks[0]) if chunks and block.lines[0] else []
        behind = chunks[1:] if body else chunks
        above_next = block is not blocks[-1] and bool(block.lines) and bool(block.lines[-1].strip())
        if above_next and behind:
            names.append(_voice_of(behind[-1]))
            behind = [*behind[:-1], *([behind[-1][:-1]] if len(behind[-1]) > 1 else [])]
        elif above_next and len(body) > 1 and body[-1].strip().isdigit():
            body.pop()  # a number that no empty line sets apart
            names.append("")
        else:
            names.append("")
        for chunk in behind:
            if not _ASIDE.match(chunk[0]):
                strays += len(chunk)
                body += chunk
        bodies.append(tuple(body))
    return bodies, names[:-1] if blocks else [], strays


def _chunks(lines: Sequence[str]) -> list[list[str]]:
    """Runs of lines that are not empty; one of white space is text that shows nothing."""
    chunks: list[list[str]] = [[]]
    for line in lines:
        if line:
            chunks[-1].append(line)
        elif chunks[-1]:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _voice_of(lines: Sequence[str]) -> str:
    """Who speaks, where the identifier above a cue says it: ``12 "Ada Park" (3726)``."""
    found = _NAMED.fullmatch(lines[-1].strip()) if lines else None
    return found[1] if found else ""


def _caption(block: Block, voice: str) -> Caption:
    """Lines without tags; voices and inner times kept; entities read after the tags are gone."""
    pieces: list[Piece] = []
    speaker = ""
    for line in _joined(block.lines):
        text, position = "", 0
        marks: list[tuple[int, Seconds]] = []
        for found in _TAG.finditer(line):
            text = _append(text, line[position : found.start()])
            position = found.end()
            tag = found[1]
            spoken = _VOICE.match(tag)
            inner = parse_clock(tag) if ":" in tag else None
            if spoken or tag.strip() == "/v":
                pieces.append(Piece(text.strip(), speaker, tuple(marks)))
                text, marks = "", []
                speaker = _one_line(unescape(spoken[1])) if spoken else ""
            elif inner is not None:
                marks.append((len(text.lstrip()), inner))
        pieces.append(Piece(_append(text, line[position:]).strip(), speaker, tuple(marks)))
    return Caption(block.timing.start or 0.0, block.timing.end or 0.0, tuple(pieces), voice)


def _joined(lines: Sequence[str]) -> list[str]:
    """Lines, those put together between which a tag is broken."""
    whole: list[str] = []
    for line in lines:
        if whole and whole[-1].rfind("<") > whole[-1].rfind(">") and ">" in line:
            whole[-1] += " " + line
        else:
            whole.append(line)
    return whole


def _append(text: str, piece: str) -> str:
    joined = re.sub(r"\s+", " ", unescape(piece))
    return text + (joined.lstrip() if text.endswith(" ") or not text else joined)
