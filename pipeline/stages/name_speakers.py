"""Who the voices are."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.timeline import AdSpan, Speaker, Turn, Word


def name_speakers(
    words: Sequence[Word],
    turns: Sequence[Turn],
    ads: Sequence[AdSpan],
    *,
    title: str = "",
    show: str = "",
    description: str = "",
) -> tuple[Speaker, ...]:
    """Every voice by first appearance; one that is heard only inside ads has the role ``ad``."""
    labels = dict.fromkeys(turn.speaker for turn in sorted(turns, key=lambda turn: turn.start))
    outside = {w.speaker for w in words if not any(ad.contains(w.middle) for ad in ads)}
    return tuple(Speaker(label, role="" if label in outside else "ad") for label in labels)
