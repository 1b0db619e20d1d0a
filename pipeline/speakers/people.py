"""The people that an episode's own title and description name, with what they do in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from pipeline.speakers.introductions import NAME
from pipeline.words.lists import listed

NOT_NAMES = listed(
    """
    I I'm A An And Are As At But By Can Coming Did Do Does Every Everyone Everybody First For Folks From Great Good
    Guys Had Has Have He Hello Here Hey Hi How If In Is It It's Just Let Let's Look Many Maybe Me More My Next No Not
    Nobody Now Of Oh Okay On One Or Our Please Right See She So Someone Sure Thank Thanks That That's The Then There
    These They This Those To Today Tomorrow Tonight Us Very Was We Welcome Well What When Where Which Who Why Will
    Would Yeah Yes You Your
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August
    September October November December Christmas
    American British English French German Italian Spanish Chinese Japanese Indian African European Canadian
    Australian Irish Scottish Mexican Russian Jewish Christian Catholic Muslim Republican Democrat Black White God Lord
    """
)
ALIKE = 0.72
"""Share of matching letters from which a misheard name is taken for one that is written: Gin/Jin 0.67 alone, but
"Berber Gin"/"Berber Jin" 0.9; "Marco Silva"/"Marco Sylva" 0.91; two names of one episode 0.5 at most."""

_TELLS = "(?:explains|reports|discusses|unpacks|tells)"
_INVITES = "(?:[Gg]uests?:?|joined by|[Ff]eaturing|[Ww]ith guest|interviews?|talks? (?:to|with))"
_ROLES = (
    ("host", re.compile(rf"(?P<name>{NAME})(?: and {NAME})? (?:hosts\b|is (?:your|the) host\b)")),
    ("host", re.compile(rf"\b(?:[Hh]osted by|[Hh]osts?:?|co-host) (?P<name>{NAME})")),
    ("reporter", re.compile(rf"\b[A-Z][\w&.]+['\u2019][sS] (?P<name>{NAME}) {_TELLS}")),
    ("reporter", re.compile(rf"\b(?:[Rr]eporter|[Cc]orrespondent) (?P<name>{NAME})")),
    ("guest", re.compile(rf"\b{_INVITES} (?P<name>{NAME})")),
    ("guest", re.compile(rf"(?P<name>{NAME}) joins\b")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in title or description; ``role`` is empty where the text does not say."""

    name: str
    role: str
    quote: str


def read_people(text: str) -> tuple[Person, ...]:
    """Everyone named by two or more words in the text, those with a role first.

    >>> [(p.name, p.role) for p in read_people("WSJ\u2019s Berber Jin explains the memo. Jessica Mendoza hosts.")]
    [('Jessica Mendoza', 'host'), ('Berber Jin', 'reporter')]
    """
    people: dict[str, Person] = {}
    for role, pattern in _ROLES:
        for match in pattern.finditer(text):
            if is_name(match["name"]):
                people.setdefault(match["name"], Person(match["name"], role, match.group()))
    for name in _named(text):
        people.setdefault(name, Person(name, "", name))
    return tuple(people.values())


def is_name(text: str) -> bool:
    return not any(word in NOT_NAMES for word in text.split())


def closest(name: str, people: tuple[Person, ...]) -> Person | None:
    """The person whom a heard name means: the same or nearly the same words, or one's given name; None if unclear."""
    exact = [p for p in people if p.name == name]
    if exact:
        return exact[0]
    if " " not in name:
        given = [p for p in people if p.name.split()[0] == name and " " in p.name]
        return given[0] if len(given) == 1 else None
    near = [p for p in people if " " in p.name and alike(p.name, name) >= ALIKE and p.name[0] == name[0]]
    return max(near, key=lambda p: alike(p.name, name), default=None)


def alike(a: str, b: str) -> float:
    return SequenceMatcher(None, a.lower(), b.lower()).ratio()


def _named(text: str) -> Iterator[str]:
    for part in re.split(r"\S+['\u2019][sS]\b|[\"\u201c\u201d]", text):
        for match in re.finditer(NAME, part):
            if " " in match.group() and is_name(match.group()):
                yield match.group()
