"""The people that an episode names: which mentions are one person, and how that person's name is written."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import jellyfish
from rapidfuzz import fuzz

from pipeline.language import AnalysedText
from pipeline.speakers.names.mentions import PROGRAMMES, PROPER_NOUN, Mention, fold, is_capitalised

Key = tuple[str, ...]

MOST_MEANT = 3  # people that one given name may mean at once; the evidence decides between them
LEAST_SHORTENED = 3  # letters of a short form: Dan for Daniel
MOST_SHORTENED = 5  # letters that a short form leaves out
LEAST_FAMILY = 4  # letters of a family name that, sounding the same, tells that a nickname is the same person's
MOST_EDITS_SHARE = 0.4
"""Edits, of the longer spelling's letters, up to which equal sounds are one name: Gin and Jin are at 0.33."""
LEAST_LETTERS = 3  # shorter words share a sound with too many others
LIKE_LETTERS = 0.85
"""Share of matching letters from which two whole names with one given name are one person's."""
QUOTES = frozenset("\"“”‘’'()")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is named; ``form`` is the name as it is printed.

    ``mentions``, ``tagged``, ``written``, ``whole``: how often named at all, taken for a person by the entity
    recogniser, in the metadata, by the whole name.
    """

    key: Key
    form: str
    mentions: int
    tagged: int
    written: int
    whole: int

    @property
    def tagged_share(self) -> float:
        return self.tagged / max(1, self.mentions)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody named in an episode; ``meant`` has, for each mentioned key, the people it can stand for."""

    persons: Mapping[Key, Person]
    meant: Mapping[Key, tuple[Key, ...]]

    @property
    def informed(self) -> bool:
        """Whether the metadata names people: only then does it say something of those it does not name."""
        return any(person.written and person.tagged for person in self.persons.values())


@dataclass(slots=True)
class _Name:
    forms: Counter[str]
    mentions: int = 0
    tagged: int = 0
    written: int = 0


def list_people(mentions: Sequence[Mention], metadata: Sequence[AnalysedText]) -> People:
    """The people behind the mentions; the first ``len(metadata)`` texts of the mentions are the metadata.

    A whole name takes in its misheard spellings, and a name alone goes to the whole names it can be short for.
    The metadata's spelling wins over what was heard.
    """
    names: dict[Key, _Name] = {}
    for mention in mentions:
        _count(names, mention.key, mention.form, mention.person, mention.text < len(metadata))
    nicknames = _nicknames(metadata)
    for key, form in nicknames.values():
        _count(names, key, form, True, True)
    meant = _merge_whole(names, nicknames)
    pairs = _capitalised_pairs(metadata)
    for key in [key for key in names if len(key) == 1]:
        meant[key] = _meant_by(key, names, meant, nicknames, pairs)
    return People(_persons(names, meant), meant)


def _count(names: dict[Key, _Name], key: Key, form: str, person: bool, written: bool) -> None:
    name = names.setdefault(key, _Name(Counter()))
    name.forms[form] += 1
    name.mentions += 1
    name.tagged += person
    name.written += written


def _merge_whole(names: Mapping[Key, _Name], nicknames: Mapping[Key, tuple[Key, str]]) -> dict[Key, tuple[Key, ...]]:
    """Every name of several words and the spelling that stands for it: the metadata's, else the most frequent."""
    ordered = sorted(
        (key for key in names if len(key) > 1),
        key=lambda key: (not names[key].written, -names[key].mentions, key),
    )
    chosen: list[Key] = []
    meant: dict[Key, tuple[Key, ...]] = {}
    for key in ordered:
        same = next((other for other in chosen if _same_person(key, other, names, nicknames)), None)
        if same is None:
            chosen.append(key)
        meant[key] = (same or key,)
    return meant


def _same_person(key: Key, other: Key, names: Mapping[Key, _Name], nicknames: Mapping[Key, tuple[Key, str]]) -> bool:
    if nicknames.get(key[:1], ((), ""))[0] == other:
        return True
    family = same_sound(key[-1], other[-1])
    if same_sound(key[0], other[0]):
        begins = key[: len(other)] == other or other[: len(key)] == key
        return family or begins or alike("".join(key), "".join(other)) >= LIKE_LETTERS
    misheard = bool(names[other].written) and not names[key].written and key[0][0] == other[0][0]
    return family and misheard and (short_for(key[0], other[0]) or len(other[-1]) >= LEAST_FAMILY)


