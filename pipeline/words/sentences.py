"""Words to sentences: the unit that transcripts, chapters and notes are made of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from pipeline.timeline import Seconds, Segment, Span, Word
from pipeline.words.lists import listed

LONGEST_WORDS = 60
"""A sentence beyond this is a recogniser that stopped punctuating: it is split at its longest pauses."""
PAUSE_S = 2.0
"""A silence that ends a sentence whatever the punctuation says (95 % of pauses inside real sentences are under 1 s)."""

_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"')\]\u2019\u201d\u00bb]*$")
_INITIALS = re.compile(r"^[\"'(\u201c]*(?:[A-Za-z]\.)+[\"')]*$")


_ABBREVIATIONS = listed("""
    mr mrs ms dr prof st sr jr vs gen sen rep gov lt col sgt capt rev hon mt ft dept est inc corp co ltd no vol fig al
    approx jan feb mar apr jun jul aug sep sept oct nov dec""")
_CLOSING_ABBREVIATIONS = listed("inc corp co ltd jr sr al dept")  # these also end sentences
_OPENERS = listed("""
    the a an this that these those it he she we they i you there here and but so or if when while as in on at for what
    why how who where which is are was were do does did have has can could would will then now well yes no not my your
    our their his her its with from by to after before because also""")


def group_segments(words: Sequence[Word], *, breaks: Iterable[Seconds] = ()) -> tuple[Segment, ...]:
    """Sentences, each of one speaker, in order; ``breaks`` are times (cuts, ad edges) that no sentence may span.

    >>> [s.text for s in group_segments([Word(0, 1, "Dr."), Word(1, 2, "No."), Word(2, 3, "Yes?"), Word(3, 4, "Hm")])]
    ['Dr. No.', 'Yes?', 'Hm']
    """
    edges = sorted(breaks)
    sentences: list[list[Word]] = []
    for word in words:
        if not word.text:
            continue
        if not sentences or _parts(sentences[-1][-1], word, edges):
            sentences.append([])
        sentences[-1].append(word)
    pieces = [piece for sentence in sentences for piece in _split_long(sentence)]
    return tuple(_segment(piece) for piece in pieces)


def drop_words(words: Iterable[Word], spans: Sequence[Span]) -> tuple[Word, ...]:
    """The words whose middle lies in none of the (sorted, disjoint) spans."""
    starts = [span.start for span in spans]

    def inside(word: Word) -> bool:
        index = bisect_right(starts, word.middle) - 1
        return index >= 0 and spans[index].contains(word.middle)

    return tuple(word for word in words if not inside(word))


def ends_sentence(text: str, following: str = "") -> bool:
    """Whether a sentence ends after this word, given the next one."""
    if not _END.search(text):
        return False
    bare = text.strip("\"'()[]\u201c\u201d\u2018\u2019")
    if bare.endswith(("...", "\u2026")):
        return not following or not following[0].islower()
    if not bare.endswith("."):
        return True
    key = bare.rstrip(".").lower()
    if _INITIALS.match(text):  # "U.S." or "J.": an end only before a word that opens sentences
        return not following or (len(key) > 1 and following[0].isupper() and following.lower() in _OPENERS)
    if key == "no":  # "No. 1" is a number, "No." an answer
        return not following or not following[0].isdigit()
    if key in _CLOSING_ABBREVIATIONS:
        return not following or (following[0].isupper() and following.lower() in _OPENERS)
    return key not in _ABBREVIATIONS or not following


def _parts(before: Word, word: Word, edges: Sequence[Seconds]) -> bool:
    if before.speaker != word.speaker or word.start - before.end > PAUSE_S:
        return True
    if bisect_right(edges, word.middle) != bisect_right(edges, before.middle):
        return True
    return ends_sentence(before.text, word.text)


def _split_long(words: list[Word]) -> list[list[Word]]:
    """Halve an over-long sentence at the pause or comma nearest to its middle until every piece is short enough."""
    if len(words) <= LONGEST_WORDS:
        return [words]
    middle = len(words) / 2

    def merit(index: int) -> float:
        pause = max(0.0, words[index].start - words[index - 1].end)
        comma = 0.3 if words[index - 1].text.endswith((",", ";", ":", "\u2014")) else 0.0
        return min(pause, 1.0) + comma - abs(index - middle) / len(words)

    cut = max(range(len(words) // 4, len(words) - len(words) // 4), key=merit)
    return _split_long(words[:cut]) + _split_long(words[cut:])


def _segment(words: Sequence[Word]) -> Segment:
    end = max(word.end for word in words)
    return Segment(words[0].start, max(words[0].start, end), tuple(words), words[0].speaker)
