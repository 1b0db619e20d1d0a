"""What is said about who is speaking: introductions, greetings and thanks, each a claim about one voice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pipeline.speakers.attribution import sentences
from pipeline.timeline import Seconds, Word, join_words

_PARTICLE = r"(?:de|da|del|van|von|der|den|la|le|bin|ibn|al|el|y)"
_WORD = r"[A-Z][A-Za-z\u00c0-\u024f'\u2019\-]+"
NAME = rf"(?:(?:Dr|Prof|Professor|Senator|Captain)\.? )?{_WORD}(?:(?: {_PARTICLE})? (?:{_WORD}|[A-Z]\.)){{0,3}}"
_STOPS = r"(?=[,.?!:;\u2014]|$| and\b| from\b| with\b| here\b| in\b| at\b| who\b| your\b| reporting\b| \u2014| -)"

Whom = Literal["self", "before", "after", "other", "reply"]
"""The voice a claim is about: who says it, who spoke just before, who speaks next, whichever of the two; a reply is
about who spoke just before, and only counts where an utterance begins with it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way of saying who somebody is: ``strength`` is how likely it is right, a judgement and not a measurement."""

    whom: Whom
    strength: float
    role: str
    regex: re.Pattern[str]


def _patterns(whom: Whom, strength: float, role: str, *forms: str) -> list[Pattern]:
    return [Pattern(whom, strength, role, re.compile(form.replace("NAME", f"(?P<name>{NAME})"))) for form in forms]


PATTERNS = (
    *_patterns("self", 0.9, "", rf"\b(?:I'm|I am|[Mm]y name is|[Mm]y name's) NAME{_STOPS}"),
    *_patterns("self", 0.9, "host", rf"\b(?:I'm|I am) (?:your|the) (?:co-?)?host,? NAME{_STOPS}"),
    *_patterns("self", 0.65, "", rf"(?:^|\bis )[Tt]his is NAME{_STOPS}"),
    *_patterns(
        "after", 0.65, "guest",
        rf"\bjoined (?:[a-z]+ ){{0,3}}by (?:[a-z]+ ){{0,2}}NAME{_STOPS}",
        rf"\b(?:my|our|today's) guests? (?:\w+ ){{0,2}}(?:is|are) NAME{_STOPS}",
    ),
    *_patterns(
        "after", 0.6, "guest",
        rf"\b(?:with me|joining (?:me|us)) (?:[a-z]+ ){{0,3}}is NAME{_STOPS}",
    ),
    *_patterns(
        "after", 0.45, "guest",
        rf"\b(?:speak|spoke|talk|talked|sat down|speaking|talking|chatting) (?:with|to) NAME{_STOPS}",
    ),
    *_patterns("after", 0.6, "guest", rf"\b[Ww]elcome(?: back)?(?: to the (?:show|program|podcast))?,? NAME{_STOPS}"),
    *_patterns("before", 0.8, "reporter", rf"\bThat(?:'s| is| was) (?:our|my) (?:colleague|reporter),? NAME{_STOPS}"),
    *_patterns("before", 0.7, "", rf"^That(?:'s| is| was) NAME{_STOPS}"),
    *_patterns("after", 0.6, "reporter", rf"\b(?:our|my) (?:colleague|reporter|correspondent),? NAME{_STOPS}"),
    *_patterns("after", 0.6, "", rf"^(?:Here's|Here is) NAME{_STOPS}"),
    *_patterns(
        "after", 0.7, "guest",
        r"(?:^|[,.] )NAME[,.] [Tt]hank(?:s| you) (?:so much )?for (?:being|joining|coming|making)",
        r"(?:^|[,.] )NAME[,.] (?:[Ww]elcome|(?:it's )?(?:so )?(?:good|great|nice) to (?:have|see) you)",
    ),
    *_patterns(
        "after", 0.7, "guest",
        rf"\b(?:being here|joining (?:us|me)|coming on|having you|have you|see you)(?: \w+){{0,3}}, NAME{_STOPS}",
    ),
    *_patterns("reply", 0.65, "", rf"^[Tt]hank(?:s| you)(?: so much| again)?[,.]? NAME{_STOPS}"),
    *_patterns("other", 0.3, "", rf"\b[Tt]hank(?:s| you)(?: so much| again)?,? NAME{_STOPS}"),
    *_patterns("other", 0.5, "", r"(?:^|[,.] )NAME[,.] (?:[Tt]hanks|[Tt]hank you|always)"),
    *_patterns("before", 0.45, "", rf"(?:^|\. )(?:Hi|Hey|Hello),? NAME{_STOPS}"),
    *_patterns("other", 0.45, "", rf"\b(?:to be (?:here|back)|[Aa]nytime|of course|for having me), NAME{_STOPS}"),
)  # fmt: skip
_QUOTED = re.compile(r"\b(?:said|says|say|like|goes|went|told|called|named|quote)[,:]? [\"\u201c']?$")
_ALSO = re.compile(rf"^[^.?!]*?,? and (?P<name>{NAME}){_STOPS}")


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one voice says before another does."""

    speaker: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says that voice ``label`` is ``name``; ``probability`` is the recogniser's for its weakest word."""

    label: str
    name: str
    strength: float
    role: str
    quote: str
    at: Seconds
    probability: float


