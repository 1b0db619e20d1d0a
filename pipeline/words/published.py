"""What the publisher's own transcript adds: how words are spelt, what voices are called, and how far the two agree.

It is a stranger's text and may be of another recording, edited, or made to mislead. So it brings in no word that was
not heard: it is laid beside what was heard, and only where the two agree as a whole are its spellings offered to
fix_spelling (which changes like-sounding words only) and its names given to voices that have none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.result import Evidence, Speaker
from pipeline.scores.words.alignment import Alignment, align_words
from pipeline.timeline import Seconds, Word

SAME_SHARE = 0.6  # of the longer side's words; two episodes of one show share 0.3, by chance and by their openings
MOST_WORDS_MORE = 3.0  # times the words heard; a longer one is not of this recording, and takes long to compare
MOST_SPELLINGS = 60  # names and compounds; each is looked for in the whole episode
LEAST_TIMES = 2  # a name written once may be a slip
LEAST_WORDS = 20  # of a voice, both heard and written, before a name is believed
LEAST_SHARE = 0.8  # of a voice's words that the publisher gives to one name

_NAMES = re.compile(r"(?<![.!?…] )(?<!^)\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
_COMPOUND = re.compile(r"\b\w*[a-z][A-Z]\w*\b")
_NO_NAME = re.compile(
    r"\d|_|\b(speakers?|hosts?|guests?|unknown|narrator|interviewer|announcer|ads?|advert\w*|male|female|voice|man|woman"
    r"|both|all|audience|caller|multiple|music|sponsor)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class VoiceName:
    """What the publisher calls a voice: of its ``words`` that both sides have, ``share`` stand under this name."""

    label: str
    name: str
    share: float
    words: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Counts of words against the publisher's (an agreement, not an error rate), and what may be used of it.

    ``otherwise``: what the publisher has for the word that was heard then, an empty text where it has none.
    """

    hits: int
    substitutions: int
    deletions: int
    insertions: int
    spellings: tuple[str, ...] = ()
    names: tuple[VoiceName, ...] = ()
    otherwise: tuple[tuple[Seconds, str], ...] = ()

    @property
    def rate(self) -> float:
        """Substitutions, deletions and insertions for each word of the publisher's."""
        return (self.substitutions + self.deletions + self.insertions) / max(1, self.written)

    @property
    def agrees(self) -> bool:
        """Whether it is a transcript of this recording."""
        longer = self.hits + self.substitutions + max(self.deletions, self.insertions)
        return self.hits >= SAME_SHARE * max(1, longer)

    @property
    def written(self) -> int:
        """How many words the publisher's transcript has."""
        return self.hits + self.substitutions + self.deletions


def compare_published(heard: Sequence[Word], published: Sequence[Word], *, language: str) -> Compared:
    """What was heard (words with speakers) beside the publisher's words (with names, where it says them)."""
    if len(published) > MOST_WORDS_MORE * len(heard):
        return Compared(0, 0, len(published), len(heard))
    alignment = align_words([w.text for w in published], [w.text for w in heard], language=language)
    errors = alignment.errors
    compared = Compared(errors.hits, errors.substitutions, errors.deletions, errors.insertions)
    if not compared.agrees:
        return compared
    return replace(
        compared,
        spellings=_spellings(published),
        names=_names(alignment, heard, published),
        otherwise=tuple(_otherwise(alignment, heard).items()),
    )


def told_of(compared: Compared) -> str:
    """What a user is told."""
    if not compared.agrees:
        return "  the publisher's transcript is not used: it is not of this recording, or changed beyond comparing"
    heard = compared.hits + compared.substitutions + compared.insertions
    otherwise = (compared.substitutions + compared.deletions) / max(1, compared.written)
    added = compared.insertions / max(1, heard)
    return (
        f"  {otherwise:.1%} of the publisher's words were heard otherwise, and {added:.1%} of the words heard are not "
        "among them (an agreement, not an error rate: a publisher's transcript may be edited, made by a machine, or "
        "made for other ads)"
    )


def name_voices(speakers: Sequence[Speaker], names: Sequence[VoiceName]) -> tuple[Speaker, ...]:
    """The speakers, those without a name of their own called as the publisher calls them; no name twice."""
    taken = {speaker.name for speaker in speakers if speaker.name}
    called = {voice.label: voice for voice in names if voice.name not in taken}
    return tuple(
        _called(speaker, called[speaker.label])
        if not speaker.name and speaker.role != "ad" and speaker.label in called
        else speaker
        for speaker in speakers
    )


def _called(speaker: Speaker, voice: VoiceName) -> Speaker:
    text = f"the publisher's transcript gives {voice.share:.0%} of this voice's words to {voice.name}"
    return replace(speaker, name=voice.name, confidence=voice.share, evidence=(Evidence("metadata", text),))


def _otherwise(alignment: Alignment, heard: Sequence[Word]) -> dict[Seconds, str]:
    """What the publisher has for each word that differs, by the word's start."""
    return {
        heard[alignment.found[pair.found].first].start: alignment.texts(pair)[0]
        for pair in alignment.pairs
        if pair.found is not None and pair.kind != "hit"
    }


def _spellings(published: Sequence[Word]) -> tuple[str, ...]:
    text = " ".join(word.text for word in published)
    counts = Counter([*_NAMES.findall(text), *_COMPOUND.findall(text)])
    speakers = dict.fromkeys(word.speaker for word in published if word.speaker and _is_personal(word.speaker))
    often = [name for name, times in counts.most_common() if times >= LEAST_TIMES]
    return tuple(dict.fromkeys([*(s for s in speakers if s), *often]))[:MOST_SPELLINGS]


def _names(alignment: Alignment, heard: Sequence[Word], published: Sequence[Word]) -> tuple[VoiceName, ...]:
    together: dict[str, Counter[str]] = {}
    for pair in alignment.pairs:
        if pair.kind != "hit" or pair.reference is None or pair.found is None:
            continue
        label = heard[alignment.found[pair.found].first].speaker
        name = published[alignment.reference[pair.reference].first].speaker
        if label and name:
            together.setdefault(label, Counter())[name] += 1
    best: dict[str, VoiceName] = {}
    for label, counts in together.items():
        (name, words), total = counts.most_common(1)[0], counts.total()
        voice = VoiceName(label, name, round(words / total, 3), words)
        if words >= LEAST_WORDS and voice.share >= LEAST_SHARE and _is_personal(name):
            best[name] = max(best.get(name, voice), voice, key=lambda v: v.words)
    return tuple(sorted(best.values(), key=lambda voice: voice.label))


def _is_personal(name: str) -> bool:
    return bool(re.search(r"[^\W\d_]", name)) and not _NO_NAME.search(name) and len(name.split()) <= 4
