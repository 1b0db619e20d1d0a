"""Proper names in the transcript, each with what it names: a person, an organisation, a work, a place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from pipeline.ports import SentenceEncoder
from pipeline.stages.tag_words import Token, dictionary_tag, tag_words
from pipeline.stages.word_lists import listed
from pipeline.timeline import Seconds, Segment

Kind = Literal["person", "organisation", "work", "place", "other"]

_TITLES = listed(
    """
    mr mrs ms dr doctor professor prof president senator sen governor mayor judge justice chief officer detective
    sheriff captain general colonel king queen prince princess pope sir madam secretary chairman congressman
    congresswoman representative rep reporter correspondent author actor actress director coach colleague colleagues
    host cofounder founder ceo cto cfo
    """
)
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
_ORG_LAST = listed(
    """
    inc corp corporation company co llc ltd bank university college institute department association group
    foundation journal times post news magazine press committee council agency bureau party court congress senate
    ministry police school hospital church studios records labs laboratory partners holdings union league club
    society network museum commission administration service services authority army navy
    """
)
_BEFORE_OF = _ORG_LAST | listed("game lord house chamber state city king queen republic kingdom lake gulf isle lady")
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

_EXAMPLES: dict[Kind, tuple[str, ...]] = {
    "person": (
        "Barack Obama", "Taylor Swift", "Angela Merkel", "John Smith", "Maria Garcia", "Elon Musk", "Tarek Hassan",
        "Priya Patel", "Wei Chen", "Sarah Johnson", "Michael Jordan", "Liam O'Brien", "Yuki Tanaka", "Fatima Ali",
        "Jessica", "Mike", "Sophie", "David", "Kwame", "Julian", "Musk", "Zuckerberg", "Trump", "Mark Zuckerberg",
        "Emma Watson", "Ben", "Rachel Lee", "Andrea", "Carlos Rodriguez", "Bezos",
    ),
    "organisation": (
        "Microsoft", "Google", "Harvard University", "NASA", "The New York Times", "Goldman Sachs", "Spotify", "Disney",
        "the FBI", "United Nations", "Anthropic", "Bank of America", "Red Cross", "Ford Motor Company", "Apple", "CNN",
        "the Supreme Court", "Boston Police Department", "Walmart", "General Electric", "NPR", "Pfizer", "Intel",
        "Meta", "Greenpeace", "News Corp", "Stanford", "Acast", "Patreon", "OpenAI",
    ),
    "work": (
        "iPhone", "Harry Potter", "The Great Gatsby", "ChatGPT", "Breaking Bad", "Windows 11", "Star Wars", "Minecraft",
        "PlayStation 5", "Photoshop", "Google Maps", "Galaxy Z Fold", "Hamlet", "GPT-4", "Abbey Road", "Gemini",
        "Nintendo Switch", "Kindle", "Saturday Night Live", "Model 3", "Instagram", "The Daily", "Alexa", "Claude",
        "Excel", "TikTok", "Android",
    ),
    "place": (
        "Paris", "California", "North Carolina", "China", "London", "Silicon Valley", "Florida", "Europe",
        "Tokyo", "Mount Everest", "the Pacific Ocean", "New York", "Texas", "Germany", "Wayne County", "Lake Michigan",
        "Africa", "Hollywood", "Washington", "Ohio", "Brooklyn", "the Atlantic", "Johnson Street",
    ),
    "other": (
        "Black Friday", "Code Red", "World War II", "Cyber Monday", "the Internet", "Bluetooth", "Covid", "Democrats",
        "Christmas Eve", "the Cold War", "Wi-Fi", "Brexit", "Section 230", "Native Americans", "Hantavirus", "CPU",
        "Q and A", "Patreon members", "the Met Gala", "PCIe", "Catholic",
    ),
}  # fmt: skip
"""What each kind sounds like: a name is what its nearest examples are, unless the words around it say otherwise."""
NEIGHBOURS = 4
OFTENEST = 25
"""A full name said once stands for up to so many short forms; with more, the long one was heard wrong."""
LEAST_LIKENESS = 0.22
LEAST_MARGIN = 0.05
"""A name said once needs this lead of its kind over the next; a name said often needs less."""


@dataclass(slots=True)
class Name:
    """A proper name: how it is written, what it names, and the times it is said."""

    text: str
    at: list[Seconds] = field(default_factory=list)
    clues: Counter[str] = field(default_factory=Counter)
    kind: Kind = "other"


def find_names(
    segments: Sequence[Segment], *, encoder: SentenceEncoder, people: Sequence[str] = ()
) -> tuple[Name, ...]:
    """The names that are spoken, those said most first; ``people``: names known to be of persons (the voices)."""
    names = _join_short(_collect(segments))
    if not names:
        return ()
    likeness = _likeness([name.text for name in names], encoder)
    known = {person.lower() for person in people if person}
    for name, scores in zip(names, likeness, strict=True):
        name.kind = _kind(name, scores, known)
    return tuple(sorted(names, key=lambda n: (-len(n.at), n.at[0])))


def _collect(segments: Sequence[Segment]) -> list[Name]:
    found: dict[str, Name] = {}
    tagged = [tag_words([word.text for word in segment.words]) for segment in segments]
    inside = _capitals_inside(tagged)
    for segment, tokens in zip(segments, tagged, strict=True):
        for begin, end in _runs(tokens, inside):
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
        return token.lower not in _NOT_NAMES and (unusual or token.lower in inside or follows)
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
    longer = [n for n in names if 2 <= len(n.text.split()) <= 3 and all(_is_plain_name(w) for w in n.text.split())]
    kept = []
    for name in names:
        if len(name.text.split()) == 1:
            hosts = [h for h in longer if name.text.lower() in (h.text.lower().split()[0], h.text.lower().split()[-1])]
            if len(hosts) == 1 and len(hosts[0].at) * OFTENEST >= len(name.at):
                hosts[0].at = sorted([*hosts[0].at, *name.at])
                hosts[0].clues += name.clues
                continue
        kept.append(name)
    return kept


def _is_plain_name(word: str) -> bool:
    """Written as people's names are: "Altman", not "ChatGPT" or "3"."""
    return bool(re.fullmatch(r"(?:Mc|Mac|O[\u2019']|De|Di)?[A-Z\u00c0-\u00de][a-z\u00df-\u024f.\u2019'-]*", word))


