"""Where names stand: every run of words in an analysed text that can be somebody's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.language import AnalysedText, TokenSpan

FORMS_OF_ADDRESS = frozenset(
    {"dr", "dr.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "prof", "prof.", "professor", "sir"}
)
OFFICES = frozenset(
    {
        *("ceo", "cfo", "chairman", "coo", "cto", "director"),
        *("founder", "governor", "minister", "president", "secretary", "senator"),
    }
)
"""What stands between an organisation and a name, as in "Acme CEO Ada Park"; general knowledge."""
PARTICLES = frozenset({"al", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "ibn", "la", "le", "van", "von"})
"""Small words inside a family name."""
GREETINGS = frozenset(
    {"alright", "bye", "cheers", "good", "goodbye", "great", "hello", "hey", "hi", "oh", "ok", "okay", "please"}
    | {"sorry", "thanks", "welcome", "yeah"}
)
"""What the tagger takes for the first word of a name, as in "Hi Ben"; general knowledge."""
PROGRAMMES = frozenset({"cast", "episode", "hour", "podcast", "radio", "show"})
"""What the name of a show adds to its host's."""
MOST_PARTS = 5  # words of a name; longer runs of capitals are headings
PERSON = "PERSON"
PROPER_NOUN = "PROPN"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in text number ``text``; ``key`` is what it is compared by, ``form`` how it is written there.

    ``person``: whether the entity recogniser takes a part of it for a person.
    """

    text: int
    span: TokenSpan
    key: tuple[str, ...]
    form: str
    person: bool


def find_mentions(texts: Sequence[AnalysedText]) -> tuple[Mention, ...]:
    """Every name in the texts, in order; texts without grammar have none."""
    return tuple(mention for number, text in enumerate(texts) for mention in _mentions_in(number, text))


def fold(name: str) -> tuple[str, ...]:
    """What two spellings of a name have in common: small letters without accents, no titles, no possessive.

    >>> fold("Dr. Zoë Nair-Holt's")
    ('zoe', 'nair', 'holt')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()
    plain = re.sub(r"['’`]s\b", "", plain)
    words = re.sub(r"[^\w\s]|_", " ", re.sub(r"['’`]", "", plain)).split()
    return tuple(word for word in words if word not in FORMS_OF_ADDRESS)


def is_capitalised(text: str) -> bool:
    """Whether a word begins with a capital letter."""
    return text[:1].isalpha() and text[:1].isupper()


def _mentions_in(number: int, text: AnalysedText) -> Iterator[Mention]:
    if not text.parsed:
        return
    labels = entity_labels(text)
    for run, person in _runs(text, labels):
        span = _trimmed(text, run)
        form = re.sub(r"['’]s$", "", text.text_of(span))
        key = fold(form)
        if key and len(key) <= MOST_PARTS and not (len(span) == 1 and form.lower() in GREETINGS | OFFICES):
            yield Mention(number, span, key, form, person)


def entity_labels(text: AnalysedText) -> list[str]:
    """For each token the label of the entity it is in, or empty; the first token of one has "B-" before it."""
    labels = [""] * len(text.tokens)
    for entity in text.entities:
        for index in range(entity.first, entity.last):
            labels[index] = ("B-" if index == entity.first else "") + entity.label
    return labels


def _runs(text: AnalysedText, labels: Sequence[str]) -> Iterator[tuple[TokenSpan, bool]]:
    """Runs of capitalised proper nouns, and whether a part of each is tagged as a person."""
    index = 0
    while index < len(text.tokens):
        token = text.tokens[index]
        if not _begins_name(text, labels, index) or token.text.lower() in FORMS_OF_ADDRESS:
            index += 1
            continue
        last = index + 1
        while step := _continues(text, labels, last):
            last += step
        persons = [n for n in range(index, last) if labels[n].endswith(PERSON)]
        first, end = index, last
        if persons:
            # What another kind of entity covers on either side is not of the person's name.
            while first < persons[0] and labels[first]:
                first += 1
            if any(labels[persons[-1] + 1 : last]):
                end = persons[-1] + 1
        yield TokenSpan(first, end), bool(persons)
        index = last


def _begins_name(text: AnalysedText, labels: Sequence[str], index: int) -> bool:
    token = text.tokens[index]
    return is_capitalised(token.text) and (token.pos == PROPER_NOUN or labels[index].endswith(PERSON))


def _continues(text: AnalysedText, labels: Sequence[str], index: int) -> int:
    """How many tokens from ``index`` on belong to the name that has reached it: 0 where it ends."""
    if index >= len(text.tokens):
        return 0
    token, before = text.tokens[index], text.tokens[index - 1]
    if _begins_name(text, labels, index):
        return 0 if labels[index] == f"B-{PERSON}" and labels[index - 1].endswith(PERSON) else 1
    following = text.tokens[index + 1].text if index + 1 < len(text.tokens) else ""
    if token.text.lower() in PARTICLES and labels[index].endswith(PERSON) and is_capitalised(following):
        return 1
    if token.text in "-‑" and not before.space and not token.space and is_capitalised(following):
        return 2
    return 0


def _trimmed(text: AnalysedText, span: TokenSpan) -> TokenSpan:
    """Without a greeting, office, title or false start ("Be- Ben") before the name, and without "Podcast" or a cut-off
    initial after it."""
    first, last = span.first, span.last

    def word(index: int) -> str:
        return text.tokens[index].text.lower()

    first = max((index + 1 for index in range(first, last - 1) if word(index) in OFFICES), default=first)
    while last - first > 1 and (word(first) in GREETINGS or word(first) in FORMS_OF_ADDRESS):
        first += 1
    while last - first > 1 and word(first).endswith("-") and word(first + 1).startswith(word(first).rstrip("-")):
        first += 1
    while last - first > 1 and (word(last - 1) in PROGRAMMES | OFFICES or len(word(last - 1).strip(".")) == 1):
        last -= 1
    return TokenSpan(first, last)
