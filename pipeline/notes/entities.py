"""People, organisations, works and links that are spoken of; what is in doubt is not printed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from pipeline.language import AnalysedText, Entity
from pipeline.notes.material import Material, bare_word
from pipeline.result import Mention, Speaker
from pipeline.timeline import Seconds
from pipeline.words.links import find_links

Kind = Literal["person", "organisation", "work"]
KINDS: dict[str, Kind] = {"PERSON": "person", "ORG": "organisation", "WORK_OF_ART": "work"}
"""Labels of OntoNotes that are printed. PRODUCT, LAW and EVENT are not: most of those found in speech are wrong."""
LISTED = 12
"""Names of a kind that are printed: those said most."""
SURE_SHARE = 0.75
"""Share of a name's hearings that have to bear the same label."""
LEAST_SAID = 2
"""A name that is heard once may be a slip of the recogniser."""
LABELLED_SHARE = 0.5
"""Share of the places where a name is said that the model has to take for a name of this kind."""
ACRONYM_LETTERS = 4
"""Shorter names in capitals alone are as often a thing ("PDF") as an organisation."""
LEAST_HEARD = 0.6
"""Mean probability of a sentence's words under which its names are likely to be misheard."""
SAME = 0.9
"""Likeness from which two spellings are one name."""


@dataclass(slots=True)
class _Name:
    """A name as it is said: how it is written, which labels it got, when."""

    forms: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    at: list[Seconds] = field(default_factory=list)

    @property
    def text(self) -> str:
        return max(self.forms, key=lambda form: (self.forms[form], form))


def find_mentions(
    material: Material, speakers: Sequence[Speaker], *, show: str = "", left_out: Collection[int] = ()
) -> tuple[Mention, ...]:
    """Who and what is spoken of, those said most first within their kind; not the voices, not the show itself.

    ``left_out``: the numbers of sentences of which nothing is mentioned.
    """
    known = [speaker.name for speaker in speakers if speaker.name] + ([show] if show else [])
    names = _names(material, left_out)
    _join_short(names)
    said = " ".join(text.text for text in material.texts)
    mentions: list[Mention] = []
    for label, kind in KINDS.items():
        sure = [n for n in names.values() if _is_sure(n, label, said) and not _is_one_of(n.text, known)]
        sure.sort(key=lambda name: (-len(name.at), name.at[0]))
        mentions += [Mention(kind, name.text, tuple(sorted(name.at))) for name in sure[:LISTED]]
    links: dict[str, list[Seconds]] = defaultdict(list)
    words = [word for number, s in enumerate(material.segments) if number not in left_out for word in s.words]
    misheard = {word.start for word in words if bare_word(word.text) in material.misheard}
    for link in find_links(words):
        if link.at not in misheard:
            links[link.text].append(link.at)
    return (*mentions, *(Mention("link", text, tuple(at), f"https://{text}") for text, at in links.items()))


def _names(material: Material, left_out: Collection[int]) -> dict[str, _Name]:
    """The named entities by their lower-case text."""
    names: dict[str, _Name] = defaultdict(_Name)
    for number, (segment, text) in enumerate(zip(material.segments, material.texts, strict=True)):
        if number in left_out:
            continue
        heard = sum(word.probability for word in segment.words) / max(1, len(segment.words))
        for entity in text.entities:
            written = _written(text, entity)
            if written and heard >= LEAST_HEARD and not any(bare_word(w) in material.misheard for w in written.split()):
                name = names[written.lower()]
                name.forms[written] += 1
                name.labels[entity.label] += 1
                share = text.tokens[entity.first].start / max(1, len(text.text))
                name.at.append(round(segment.start + share * segment.duration, 3))
    return names


def _written(text: AnalysedText, entity: Entity) -> str:
    """The name without article and possessive; empty where it is not written as a name."""
    tokens = list(text.tokens[entity.first : entity.last])
    while tokens and tokens[0].pos in ("DET", "PRON", "ADP", "PUNCT"):
        tokens.pop(0)
    while tokens and (tokens[-1].tag == "POS" or tokens[-1].pos in ("PUNCT", "PART")):
        tokens.pop()
    if not tokens:
        return ""
    small = [
        t
        for t in tokens
        if not t.text[:1].isupper()
        and not t.text[:1].isdigit()
        and t.pos not in ("ADP", "DET", "CCONJ", "PUNCT", "PART")
    ]
    proper = any(t.pos == "PROPN" for t in tokens)
    written = text.text[tokens[0].start : tokens[-1].end]
    return "" if small or not proper or not re.search(r"[^\W\d_]{2}", written) else " ".join(written.split())


def _join_short(names: dict[str, _Name]) -> None:
    """A last or first name alone counts with the one full name of a person that it is a part of."""
    full = [key for key, name in names.items() if " " in key and name.labels.most_common(1)[0][0] == "PERSON"]
    for key in [key for key in names if " " not in key]:
        whole = [other for other in full if key in other.split()]
        if len(whole) == 1:
            names[whole[0]].at += names[key].at
            del names[key]


def _is_sure(name: _Name, label: str, said: str) -> bool:
    """Whether a name is of this kind beyond doubt; ``said``: all that is said in the episode."""
    given, count = name.labels.most_common(1)[0]
    if given != label or count < SURE_SHARE * name.labels.total() or len(name.at) < LEAST_SAID:
        return False
    if count < LABELLED_SHARE * len(re.findall(rf"\b{re.escape(name.text)}\b", said)):
        return False
    words = name.text.split()
    if label == "PERSON":
        small = any(re.search(rf"\b{re.escape(word.lower())}\b", said) for word in words)
        return 2 <= len(words) <= 4 and all(word[:1].isupper() and word.isalpha() for word in words) and not small
    if label == "ORG":
        return not (name.text.isupper() and len(name.text) <= ACRONYM_LETTERS)
    return len(words) >= 2


def _is_one_of(name: str, known: Sequence[str]) -> bool:
    """The same name, give or take a letter that the recogniser heard otherwise, or a part of it."""
    low = name.lower()
    return any(
        SequenceMatcher(None, low, other.lower()).ratio() > SAME or set(low.split()) <= set(other.lower().split())
        for other in known
    )
