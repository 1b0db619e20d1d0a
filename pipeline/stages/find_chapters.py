"""Where the subject changes."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ports import SentenceEncoder
from pipeline.timeline import Chapter, Seconds, Segment


def find_chapters(segments: Sequence[Segment], *, encoder: SentenceEncoder, duration_s: Seconds) -> tuple[Chapter, ...]:
    """The chapters of an episode; none yet."""
    return ()
