"""Proper names in the transcript, each with what it names: a person, an organisation, a work, a place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.notes.kinds import ORG_LAST, Kind, kind_of, likeness
from pipeline.notes.tagger import Token, dictionary_tag, tag_words
from pipeline.ports import SentenceEncoder
from pipeline.timeline import Seconds, Segment
from pipeline.words.lists import listed

_TITLES = listed(
    """
    mr mrs ms dr doctor professor prof president senator sen governor mayor judge justice chief officer detective
    sheriff captain general colonel king queen prince princess pope sir madam secretary chairman congressman
    congresswoman representative rep reporter correspondent author actor actress director coach colleague colleagues
    host cofounder founder ceo cto cfo
    """
)
_RANKS = _TITLES - listed("king queen prince princess pope general justice host author actor")
"""Titles that are written with a capital before a name and are no part of it ("King Charles" is a name)."""
_NOT_NAMES = listed(
    """
    i i'm i'd i've i'll ok okay ai agi tv ceo cto cfo pr hr it dna usa us uk am pm a.m p.m dm internet ceos monday
    tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december christmas easter thanksgiving english french spanish german chinese american americans
    british european europeans god jesus mr mrs ms dr sir lord part chapter episode season et st nd rd th q a b c d
    e f g h j k l m n o p r s t v w x y z mom dad yes no oh hey hi yeah so and but or the this that these those well
    now then there here what who how why when where if you we they he she my your our his her their let lets let's
    please thanks thank welcome hello
    """
)
_BEFORE_OF = ORG_LAST | listed("game lord house chamber state city king queen republic kingdom lake gulf isle lady")
_CALLED = listed("called titled named dubbed known")
_WORK_NOUNS = listed(
    """
    model app application tool chatbot book novel movie film show series album song game podcast product device
    phone software platform service newsletter article paper documentary feature update version
    """
)
_PERSON_VERBS = listed(
    """
    says said thinks thought told tells explains explained asked asks writes wrote knows knew believes believed grew
    died recalls recalled laughed smiled joins joined covers argues argued
    """
)
OFTENEST = 25
"""A full name said once stands for up to so many short forms; with more, the long one was heard wrong."""
LISTED = 3
"""Parts of a name that are each said alone this many times as often as together are names of their own."""


@dataclass(slots=True)
class Name:
    """A proper name: how it is written, what it names, and the times it is said."""

    text: str
    at: list[Seconds] = field(default_factory=list)
    clues: Counter[str] = field(default_factory=Counter)
    kind: Kind = "other"


def find_names(
    segments: Sequence[Segment],
    *,
    encoder: SentenceEncoder,
    people: Sequence[str] = (),
    sites: Sequence[str] = (),
) -> tuple[Name, ...]:
    """The names that are spoken, those said most first.

    ``people``: names known to be of persons (the voices); ``sites``: addresses that are spoken ("vanta.com"), whose
    owners are organisations.
    """
    names = _join_short(_collect(segments))
    if not names:
        return ()
    known = {person.lower() for person in people if person}
    owners = {re.sub(r"\W", "", site.split("/")[0].lower().removeprefix("www.").split(".")[0]) for site in sites}
    for name, scores in zip(names, likeness([name.text for name in names], encoder), strict=True):
        name.kind = kind_of(name.text, len(name.at), name.clues, scores, people=known, sites=owners)
    return tuple(sorted(names, key=lambda n: (-len(n.at), n.at[0])))


def _collect(segments: Sequence[Segment]) -> list[Name]:
    found: dict[str, Name] = {}
    tagged = [tag_words([word.text for word in segment.words]) for segment in segments]
    inside = _capitals_inside(tagged)
    for segment, tokens in zip(segments, tagged, strict=True):
        for begin, end in _runs(tokens, inside):
            begin = _after_titles(tokens, begin, end)
            run = tokens[begin:end]
            text = " ".join(token.text.rstrip(".") if len(token.text) > 3 else token.text for token in run)
            if not _is_name(text, run):
                continue
            name = found.setdefault(text.lower(), Name(text))
            name.at.append(segment.words[run[0].word].start)
            name.clues.update(_clues(tokens, begin, end))
    return list(found.values())


def _capitals_inside(tagged: Sequence[Sequence[Token]]) -> set[str]:
    """Words that are capitalised inside sentences, and more often than not: a capital at the start says nothing."""
    upper: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for tokens in tagged:
        for index, token in enumerate(tokens):
            if token.text[:1].islower() and not any(c.isupper() for c in token.text):
                small[token.lower] += 1
            elif index and token.tag.startswith("NNP") and tokens[index - 1].text not in ".?!:":
                upper[token.lower] += 1
    return {word for word, count in upper.items() if count > small[word]}


def _runs(tokens: Sequence[Token], inside: set[str]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    begin: int | None = None
    for index, token in enumerate([*tokens, Token("", ".", -1)]):
        if token.text and _fits(tokens, index, begin, inside):
            begin = index if begin is None else begin
        elif begin is not None:
            runs.append((begin, index))
            begin = None
    return runs


def _after_titles(tokens: Sequence[Token], begin: int, end: int) -> int:
    """Where the name itself begins: "Benson Police Chief Greg Percy" is Greg Percy, with a title before it."""
    last = max((i for i in range(begin, end - 1) if tokens[i].lower.rstrip(".") in _RANKS), default=begin - 1)
    return last + 1


def _fits(tokens: Sequence[Token], index: int, begin: int | None, inside: set[str]) -> bool:
    token = tokens[index]
    if begin is not None and token.lower in ("of", "&", "the") and index + 1 < len(tokens):
        after = tokens[index + 1]
        joins = tokens[index - 1].lower == "of" if token.lower == "the" else tokens[index - 1].lower in _BEFORE_OF
        joins = joins or token.lower == "&"
        return joins and after.tag.startswith("NNP") and after.text[:1].isupper()
    if begin is not None and token.tag == "CD" and token.text[0].isdigit() and len(token.text) <= 4:
        return True
    if not token.text[:1].isupper() and not any(c.isupper() for c in token.text[1:]):
        return False
    if index == 0 or tokens[index - 1].text in ".?!":
        unusual = any(c.isupper() for c in token.text[1:])
        follows = index + 1 < len(tokens) and tokens[index + 1].text[:1].isupper() and token.tag.startswith("NNP")
        ordinary = dictionary_tag(token.lower)[:2] in ("JJ", "RB", "VB", "IN", "DT")  # "Regular customers"
        return token.lower not in _NOT_NAMES and (unusual or token.lower in inside or (follows and not ordinary))
    if token.lower.rstrip(".") in _NOT_NAMES:
        return False
    return token.tag.startswith("NNP") and (
        begin is not None
        or token.lower in inside
        or len(tokens) <= index + 1
        or tokens[index + 1].tag.startswith("NNP")
    )


def _is_name(text: str, run: Sequence[Token]) -> bool:
    if len(run) == 1 and (run[0].lower.rstrip(".") in _NOT_NAMES | _TITLES or len(text) < 3 or _is_plain_word(run[0])):
        return False
    return bool(re.search(r"[A-Za-z\u00c0-\u024f]{2}", text)) and "." not in text.strip(".")[1:-1].replace(". ", " ")


def _is_plain_word(token: Token) -> bool:
    """A capital on a word that the dictionary has as a verb, adverb or little word is an accident."""
    if any(c.isupper() for c in token.text[1:]):
        return False
    return not dictionary_tag(token.lower).startswith(("NN", "CD"))


def _clues(tokens: Sequence[Token], begin: int, end: int) -> list[str]:
    clues = []
    before = [t.lower for t in tokens[max(0, begin - 3) : begin]]
    after = [t.lower for t in tokens[end : end + 3]]
    if before and before[-1].rstrip(".") in _TITLES:
        clues.append("titled")
    if before and before[-1] in _CALLED and set(before[:-1]) & _WORK_NOUNS:
        clues.append("work")
    if after and after[0] in _PERSON_VERBS:
        clues.append("speaks")
    if len(before) > 1 and before[-2:] in (["by", "by"], ["ceo", "of"], ["work", "at"], ["company", "called"]):
        clues.append("organisation")
    if before and before[-1] == "companies":
        clues.append("organisation")
    if after and after[0] == "ceo":
        clues.append("organisation")
    if len(after) > 1 and after[0] == "'s" and after[1] in ("ceo", "employees", "revenue", "headquarters"):
        clues.append("organisation")
    return clues


def _join_short(names: list[Name]) -> list[Name]:
    """ "Altman" is "Sam Altman" where only one longer name ends (or begins) with it."""
    said = {name.text.lower(): len(name.at) for name in names}
    longer = [
        n
        for n in names
        if 2 <= len(n.text.split()) <= 3 and all(_is_plain_name(w) for w in n.text.split()) and not _is_list(n, said)
    ]
    kept: list[Name] = []
    for name in names:
        words = name.text.lower().split()
        short = len(words) == 1
        hosts = [h for h in longer if short and words[0] in (h.text.lower().split()[0], h.text.lower().split()[-1])]
        if len(hosts) == 1 and len(hosts[0].at) * OFTENEST >= len(name.at):
            _join(hosts[0], name)
        elif not (_is_list(name, said) or any(_is_within(words, other, said) for other in names)):
            kept.append(name)
    for name in names:  # "Core ChatGPT" is a mention of ChatGPT
        words = name.text.lower().split()
        for other in kept:
            if _is_within(words, other, said):
                _join(other, name)
    return kept


def _join(name: Name, other: Name) -> None:
    name.at = sorted([*name.at, *other.at])
    name.clues += other.clues


def _is_list(name: Name, said: dict[str, int]) -> bool:
    """ "Doug Brooks", once, where Doug and Brooks are each spoken of again and again: two people in a row."""
    words = name.text.lower().split()
    return len(words) > 1 and all(said.get(word, 0) >= LISTED * len(name.at) for word in words)


def _is_within(words: Sequence[str], other: Name, said: dict[str, int]) -> bool:
    """A name said once with a common word before it that stands without that word elsewhere."""
    plain = len(words) == 2 and not dictionary_tag(words[0]).startswith("NNP")
    often = len(other.at) >= LISTED and said[" ".join(words)] == 1 if plain else False
    return often and words[1] == other.text.lower() and not _is_plain_name(other.text)


def _is_plain_name(word: str) -> bool:
    """Written as people's names are: "Altman", not "ChatGPT" or "3"."""
    return bool(re.fullmatch(r"(?:Mc|Mac|O[\u2019']|De|Di)?[A-Z\u00c0-\u00de][a-z\u00df-\u024f.\u2019'-]*", word))
