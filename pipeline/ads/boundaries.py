"""Where a read begins and ends within what its speaker says: rules about phrases, pauses and turns.

The trees judge whole clauses, and a recogniser that misses a full stop makes one clause of the read's last sentence and
the show's next. What follows the address, after a breath, and sells nothing, is the show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.ads.evidence import CUES, plain_word
from pipeline.timeline import Seconds, Span, Turn, Word

BREATH_S = 0.25  # between two words of one speaker: he has finished a sentence
TAIL_S = 8.0  # of words after the last address: a sentence or two; a longer tail says something of its own
AFTER_WORDS = 3  # "... dot com slash show today."
LEAD_S = 20.0  # how far before a read its speaker's turn may have begun to lead into it
READ_S = (5.0, 45.0)  # from "is sponsored by" to the address: shorter is a mention, longer has the show in between
_OPENER = re.compile(
    r"\b(?:episode|podcast|show|program|video|portion|segment) (?:is|was|comes) (?:proudly |also )?"
    r"(?:brought to you|sponsored|presented|supported|made possible) by\b",
    re.IGNORECASE,
)
_CLOSERS = tuple(cue.pattern for cue in CUES if cue.name in ("gives an address", "gives a code"))
_SELLS = tuple(cue.pattern for cue in CUES)


def end_at_closer(span: Span, words: Sequence[Word]) -> Seconds:
    """Where a span ends if only a few words that sell nothing follow its last address or code after a breath."""
    inside = [word for word in words if span.contains(word.middle)]
    last = _last_closer(inside)
    if last is None:
        return span.end
    for n in range(last, min(last + AFTER_WORDS + 1, len(inside) - 1)):
        rest = inside[n + 1 :]
        if rest[0].start - inside[n].end >= BREATH_S and span.end - rest[0].start <= TAIL_S:
            sells = _any(_SELLS, rest) or _named(inside[max(0, last - 2) : last + 1], rest)
            return span.end if sells else inside[n].end
    return span.end


def start_at_lead(span: Span, words: Sequence[Word], turns: Sequence[Turn]) -> Seconds:
    """Where a span starts if its speaker's turn began shortly before and speaks of a sponsor until then."""
    turn = next((t for t in turns if t.start <= span.start + BREATH_S and t.end > span.start + BREATH_S), None)
    if turn is None or not 0 < span.start - turn.start <= LEAD_S:
        return span.start
    lead = [word for word in words if turn.start - BREATH_S <= word.start and word.middle < span.start]
    return lead[0].start if lead and _any(_SELLS[:4], lead) else span.start


def announced_reads(words: Sequence[Word]) -> tuple[Span, ...]:
    """From "this episode is sponsored by" to the address that follows: a read whatever else is in it."""
    text, starts = "", []
    for word in words:
        starts.append(len(text))
        text += word.text + " "
    found: list[Span] = []
    for opener in _OPENER.finditer(text):
        first = max(n for n, at in enumerate(starts) if at <= opener.start())
        first = _sentence_start(words, first)
        reach = [n for n in range(first, len(words)) if words[n].end - words[first].start <= READ_S[1]]
        last = _first_closer(words[first : reach[-1] + 1]) if reach else None
        if last is None or (found and words[first].start < found[-1].end):
            continue
        end = words[_closed(words, first + last)].end
        if end - words[first].start >= READ_S[0]:
            found.append(Span(words[first].start, end))
    return tuple(found)


def _sentence_start(words: Sequence[Word], n: int) -> int:
    """The word that begins the sentence of word ``n``, a few words back at most."""
    for k in range(n, max(0, n - 4), -1):
        if words[k - 1].text[-1:] in ".!?" or words[k].start - words[k - 1].end >= BREATH_S:
            return k
    return n


def _closed(words: Sequence[Word], n: int) -> int:
    """The word after which the speaker breathes, a few words after the address at most."""
    for k in range(n, min(n + AFTER_WORDS + 1, len(words) - 1)):
        if words[k + 1].start - words[k].end >= BREATH_S or words[k].text[-1:] in ".!?":
            return k
    return n


def _any(cues: Sequence[re.Pattern[str]], words: Sequence[Word]) -> bool:
    text = " ".join(word.text for word in words)
    return any(cue.search(text) for cue in cues)


def _named(address: Sequence[Word], words: Sequence[Word]) -> bool:
    """Whether a brand of the address is said again: "rinse dot com. Rinse. It's time to be great"."""
    site = "".join(plain_word(word) for word in address)
    return any(len(plain_word(word)) > 3 and plain_word(word) in site for word in words)


def _last_closer(words: Sequence[Word]) -> int | None:
    """The index of the last word of the last address or code."""
    ends = _closer_ends(words)
    return max(ends) if ends else None


def _first_closer(words: Sequence[Word]) -> int | None:
    ends = _closer_ends(words)
    return min(ends) if ends else None


def _closer_ends(words: Sequence[Word]) -> list[int]:
    text, ends_at = "", []
    for word in words:
        text += word.text.rstrip(",;:")  # "linear dot com, slash podcast" is one address
        ends_at.append(len(text))
        text += " "
    ends = [match.end() for closer in _CLOSERS for match in closer.finditer(text)]
    return [next(n for n, at in enumerate(ends_at) if at >= end) for end in ends if end <= ends_at[-1]]
