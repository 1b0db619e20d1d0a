"""SubRip: two lines of 32 characters a card, the speaker's name where it changes (Podcasting 2.0's rules for SRT).

An ad that stayed in the recording opens with ``[Ad]``, as SRT has no other way to say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.errors import FormatError
from pipeline.formats.captions.cards import Card, lay_out, short_words, timed, wrap
from pipeline.formats.captions.cues import Caption, Cue, Piece, cues_of
from pipeline.formats.captions.timing import Block, Warn, find_blocks, ignore, settle
from pipeline.formats.clock import caption_clock
from pipeline.formats.transcripts.clean_transcript import Sentence, clean_sentences
from pipeline.formats.untrusted_text import unescape
from pipeline.result import Result
from pipeline.timeline import Seconds

WIDTH = 32
LINES = 2
_MARKUP = re.compile(r"</?(?:i|b|u|s|c|font|span|v)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>|\\[hN]")


def print_srt(result: Result) -> str:
    """The clean transcript as SRT; CRLF is not used, as every reader takes LF."""
    return _print_cards(_cards(clean_sentences(result)))


def print_cues(cues: Iterable[Cue]) -> str:
    """Cues as SRT, one line each, the name on every cue: the inverse of ``parse_srt``."""
    return _print_cards(
        Card(c.start, c.end, ((f"{c.speaker}: " if c.speaker else "") + c.text,), c.speaker) for c in cues
    )


def parse_srt(text: str, *, path: str = "transcript.srt", warn: Warn = ignore) -> tuple[Cue, ...]:
    """The cues of an SRT file (or of SBV, its like), in order of start; numbers and markup are passed over.

    "Name: " at the head of a card is its speaker, where the file as a whole shows that names stand there, and holds
    until the next name. ``warn`` is told of clocks that had to be mended. Raises FormatError where there is no clock.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blocks, _ = find_blocks(lines)
    if not any(block.timing.start is not None for block in blocks):
        bad = next((i for i, line in enumerate(lines, 1) if "-->" in line), None)
        raise FormatError(path, "has no line 'hh:mm:ss,mmm --> hh:mm:ss,mmm': it is not an SRT file", line=bad)
    return cues_of([_caption(block) for block in settle(blocks, warn)])


def _cards(sentences: Sequence[Sentence]) -> list[Card]:
    cards: list[Card] = []
    speaker, ad = "", None
    for index, sentence in enumerate(sentences):
        label = "[Ad] " if sentence.ad and sentence.ad != ad else ""
        if sentence.speaker and (sentence.speaker != speaker or label):
            label += _name(sentence.speaker, WIDTH - len(label) - 2) + ": "
        speaker, ad = sentence.speaker or speaker, sentence.ad
        words = short_words(sentence.words, width=WIDTH)
        starts = lay_out(words, width=WIDTH, lines=LINES, first_indent=len(label))
        for begin, end in zip(starts, [*starts[1:], len(words)], strict=True):
            if end < len(words):
                following: Seconds | None = words[end].start
            else:
                following = sentences[index + 1].start if index + 1 < len(sentences) else None
            shown = label if begin == 0 else ""
            lines = wrap([w.text for w in words[begin:end]], width=WIDTH, indent=len(shown))
            lines = [shown.rstrip(), *lines[1:]] if shown and not lines[0] else [shown + lines[0], *lines[1:]]
            span = timed(words[begin:end], following)
            cards.append(Card(span.start, span.end, tuple(lines), sentence.speaker))
    return sorted(cards, key=lambda card: card.start)


def _name(speaker: str, room: int) -> str:
    """The name, or as much of it as a line holds: first the whole, then its first word, then that cut short."""
    name = " ".join(speaker.split()).replace(":", "")
    if len(name) <= room:
        return name
    first = name.split()[0]
    return first if len(first) <= room else first[: room - 1] + "\u2026"


def _print_cards(cards: Iterable[Card]) -> str:
    blocks = []
    for number, card in enumerate(cards, 1):
        times = f"{caption_clock(card.start, mark=',')} --> {caption_clock(card.end, mark=',')}"
        blocks.append(f"{number}\n{times}\n" + "\n".join(card.lines) + "\n")
    return "\n".join(blocks)


def _caption(block: Block) -> Caption:
    plain = (" ".join(unescape(_MARKUP.sub("", _BREAK.sub(" ", line))).split()) for line in block.lines)
    pieces = tuple(Piece(line.removeprefix("[Ad] ")) for line in plain if line)
    return Caption(block.timing.start or 0.0, block.timing.end or 0.0, pieces)
