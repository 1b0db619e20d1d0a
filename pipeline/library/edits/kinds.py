"""The edits that a person can make: each says what is to be true of a moment of the recording.

Times are source seconds. No edit names a label of the diarizer or the number of an ad, because these change when the
episode is run again: a voice is named by stretches in which it speaks, everything else by its moment and its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, with_config

from pipeline.result import AdKind, Chapter, Mention, Quote
from pipeline.timeline import Seconds, Span

Part = Literal["summary", "points", "quotes"]
_whole = with_config({"extra": "forbid"})


@_whole
@dataclass(frozen=True, slots=True)
class AdVerdict(Span):
    """A stretch is cut, or kept. Ads that lie mostly inside follow it; a cut where no ad was found makes one."""

    verdict: Literal["cut", "keep"]
    kind: Literal["ad_verdict"] = "ad_verdict"


@_whole
@dataclass(frozen=True, slots=True)
class AdEdges(Span):
    """The ad at this stretch begins at ``first`` and ends at ``last`` instead."""

    first: Seconds
    last: Seconds
    kind: Literal["ad_edges"] = "ad_edges"

    def __post_init__(self) -> None:
        Span.__post_init__(self)
        Span(self.first, self.last)  # raises ValueError for a span that is none


@_whole
@dataclass(frozen=True, slots=True)
class AdAbout(Span):
    """What the ad at this stretch is, and whose."""

    ad_kind: AdKind
    sponsor: str = ""
    kind: Literal["ad_about"] = "ad_about"


@_whole
@dataclass(frozen=True, slots=True)
class WordsCorrected(Span):
    """The words of a moment, which were ``was``, are ``text``; the same text confirms them, none removes them."""

    was: str
    text: str
    kind: Literal["words"] = "words"


@_whole
@dataclass(frozen=True, slots=True)
class PhraseCorrected:
    """Wherever the episode has ``was`` it should have ``text``; ``show``: in the show's later episodes, too."""

    was: str
    text: str
    show: bool = False
    kind: Literal["phrase"] = "phrase"


@_whole
@dataclass(frozen=True, slots=True)
class VoiceNamed:
    """The voice that speaks in these stretches has a name and a role."""

    voice: tuple[Span, ...]
    name: str
    role: str = ""
    kind: Literal["voice_name"] = "voice_name"


@_whole
@dataclass(frozen=True, slots=True)
class VoicesMerged:
    """The voice that speaks in these stretches is the one that speaks in those of ``into``."""

    voice: tuple[Span, ...]
    into: tuple[Span, ...]
    kind: Literal["voice_merge"] = "voice_merge"


@_whole
@dataclass(frozen=True, slots=True)
class WordsGiven(Span):
    """The words of a moment are said by another voice; one without stretches is a voice that had no label yet."""

    voice: tuple[Span, ...] = ()
    kind: Literal["voice_words"] = "voice_words"


@_whole
@dataclass(frozen=True, slots=True)
class ChaptersSet:
    """All chapters of the episode; each ends where the next one begins."""

    chapters: tuple[Chapter, ...]
    kind: Literal["chapters"] = "chapters"


@_whole
@dataclass(frozen=True, slots=True)
class NotesSet:
    """The summary, the key points or the quotes, all of them, each with the moment it is about."""

    part: Part
    items: tuple[Quote, ...]
    kind: Literal["notes"] = "notes"


@_whole
@dataclass(frozen=True, slots=True)
class MentionsSet:
    """All people, organisations, works and links of the notes."""

    mentions: tuple[Mention, ...]
    kind: Literal["mentions"] = "mentions"


AdEdit = AdVerdict | AdEdges | AdAbout
WordEdit = WordsCorrected | PhraseCorrected
VoiceEdit = VoiceNamed | VoicesMerged | WordsGiven
TextEdit = ChaptersSet | NotesSet | MentionsSet
Edit = Annotated[AdEdit | WordEdit | VoiceEdit | TextEdit, Field(discriminator="kind")]
