"""SubRip: two lines of 32 characters a card, the speaker's name where it changes (Podcasting 2.0's rules for SRT).

An ad that stayed in the recording opens with ``[Ad]``, as SRT has no other way to say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.errors import FormatError
from pipeline.formats.captions.cards import Card, lay_out, short_words, timed, wrap
from pipeline.formats.captions.cues import Cue, cue_times
from pipeline.formats.clock import caption_clock
from pipeline.formats.transcripts.clean_transcript import Sentence, clean_sentences
from pipeline.formats.untrusted_text import unescape
from pipeline.result import Result
from pipeline.timeline import Seconds

WIDTH = 32
LINES = 2
_TIMING = re.compile(r"^\s*([\d:.,]+)\s*-+>\s*([\d:.,]+)")
_NAME = re.compile(r"^([A-Z\u00c0-\u024f][^:.?!]{0,60}?):\s+")
_MARKUP = re.compile(r"</?(?:i|b|u|s|font)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)


def print_srt(result: Result) -> str:
    """The clean transcript as SRT; CRLF is not used, as every reader takes LF."""
    return _print_cards(_cards(clean_sentences(result)))


def print_cues(cues: Iterable[Cue]) -> str:
    """Cues as SRT, one line each, the name on every cue: the inverse of ``parse_srt``."""
    return _print_cards(
        Card(c.start, c.end, ((f"{c.speaker}: " if c.speaker else "") + c.text,), c.speaker) for c in cues
    )


def parse_srt(text: str, *, path: str = "transcript.srt") -> tuple[Cue, ...]:
    """The cues of an SRT file, in order of start; numbers, markup and blank cards are passed over.

    "Name: " at the head of a card is read as its speaker, and holds until the next name.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    heads = [index for index, line in enumerate(lines) if _TIMING.match(line)]
    if not heads:
        bad = next((i for i, line in enumerate(lines, 1) if "-->" in line), None)
        raise FormatError(path, "has no line 'hh:mm:ss,mmm --> hh:mm:ss,mmm': it is not an SRT file", line=bad)
    cues = []
    speaker = ""
    for head, after in zip(heads, [*heads[1:], len(lines)], strict=True):
        timing = _TIMING.match(lines[head])
        start, end = cue_times(timing.groups() if timing else (), lines[head], path, head + 1)
        payload = _payload(lines[head + 1 : after], last=after == len(lines))
        spoken, body = _split_name(payload)
        speaker = spoken or speaker
        if body:
            cues.append(Cue(start, end, body, speaker))
    return tuple(sorted(cues, key=lambda c: c.start))


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


def _payload(lines: list[str], *, last: bool) -> str:
    """The text of a card: its lines, less the number of the next card."""
    kept = [line.strip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    if not last and kept and kept[-1].isdigit() and (len(kept) == 1 or not kept[-2]):
        kept.pop()
    text = unescape(_MARKUP.sub("", " ".join(line for line in kept if line)))
    return " ".join(text.split())


def _split_name(text: str) -> tuple[str, str]:
    body = text.removeprefix("[Ad] ")
    match = _NAME.match(body)
    if match and len(match.group(1).split()) <= 4:
        return match.group(1), body[match.end() :]
    return "", body
