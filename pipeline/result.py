"""What a run produces: the episode, its ads, chapters, speakers, notes and warnings, and the result of them all.

Times are seconds of the *source* recording unless a name says ``clean``. Every type is frozen; sequences are tuples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.timeline import CutList, Seconds, Span, Transcript, Turn

EvidenceKind = Literal["phrase", "model", "sound", "voice", "repeat", "metadata", "choice"]
AdKind = Literal["sponsor", "spot", "promo", "self", "credits"]
Verdict = Literal["cut", "hold", "keep"]

OWN_KINDS: tuple[AdKind, ...] = ("self", "credits")
"""What a show says for itself: it may stay, and who says it is one of the show's own people."""
REMOVED_KINDS: tuple[AdKind, ...] = ("sponsor", "spot", "promo")
"""The kinds that are cut unless the user says otherwise."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason, in words a listener understands; ``at`` is when it is heard, if it has a moment."""

    kind: EvidenceKind
    text: str
    at: Seconds | None = None


@dataclass(frozen=True, slots=True)
class AdSpan(Span):
    """A stretch that is not the show: ``score`` is the calibrated probability 0..1 that it is an ad.

    ``kind``: sponsor = read by the show's voices, spot = an inserted recording, promo = for another show,
    self = the show's own call to action, credits. ``verdict``: hold = likely, but left in for a person to decide;
    keep = left in by choice.
    """

    score: float
    kind: AdKind = "sponsor"
    evidence: tuple[Evidence, ...] = ()
    verdict: Verdict = "cut"
    sponsor: str = ""


@dataclass(frozen=True, slots=True)
class FoundAds:
    """What a detector makes of an episode: ``ads``, and ``doubtful`` stretches outside of them, which may be ad copy
    though they are too unlikely to be listed; both in order of time."""

    ads: tuple[AdSpan, ...] = ()
    doubtful: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter(Span):
    """A titled stretch of the episode, in source time."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice of the episode: ``label`` ("Speaker 1") marks turns and words; ``name`` is shown, empty if unknown."""

    label: str
    name: str = ""
    role: str = ""
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()

    @property
    def shown(self) -> str:
        return self.name or self.label


@dataclass(frozen=True, slots=True)
class Episode:
    """What the user gave: one recording and what is known about it before it is heard."""

    id: str
    source: str
    duration: Seconds
    sha256: str
    title: str = ""
    show: str = ""
    description: str = ""
    published: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote(Span):
    """Words exactly as the transcript has them."""

    text: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, organisation, work or link that is spoken of, and when."""

    kind: Literal["person", "organisation", "work", "link"]
    text: str
    at: tuple[Seconds, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """The content of the show notes; every part is traceable to a time of the source.

    ``rewritten_by``: the language model whose words the summary or key points are; empty where all are the speakers'.
    """

    summary: tuple[Quote, ...] = ()
    points: tuple[Quote, ...] = ()
    quotes: tuple[Quote, ...] = ()
    mentions: tuple[Mention, ...] = ()
    rewritten_by: str = ""


@dataclass(frozen=True, slots=True)
class Warning(Span):
    """A stretch the listener should know about: speech without words, words without speech, a re-decoded span."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the words and the detected speech cover each other.

    ``share``: of the speech, how much lies at a word (None where nobody speaks). ``unheard``: stretches of speech
    without words; ``unvoiced``: stretches of words where nobody seems to speak.
    """

    speech_s: Seconds = 0.0
    share: float | None = None
    unheard: tuple[Span, ...] = ()
    unvoiced: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a run produced; ``result.json`` is its serialisation and every other output a pure function of it."""

    episode: Episode
    transcript: Transcript
    turns: tuple[Turn, ...]
    speakers: tuple[Speaker, ...]
    ads: tuple[AdSpan, ...]
    cuts: CutList
    chapters: tuple[Chapter, ...] = ()
    notes: Notes = field(default_factory=Notes)
    warnings: tuple[Warning, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)

    def shown(self, label: str | None) -> str:
        """The name to print for a speaker label; empty for None."""
        return next((s.shown for s in self.speakers if s.label == label), label or "")
