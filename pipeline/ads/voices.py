"""Who speaks inside an ad: a voice that is heard nowhere else is a recording that was put in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from pipeline.timeline import Span, Turn, merge_spans

STRANGER_OUTSIDE_S = 3.0  # a breath or a word taken for another voice; more than this is another part
OVERHANG_S = 6.0  # of a turn that the span cuts through: the last sentence of small print, which reads like no ad
STRANGER_SHARE = 0.6  # of the talk inside
SHORTEST_TALK_S = 4.0


def strangers(turns: Sequence[Turn], spans: Sequence[Span]) -> tuple[bool, ...]:
    """For each span, whether most of its talk is by voices that are heard in these spans only.

    >>> host, other = [Turn(0, 60, "A"), Turn(90, 150, "A")], [Turn(61, 89, "B")]
    >>> strangers([*host, *other], [Span(61, 89), Span(100, 120)])
    (True, False)
    """
    strange = voices_of_ads(turns, spans)
    return tuple(_mostly(turns, span, strange) for span in spans)


def voices_of_ads(turns: Sequence[Turn], spans: Sequence[Span]) -> frozenset[str]:
    """The voices that are heard inside these spans and, but for their edges, nowhere else."""
    joined = merge_spans(spans)
    inside, overhang, elsewhere = (defaultdict[str, float](float) for _ in range(3))
    for turn in turns:
        shared = sum(turn.overlap(span) for span in joined)
        inside[turn.speaker] += shared
        (overhang if shared else elsewhere)[turn.speaker] += turn.duration - shared
    return frozenset(
        voice
        for voice, heard in inside.items()
        if elsewhere[voice] <= min(STRANGER_OUTSIDE_S, heard) and overhang[voice] <= min(OVERHANG_S, heard)
    )


def with_their_turns(span: Span, turns: Sequence[Turn], voices: Collection[str]) -> Span:
    """A span with the whole of the turns in it that these voices have: what they say next is no show either."""
    theirs = [turn for turn in turns if turn.speaker in voices and turn.overlap(span) > 0]
    return Span(min([span.start, *(t.start for t in theirs)]), max([span.end, *(t.end for t in theirs)]))


def _mostly(turns: Sequence[Turn], span: Span, strange: Collection[str]) -> bool:
    talk = sum(turn.overlap(span) for turn in turns)
    by_strangers = sum(turn.overlap(span) for turn in turns if turn.speaker in strange)
    return by_strangers >= SHORTEST_TALK_S and by_strangers >= STRANGER_SHARE * talk