def _examples(encoder: SentenceEncoder) -> tuple[tuple[Kind, np.ndarray], ...]:
    return tuple((kind, encoder.encode(list(texts))) for kind, texts in _EXAMPLES.items())


def _likeness(texts: Sequence[str], encoder: SentenceEncoder) -> list[dict[Kind, float]]:
    vectors = encoder.encode(list(texts))
    scores: list[dict[Kind, float]] = [{} for _ in texts]
    for kind, examples in _examples(encoder):
        near = np.sort(vectors @ examples.T, axis=1)[:, -NEIGHBOURS:].mean(1)
        for row, value in zip(scores, near, strict=True):
            row[kind] = float(value)
    return scores


def _kind(name: Name, scores: dict[Kind, float], people: set[str]) -> Kind:
    lower = name.text.lower()
    words = lower.split()
    if lower in people or any(lower in person.split() for person in people):
        return "person"
    if words[-1].rstrip(".") in _ORG_LAST or (len(words) > 2 and words[1] in ("of", "&") and scores["work"] < 0.4):
        return "organisation"
    total = dict(scores)
    weight = 1.0 / len(name.at)
    total["person"] += 0.3 * min(1.0, name.clues["titled"] * 2 * weight) + 0.1 * min(1.0, name.clues["speaks"] * weight)
    total["work"] += 0.2 * min(1.0, 2 * name.clues["work"] * weight)
    total["organisation"] += 0.15 * min(1.0, 2 * name.clues["organisation"] * weight)
    if any(c.isdigit() for c in name.text):
        total["person"] -= 0.3
        total["work"] += 0.1
    if name.text.isupper() and len(name.text) > 1:
        total["person"] -= 0.15
    best, second = sorted(total.values(), reverse=True)[:2]
    if best < LEAST_LIKENESS or best - second < LEAST_MARGIN / len(name.at) ** 0.5:
        return "other"
    return max(total, key=lambda kind: total[kind])
