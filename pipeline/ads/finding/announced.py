"""Ads that announce themselves ("this hour is supported in part by ..."), found where the decoder leaves them out.

The decoder pays for both edges of a segment, so a line of ten words, or a read of ten seconds, does not pay for its
own; and public radio's thanks to its funders sound to the model like credits. A rule after the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.ads.finding.boundaries import snap
from pipeline.ads.finding.evidence import ADDRESS, CUES, NOT_US, PAYS, SUPPORT, text_with_starts, word_at
from pipeline.ads.finding.segments import PAID, Segment, WordScores, log_sum, moving_mean
from pipeline.timeline import Span, Word
from pipeline.words.links import find_links

CHANCE = 0.85
"""Of what is announced to be a paid ad, where the model takes the announcement for a call: 34 of 39 in the shows it has
not learnt from (`make train-ads` prints it)."""
LEAST_ODDS, LEAST_ODDS_CLOSED = 0.0, -1.4
"""Log-odds that the announcement belongs to an ad, a call or credits: more likely than not; one in five where an
address or code closes it, which leaves out talk about ads that quotes one."""
READ_S = 45.0
"""From the announcement to the address that closes its read: longer has the show in between."""
SHORT_READ_S = 20.0
"""An announcement with an address or code that soon after it is an ad up to there: all 70 in the labelled shows that
are not set aside, and 23 of the 25 with a later one (a script outside the repository)."""
LEAST_MEAN = 0.4
"""The mean chance to be an ad or a call that the words up to a later address must have."""
BREATH_S = 0.4  # between two words of one speaker: a sentence has ended
BEFORE_WORDS, AFTER_WORDS, PLAIN_WORDS = 8, 20, 11  # how far a sentence is followed; its length where it has no end
CLOSING_WORDS = 3  # after an address: "... dot com slash show today."
SMOOTH = 7  # words
LEAST_WORDS = 6
_ANNOUNCES = re.compile(
    rf"\b(?:is|was|are|were|comes?|been)(?: also| today| \w+ly)* {PAYS}(?: today| in part| \w+ly)*,? by\b{NOT_US}"
    rf"|\bbrought to you (?:today |in part )?by\b{NOT_US}"
    rf"|\b{SUPPORT}(?:provided|comes?|came)(?: in part)? (?:by|from)\b{NOT_US}"
    r"|\b(?:thank(?:s| you)(?: \w+){0,3} to|thank) (?:our|today's|this week's)(?: \w+){0,2} (?:sponsors?|partners?)\b"
    r"|\bthank(?:s| you)(?: \w+){0,6} for sponsoring (?:this|the|our|today's)\b"
    r"|\b(?:our|today's|this week's) (?:sponsor|partner)'?s'? (?:web ?)?(?:site|page)\b",
    re.IGNORECASE,
)
_CLOSERS = tuple(cue.pattern for cue in CUES if cue.name in (ADDRESS, "gives a code"))


def announced_ads(segments: Sequence[Segment], words: Sequence[Word], scores: WordScores) -> tuple[Segment, ...]:
    """The announced ads that no segment touches: the sentence, and what of the read after it can be told."""
    if not words:
        return ()
    calls = call_odds(scores)
    likely = moving_mean(scores.paid, SMOOTH) > 0
    found: list[Segment] = []
    for phrase in announcements(words):
        first, last = _sentence(words, *phrase)
        closed = _closed(words, first, calls)
        if calls[slice(*phrase)].mean() <= (LEAST_ODDS_CLOSED if closed else LEAST_ODDS):
            continue
        first, last = _extended(words, first, max(last, closed), likely)
        span = Span(words[first].start, max(word.end for word in words[first:last]))
        if last - first >= LEAST_WORDS and not any(span.overlap(segment) > 0 for segment in (*segments, *found)):
            mean = float(np.exp(scores.kinds[first:last, PAID]).sum(axis=1).mean())
            found.append(Segment(span.start, span.end, first, last, "sponsor", mean))
    return tuple(found)


def _extended(words: Sequence[Word], first: int, last: int, likely: np.ndarray) -> tuple[int, int]:
    """The words ``first`` to ``last`` (exclusive) with the likely ones beside them.

    Smoothing makes a few words behind the last likely one seem so: a sentence that starts with these is left out.
    """
    start, end = first, last
    while end < len(words) and likely[end]:
        end += 1
    while start > 0 and likely[start - 1]:
        start -= 1
    ends = range(end, max(last, end - SMOOTH // 2) - 1, -1)
    starts = range(start, min(first, start + SMOOTH // 2) + 1)
    return (
        next((n for n in starts if _ends_before(words, n)), min(first, snap(words, start))),
        next((n for n in ends if _ends_before(words, n)), max(last, snap(words, end))),
    )


def announcements(words: Sequence[Word]) -> list[tuple[int, int]]:
    """First and last (exclusive) word of each announcement."""
    text, starts = text_with_starts(words)
    found = _ANNOUNCES.finditer(text)
    return [(word_at(starts, match.start()), word_at(starts, match.end() - 1) + 1) for match in found]


def call_odds(scores: WordScores) -> np.ndarray:
    """Log-odds of each word to belong to an ad, a call of the show or credits, shape (n,)."""
    odds: np.ndarray = log_sum(scores.kinds[:, 1:]) - scores.kinds[:, 0]
    return odds


def _ends_before(words: Sequence[Word], n: int) -> bool:
    """Whether a sentence ends before word ``n``."""
    if n in (0, len(words)):
        return True
    return words[n - 1].text[-1:] in ".!?" or words[n].start - words[n - 1].end >= BREATH_S


def _sentence(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """The sentence of the words ``first`` to ``last`` (exclusive), a few words to each side where it has no end."""
    back = range(first, max(-1, first - BEFORE_WORDS - 1), -1)
    on = range(last + 1, min(len(words), last + AFTER_WORDS) + 1)
    return (
        next((n for n in back if _ends_before(words, n)), max(0, first - BEFORE_WORDS // 2)),
        next((n for n in on if _ends_before(words, n)), min(len(words), last + PLAIN_WORDS)),
    )


def _closed(words: Sequence[Word], first: int, calls: np.ndarray) -> int:
    """The word after the sentence of the first address or code that closes a read from ``first`` on; 0 without one."""
    reach = next((n for n in range(first, len(words)) if words[n].end - words[first].start > READ_S), len(words))
    closer = _first_closer(words[first:reach])
    if closer is None:
        return 0
    at = first + closer + 1
    last = next((n for n in range(at, min(at + CLOSING_WORDS, len(words)) + 1) if _ends_before(words, n)), at)
    is_short = words[at - 1].end - words[first].start <= SHORT_READ_S
    return last if is_short or (1 / (1 + np.exp(-calls[first:last]))).mean() >= LEAST_MEAN else 0


def _first_closer(words: Sequence[Word]) -> int | None:
    """The index of the last word of the first address or code."""
    text, ends_at = "", []
    for word in words:
        text += word.text.rstrip(",;:")  # "example dot com, slash podcast" is one address
        ends_at.append(len(text))
        text += " "
    ends = [match.end() for closer in _CLOSERS for match in closer.finditer(text)]
    found = [next(n for n, at in enumerate(ends_at) if at >= end) for end in ends if end <= ends_at[-1]]
    linked = {link.end for link in find_links(words)}
    return min([*found, *(n for n, word in enumerate(words) if word.end in linked)], default=None)
