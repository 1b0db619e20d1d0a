"""Who speaks on a track, by the name of its file or stream."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_WORDS = 4
"""A longer name describes the recording, not a person."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def name_tracks(titles: Sequence[str]) -> tuple[str, ...]:
    """The speaker of each track: what its title has and the others have not, without numbers; empty where no name is.

    >>> name_tracks(["show_ann-smith_raw-audio_0003", "show_ben_raw-audio_0003"])
    ('Ann Smith', 'Ben')
    >>> name_tracks(["audioAnnSmith21234567", "audioBen31234567"]), name_tracks(["Track 1", "Track 2"])
    (('Ann Smith', 'Ben'), ('', ''))
    """
    words = [_words_of(title) for title in titles]
    everywhere = (
        set.intersection(*({word.casefold() for word in found} for found in words)) if len(words) > 1 else set()
    )
    names = [" ".join(word for word in found if word.casefold() not in everywhere) for found in words]
    names = [name if len(name) > 1 and name.count(" ") < MOST_WORDS else "" for name in names]
    return tuple(_capitalised(name) if names.count(name) == 1 else "" for name in names)


def shared_title(titles: Sequence[str]) -> str:
    """What the titles of all tracks have in common, in the order of the first; empty where it is no title.

    >>> shared_title(["tea-time ann", "tea-time ben"]), shared_title(["ann", "ben"])
    ('tea time', '')
    """
    words = [_words_of(title) for title in titles]
    rest = [{word.casefold() for word in found} for found in words[1:]]
    return " ".join(word for word in words[0] if all(word.casefold() in found for found in rest)) if rest else ""


def _words_of(title: str) -> list[str]:
    """The words of a title; "audioAnnSmith", as one meeting service has it, is three."""
    found = _WORD.findall(title)
    if found and found[0][0].islower() and not found[0].islower():
        found[:1] = re.findall(r"[^\W\d_](?:[^\W\d_A-Z])*", found[0])
    return found


def _capitalised(name: str) -> str:
    return name.title() if name.islower() or (name.isupper() and len(name) > 2) else name
