"""Lists of words, written as they are read."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """The words of a text as a set.

    >>> sorted(listed("b a"))
    ['a', 'b']
    """
    return frozenset(text.split())


COARSE = listed("fuck fucks fucking fucked fucker motherfucker shit shitty bullshit asshole bitch cunt dick")
"""What no title, summary or quote is chosen with; the transcript keeps every word."""
