"""What an episode is about, in its own words."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ports import SentenceEncoder
from pipeline.timeline import Notes, Segment, Speaker


def write_notes(
    segments: Sequence[Segment],
    speakers: Sequence[Speaker],
    *,
    encoder: SentenceEncoder,
    title: str = "",
    show: str = "",
    description: str = "",
) -> Notes:
    """The content of the show notes; empty yet."""
    return Notes()