def _meant_by(
    key: Key,
    names: dict[Key, _Name],
    meant: Mapping[Key, tuple[Key, ...]],
    nicknames: Mapping[Key, tuple[Key, str]],
    pairs: Mapping[str, Mapping[Key, str]],
) -> tuple[Key, ...]:
    """The whole names that a name alone can stand for, the likeliest first; itself where there is none."""
    (word,), name = key, names[key]
    if key in nicknames:
        return (nicknames[key][0],)
    whole = dict.fromkeys(other for others in meant.values() for other in others if len(other) > 1)
    of_given = dict.fromkeys(
        other for said, others in meant.items() for other in others if len(said) > 1 and word in (said[0], other[0])
    )
    likely = [other for other in whole if names[other].tagged or name.tagged]
    found = [other for other in of_given if other in likely or names[other].written]
    found = found or _only(list(of_given))
    found = found or [o for o in likely if names[o].written and (short_for(o[0], word) or same_sound(o[0], word))]
    if not found and name.tagged:
        found = _from_pair(word, names, pairs)
    found = found or [o for o in whole if o[-1] == word and names[o].tagged and name.mentions <= names[o].mentions][:1]
    found = found or [o for o in whole if name.tagged and names[o].tagged and short_for(o[0], word)]
    found.sort(key=lambda other: (-names[other].written, -names[other].mentions))
    return tuple(found[:MOST_MEANT]) or (key,)


def _only(found: list[Key]) -> list[Key]:
    """What was found if it is one, else nothing."""
    return found if len(found) == 1 else []


def _from_pair(word: str, names: dict[Key, _Name], pairs: Mapping[str, Mapping[Key, str]]) -> list[Key]:
    """The one pair of capitalised words of the metadata that begins with this name, now a name of its own."""
    found = dict(pairs.get(word, {}))
    if not found:
        for other, several in pairs.items():
            if same_sound(other, word):
                found.update(several)
    found = {key: form for key, form in found.items() if key not in names}
    if len(found) != 1:
        return []
    ((key, form),) = found.items()
    names[key] = _Name(Counter({form: 1}), written=1)
    return [key]


def _persons(names: Mapping[Key, _Name], meant: Mapping[Key, tuple[Key, ...]]) -> dict[Key, Person]:
    sums: dict[Key, Counter[str]] = defaultdict(Counter)
    for key, others in meant.items():
        name = names[key]
        for other in others:
            sums[other].update(mentions=name.mentions, tagged=name.tagged, written=name.written)
            sums[other]["whole"] += name.mentions * (len(key) > 1)
    return {
        key: Person(
            key,
            names[key].forms.most_common(1)[0][0],
            total["mentions"],
            total["tagged"],
            total["written"] + (not names[key].mentions),
            total["whole"],
        )
        for key, total in sums.items()
    }


def short_for(one: str, other: str) -> bool:
    """Whether one given name is the beginning of the other: Dan, Daniel."""
    short, long = sorted((one, other), key=len)
    return len(short) >= LEAST_SHORTENED and long.startswith(short) and len(long) - len(short) <= MOST_SHORTENED


def _nicknames(texts: Iterable[AnalysedText]) -> dict[Key, tuple[Key, str]]:
    """Nicknames that the metadata gives, with the whole name: Ada "Countess" Lovelace."""
    found: dict[Key, tuple[Key, str]] = {}
    for text in texts:
        for given, opening, nick, closing, family in zip(*(text.tokens[n:] for n in range(5)), strict=False):
            quoted = opening.text in QUOTES and closing.text in QUOTES and is_capitalised(nick.text)
            if quoted and is_capitalised(given.text) and is_capitalised(family.text) and family.pos == PROPER_NOUN:
                form = f"{given.text} {family.text}"
                found[fold(nick.text)] = (fold(form), form)
    return found


def _capitalised_pairs(texts: Iterable[AnalysedText]) -> dict[str, dict[Key, str]]:
    """Neighbouring capitalised words by the first of them: names in titles, where the tagger finds none."""
    pairs: dict[str, dict[Key, str]] = defaultdict(dict)
    for text in texts:
        for one, two in zip(text.tokens, text.tokens[1:], strict=False):
            if not (is_capitalised(one.text) and is_capitalised(two.text) and one.space):
                continue
            given, family = fold(one.text), fold(two.text)
            if len(given) == len(family) == 1 and len(two.text) > 1 and two.text.lower() not in PROGRAMMES:
                pairs[given[0]][given + family] = f"{one.text} {two.text}"
    return pairs


def same_sound(one: str, other: str) -> bool:
    """Whether two words in small letters sound the same and are written almost the same.

    Same sound: equal Metaphone codes (Philips 1990) and as many syllables, since Metaphone leaves vowels out.

    >>> same_sound("jon", "john"), same_sound("mendez", "mendoza")
    (True, False)
    """
    if one == other:
        return True
    if not (one.isascii() and other.isascii() and one.isalpha() and other.isalpha()):
        return False
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < LEAST_LETTERS or jellyfish.metaphone(one) != jellyfish.metaphone(other):
        return False
    if _syllables(one) != _syllables(other):
        return False
    return jellyfish.damerau_levenshtein_distance(one, other) <= max(1, MOST_EDITS_SHARE * longest)


def alike(one: str, other: str) -> float:
    """Share of letters that two spellings have in common and in order, 0..1."""
    return fuzz.ratio(one, other) / 100


def _syllables(word: str) -> int:
    return len(re.findall("[aeiouy]+", word))
