"""Who speaks inside an ad: a voice that is heard nowhere else is a recording that was put in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby

from pipeline.timeline import Span, Turn, Word, merge_spans
from pipeline.words.links import find_links

STRANGER_OUTSIDE_S = 3.0  # a breath or a word taken for another voice; more than this is another part
INSIDE_SHARE = 0.5  # of all that a voice says: it speaks in ads, and the rest is a stretch of them that was not found
BESIDE_S = 12.0  # of what an ad's voice says right beside it: two or three sentences that read like no ad, small print
TRIMMED_S = 5.0  # at the end of a recorded spot, said by a voice of the show: a sentence that the show goes on with
STRANGER_SHARE = 0.6  # of the talk inside
SHORTEST_TALK_S = 4.0
PASSING_WORDS = 150
"""A minute: of 41 voices of 194 published episodes that say no more, in one go, five give an address; the two of them
that were read, of shows not set aside, are ads (a script outside the repository)."""


def strangers(turns: Sequence[Turn], spans: Sequence[Span]) -> tuple[bool, ...]:
    """For each span, whether most of its talk is by voices that are heard in these spans only.

    >>> host, other = [Turn(0, 60, "A"), Turn(90, 150, "A")], [Turn(61, 89, "B")]
    >>> strangers([*host, *other], [Span(61, 89), Span(100, 120)])
    (True, False)
    """
    strange = voices_of_ads(turns, spans)
    return tuple(_mostly(turns, span, strange) for span in spans)


def voices_of_ads(turns: Sequence[Turn], spans: Sequence[Span]) -> frozenset[str]:
    """The voices that are heard mostly inside these spans, for the rest right beside them, and nowhere else."""
    joined = merge_spans(spans)
    inside, beside, elsewhere = (defaultdict[str, float](float) for _ in range(3))
    for turn in turns:
        shared = sum(turn.overlap(span) for span in joined)
        near = any(turn.start < span.end + BESIDE_S and turn.end > span.start - BESIDE_S for span in joined)
        inside[turn.speaker] += shared
        (beside if near else elsewhere)[turn.speaker] += turn.duration - shared
    return frozenset(
        voice
        for voice, heard in inside.items()
        if elsewhere[voice] <= min(STRANGER_OUTSIDE_S, heard)
        and beside[voice] <= BESIDE_S
        and heard >= INSIDE_SHARE * (heard + beside[voice])
    )


def with_their_turns(span: Span, turns: Sequence[Turn], voices: Collection[str]) -> Span:
    """A span with the whole of what these voices say in it and right beside it, and no further if one of them ends it.

    What the show says after a recorded spot, if it is short, is the show going on and not the spot's.

    >>> spot, host = [Turn(10, 20, "ad"), Turn(21, 24, "ad")], [Turn(25, 60, "A")]
    >>> with_their_turns(Span(11, 27), [*spot, *host], {"ad"})
    Span(start=10, end=24)
    """
    near = Span(max(0.0, span.start - BESIDE_S), span.end + BESIDE_S)
    theirs = [turn for turn in turns if turn.speaker in voices and turn.overlap(near) > 0]
    if not any(turn.overlap(span) > 0 for turn in theirs):
        return Span(span.start, span.end)
    start, end = min([span.start, *(t.start for t in theirs)]), max(t.end for t in theirs)
    return Span(start, end if span.end - end <= TRIMMED_S else span.end)


def _mostly(turns: Sequence[Turn], span: Span, strange: Collection[str]) -> bool:
    talk = sum(turn.overlap(span) for turn in turns)
    by_strangers = sum(turn.overlap(span) for turn in turns if turn.speaker in strange)
    return by_strangers >= SHORTEST_TALK_S and by_strangers >= STRANGER_SHARE * talk


def passing_sellers(words: Sequence[Word], *, without: Sequence[Span] = ()) -> tuple[Span, ...]:
    """What a voice says that is heard once, for a minute at most, and gives an address; none inside ``without``.

    >>> host, spot = [Word(n, n + 1, "so", 1.0, "A") for n in range(9)], Word(9, 10, "acme.com", 1.0, "B")
    >>> passing_sellers([*host, spot])
    (Span(start=9, end=10),)
    """
    stretches = [list(said) for _, said in groupby(words, key=lambda word: word.speaker)]
    times = Counter(said[0].speaker for said in stretches)
    passing = [said for said in stretches if said[0].speaker and times[said[0].speaker] == 1 and len(times) > 1]
    spans = [Span(said[0].start, max(word.end for word in said)) for said in passing if _sells(said)]
    return tuple(span for span in spans if not any(span.overlap(other) > 0 for other in without))


def _sells(said: Sequence[Word]) -> bool:
    return len(said) <= PASSING_WORDS and bool(find_links(said))
