"""A case: one recording and everything that is known to be true about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.result import Chapter
from pipeline.timeline import Seconds, Span, Turn

Provenance = Literal["human", "machine", "script", "unstated"]
"""Who made the reference transcript. ``script``: the recording was spoken from it, word for word."""


@dataclass(frozen=True, slots=True)
class ReferenceWord:
    """A word of the reference, as written; ``span`` and ``in_ad`` are None where the reference does not say.

    ``opens``: it is the first of a paragraph.
    """

    text: str
    speaker: str | None = None
    span: Span | None = None
    in_ad: bool | None = None
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A recording's references; what is absent (empty words, None) is not scored.

    ``names`` are the people who speak; ``named_voices`` says which of the reference's labels each of them has.
    ``ads`` are the true ad spans in source time, () when it is known to have none. ``reference_error`` is the estimated
    word error rate of a machine-made reference, and ``reference_error_from`` says where that estimate comes from.
    ``remarks``: sentences about what of the reference was mended or not understood.
    """

    id: str
    words: tuple[ReferenceWord, ...] = ()
    turns: tuple[Turn, ...] | None = None
    scored: tuple[Span, ...] | None = None
    ads: tuple[Span, ...] | None = None
    chapters: tuple[Chapter, ...] | None = None
    names: tuple[str, ...] | None = None
    named_voices: Mapping[str, str] | None = None
    title: str = ""
    show: str = ""
    description: str = ""
    language: str = ""
    synthetic: bool = False
    provenance: Provenance = "unstated"
    reference_error: float | None = None
    reference_error_from: str = ""
    duration: Seconds | None = None
    remarks: tuple[str, ...] = ()

    @property
    def machine_reference(self) -> bool:
        return self.provenance == "machine"

    @property
    def ads_known(self) -> bool:
        """Whether anything says which part of the recording is advertising."""
        return self.ads is not None or (bool(self.words) and all(word.in_ad is not None for word in self.words))
