"""The paragraph a reader sees in TXT, MD and HTML: when it begins, who speaks, what is said."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.formats.transcripts.clean_transcript import ad_title, clean_paragraphs
from pipeline.result import Result
from pipeline.timeline import Seconds


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of the clean transcript; ``start`` in whole clean seconds, ``label`` names the ad it belongs to."""

    start: Seconds
    speaker: str
    text: str
    label: str = ""


def passages(result: Result) -> tuple[Passage, ...]:
    """The clean transcript as paragraphs, times cut to the whole second that is printed."""
    return tuple(
        Passage(float(int(p.start + 1e-6)), plain_name(p.speaker), p.text, plain_label(ad_title(p.ad)) if p.ad else "")
        for p in clean_paragraphs(result)
    )


def plain_name(name: str) -> str:
    """A name that nothing printed around it can be confused with."""
    return plain_label(name.replace(":", " "))


def plain_label(label: str) -> str:
    """A label that no bracket or line break can tear out of its place."""
    return " ".join(re.sub(r"[\[\]<>*`\\]", " ", label).split())