def utterances(words: Sequence[Word]) -> tuple[Utterance, ...]:
    """Words in order, one utterance for each stretch of one voice; words of nobody are left out."""
    spoken = (word for word in words if word.speaker)
    return tuple(Utterance(str(speaker), tuple(run)) for speaker, run in groupby(spoken, key=lambda w: w.speaker))


def hear_claims(spoken: Sequence[Utterance]) -> Iterator[Claim]:
    """Every claim that the patterns find, in order of time."""
    for index, utterance in enumerate(spoken):
        for first, last in _stretches(utterance.words):
            words = utterance.words[first:last]
            yield from _claims_in(words, spoken, index)


def called(spoken: Sequence[Utterance], names: Sequence[str]) -> Iterator[Claim]:
    """Claims from calling somebody whose name is known by it: "Daniel, you first.", "What do you think, Sophie?"."""
    for index, utterance in enumerate(spoken):
        for first, last in sentences(utterance.words):
            words = utterance.words[first:last]
            text = join_words(words)
            for name in names:
                given = re.escape(name.split()[0])
                final = re.search(rf", {given}\?$", text) and last == len(utterance.words)
                if len(words) > 1 and (re.match(rf"{given}(?: {_WORD})?, (?!and\b)", text) or final):
                    label = _neighbour(spoken, index, +1)
                    if label:
                        yield Claim(label, name, 0.35, "", text, words[0].start, words[0].probability)


def _stretches(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Sentences, each with the one before it when that is short: "Thanks. Maya." is often one sentence cut in two."""
    earlier = 0
    for first, last in sentences(words):
        yield (earlier if 0 < first - earlier <= 3 else first), last
        earlier = first


def _claims_in(words: Sequence[Word], spoken: Sequence[Utterance], index: int) -> Iterator[Claim]:
    text = join_words(words)
    for pattern in PATTERNS:
        for match in pattern.regex.finditer(text):
            if _QUOTED.search(text[: match.start()]):
                continue
            if pattern.whom == "reply" and words[0] is not spoken[index].words[0]:
                continue
            found = [match]
            if pattern.role == "guest" and pattern.whom == "after" and (also := _ALSO.match(text[match.end() :])):
                found.append(also)
            for order, name in enumerate(found):
                start = name.start("name") + (match.end() if order else 0)
                heard = _words_at(words, start, len(name["name"]))
                for label, share in _about(pattern.whom, spoken, index, order):
                    yield Claim(
                        label, name["name"], pattern.strength * share, pattern.role, text, heard[0].start,
                        min(word.probability for word in heard),
                    )  # fmt: skip


def _words_at(words: Sequence[Word], start: int, length: int) -> list[Word]:
    heard, position = [], 0
    for word in words:
        if position < start + length and position + len(word.text) > start:
            heard.append(word)
        position += len(word.text) + 1
    return heard or [words[0]]


def _about(whom: Whom, spoken: Sequence[Utterance], index: int, order: int) -> list[tuple[str, float]]:
    """The voices a claim may be about, each with a share of its strength."""
    here = spoken[index].speaker
    if whom == "self":
        return [(here, 1.0)]
    before, after = _neighbour(spoken, index, -1), _neighbour(spoken, index, +1)
    if whom in ("before", "reply"):
        return [(label, share) for label, share in ((before, 1.0), (after, 0.6)) if label][:1]
    if whom == "after":
        nexts = list(dict.fromkeys(u.speaker for u in spoken[index + 1 :] if u.speaker != here))
        return [(nexts[order], 1.0 if order == 0 else 0.8)] if order < len(nexts) else []
    if before == after or not before or not after:
        return [(label, 1.0) for label in (before or after,) if label]
    return [(before, 0.8), (after, 0.3)]


def _neighbour(spoken: Sequence[Utterance], index: int, step: int) -> str:
    """The nearest other voice in one direction of time, or empty."""
    here, place = spoken[index].speaker, index + step
    while 0 <= place < len(spoken):
        if spoken[place].speaker != here:
            return spoken[place].speaker
        place += step
    return ""
