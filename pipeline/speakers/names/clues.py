"""Clues: a name is said, and a voice stands in some relation to it.

The name may be that of the voice that says it, of the one before, of the one after, or of somebody else: the relations
of Canseco-Rodriguez et al. (2005) and Estève et al. (2007). Each has features of its own: the words around the name,
its place in the sentence by the parse, where in the turn it stands, how the next turn begins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from pipeline.language import AnalysedText, Token, TokenSpan
from pipeline.speakers.names.formulas import ANOTHERS, formulas_before
from pipeline.speakers.names.mentions import PERSON, PROPER_NOUN, Mention, entity_labels
from pipeline.speakers.names.people import Key, People

Relation = Literal["any", "self", "both", "next", "previous", "later"]
"""The voice a clue is about: any at all, the one that says the name, the one both before and after, the next, the one
before, one that comes in a little later."""
RELATIONS: tuple[Relation, ...] = get_args(Relation)
REACH_TURNS = 14  # turns after the name within which a voice counts as coming later
MOST_LATER = 4  # voices after the next one
OFTEN_SMALL = 2  # times a word is written small in the episode, from which a capital one is no name unless tagged so
AROUND = 4  # words on either side that are read
OPENING = 3  # words of the next turn that are read
IN_FIRST_TURN = ("says=", "l1=", "l2 l1=", "l3 l2 l1=", "bounds=", "words_before=")
"""Features that are also weighed by themselves in a voice's first turn: "this is ..." begins an introduction there."""
STEPS = (0, 1, 2, 3, 5, 8, 15, 30)
"""Upper edges of the classes that counts (words, turns) fall in; the next class is everything above."""
YOU = frozenset({"you", "your", "yours", "yourself"})
THEY = frozenset({"he", "she", "him", "his", "her", "hers"})
SENTENCES_LEFT = 3  # sentences of the turn after the name's; beyond that it makes no difference
PUNCTUATION = frozenset('.,?!;:-–—…"“”()[]')


@dataclass(frozen=True, slots=True)
class Clue:
    """A mention of a person, as it bears on one voice (``voice`` is empty for the relation "any")."""

    relation: Relation
    voice: str
    person: Key
    mention: Mention
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenClue:
    """A mention of a person in the metadata."""

    person: Key
    mention: Mention
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """An episode as it is read here: its metadata (title, show, description) and its turns, analysed.

    ``voices``: who speaks each turn, as long as ``turns``; neighbouring turns are of different voices.
    """

    metadata: tuple[AnalysedText, ...]
    turns: tuple[AnalysedText, ...]
    voices: tuple[str, ...]
    first_turn: dict[str, int] = field(default_factory=dict)
    small: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, metadata: Sequence[AnalysedText], turns: Sequence[AnalysedText], voices: Sequence[str]) -> Talk:
        """The talk with what is looked up often: each voice's first turn, and how often words are written small."""
        first: dict[str, int] = {}
        for number, voice in enumerate(voices):
            first.setdefault(voice, number)
        small = Counter(token.text for turn in turns for token in turn.tokens if token.text[:1].islower())
        return cls(tuple(metadata), tuple(turns), tuple(voices), first, small)


def find_clues(
    talk: Talk, mentions: Sequence[Mention], people: People
) -> tuple[tuple[Clue, ...], tuple[WrittenClue, ...]]:
    """Every clue of the turns and of the metadata; ``mentions`` are of the metadata's texts and then the turns'."""
    spoken: list[Clue] = []
    written: list[WrittenClue] = []
    labels = {m.text: entity_labels(_text(talk, m)) for m in mentions}
    order = _order_of_names(mentions, people)
    informed = people.informed
    for mention in mentions:
        for key in people.meant[mention.key]:
            person = people.persons[key]
            if not person.tagged and not person.written and talk.small[mention.form.lower()] >= OFTEN_SMALL:
                continue
            features = (
                *_around(_text(talk, mention), labels[mention.text], mention),
                f"tagged={mention.person}",
                f"several={len(people.meant[mention.key]) > 1}",
            )
            if mention.text < len(talk.metadata):
                written.append(WrittenClue(key, mention, (f"part={mention.text}", *features)))
            else:
                known = (
                    *features,
                    f"written={person.written > 0 if informed else 'unknown'}",
                    f"whole={len(key) > 1}",
                    f"tagged_share={int(4 * person.tagged_share)}",
                    *(f"says={formula}" for formula in formulas_before(_text(talk, mention).tokens, mention.span)),
                    *(["small"] if talk.small[mention.form.split()[0].lower()] else []),
                )
                spoken += _clues_of(talk, mention, key, known, order[mention])
    return tuple(spoken), tuple(written)


def _text(talk: Talk, mention: Mention) -> AnalysedText:
    before = len(talk.metadata)
    return talk.metadata[mention.text] if mention.text < before else talk.turns[mention.text - before]


def _order_of_names(mentions: Sequence[Mention], people: People) -> dict[Mention, int]:
    """How many other people are named before each mention in its own text."""
    seen: dict[int, dict[Key, None]] = {}
    order = {}
    for mention in mentions:
        person = people.meant[mention.key][0]
        others = seen.setdefault(mention.text, {})
        order[mention] = len(others) - (person in others)
        if people.persons[person].tagged:
            others[person] = None
    return order


def _clues_of(talk: Talk, mention: Mention, person: Key, known: tuple[str, ...], order: int) -> Iterator[Clue]:
    """The mention as a clue about each voice near it."""
    turn = mention.text - len(talk.metadata)
    here, count = talk.voices[turn], len(talk.voices)
    known = (*known, f"turn={step(turn)}", *([f"to_end={step(count - 1 - turn)}"] if count - turn <= 8 else []))

    def clue(relation: Relation, voice: str, *more: str) -> Clue:
        return Clue(relation, voice, person, mention, known + more)

    opening = _opening(talk, turn + 1) if turn + 1 < count else []
    yield clue("any", "", *opening)
    size = _words(talk.turns[turn].tokens)
    new_here = talk.first_turn[here] == turn
    first = [f"new {feature}" for feature in known if feature.startswith(IN_FIRST_TURN)] if new_here else []
    if f"says={ANOTHERS}" not in known:
        yield clue("self", here, f"new={new_here}", f"words={step(size)}", *first)
    later = _voices_after(talk, turn)
    before = next((n for n in range(turn - 1, -1, -1) if talk.voices[n] != here), None)
    lasted = [] if before is None else [f"previous_words={step(_words(talk.turns[before].tokens))}"]
    if later and before is not None and later[0][0] == talk.voices[before]:
        yield clue("both", later[0][0], *opening, *_lasts(talk, later[0][1]), *lasted)
    else:
        if later:
            new = f"new={talk.first_turn[later[0][0]] > turn}"
            yield clue("next", later[0][0], *opening, *_lasts(talk, later[0][1]), new, f"before={before is not None}")
        if before is not None:
            yield clue("previous", talk.voices[before], *lasted, f"after={bool(later)}")
    for place, (voice, number) in enumerate(later[1 : MOST_LATER + 1], start=1):
        new = f"new={talk.first_turn[voice] > turn}"
        yield clue("later", voice, new, f"place={place}", f"off_list={place - order}", f"away={step(number - turn)}")


def _voices_after(talk: Talk, turn: int) -> list[tuple[str, int]]:
    """The other voices that speak after a turn, nearest first, each with its first turn from there."""
    found: dict[str, int] = {}
    for number in range(turn + 1, min(len(talk.voices), turn + 1 + REACH_TURNS)):
        if talk.voices[number] != talk.voices[turn]:
            found.setdefault(talk.voices[number], number)
    return list(found.items())


def _opening(talk: Talk, turn: int) -> list[str]:
    tokens = [t for t in talk.turns[turn].tokens[: 2 * OPENING] if t.text not in PUNCTUATION]
    return [f"opening={_plain(token)}" for token in tokens[:OPENING]]


def _lasts(talk: Talk, turn: int) -> list[str]:
    return [f"next_words={step(_words(talk.turns[turn].tokens))}"]


def _words(tokens: Sequence[Token]) -> int:
    return sum(token.text not in PUNCTUATION for token in tokens)


def step(count: int) -> str:
    """The class of a count: the upper edge of it, or "more".

    >>> step(0), step(4), step(1000)
    ('0', '5', 'more')
    """
    place = bisect_left(STEPS, count)
    return str(STEPS[place]) if place < len(STEPS) else "more"


def _around(text: AnalysedText, labels: Sequence[str], mention: Mention) -> Iterator[str]:
    """The words around a name, what it is in the sentence, what bounds it, and where in the text it stands."""
    tokens, span = text.tokens, mention.span
    before = [n for n in range(max(0, span.first - 8), span.first) if tokens[n].text not in PUNCTUATION][-AROUND:]
    after = [n for n in range(span.last, min(len(tokens), span.last + 8)) if tokens[n].text not in PUNCTUATION][:AROUND]
    left = ["^"] * (AROUND - len(before)) + [_plain(tokens[n], labels[n]) for n in before]
    right = [_plain(tokens[n], labels[n]) for n in after] + ["$"] * (AROUND - len(after))
    yield from (f"l1={left[3]}", f"l2={left[2]}", f"l3={left[1]}", f"r1={right[0]}", f"r2={right[1]}")
    yield from (f"l2 l1={left[2]} {left[3]}", f"l3 l2={left[1]} {left[2]}", f"r1 r2={right[0]} {right[1]}")
    yield from (f"l3 l2 l1={' '.join(left[1:])}", f"r1 r2 r3={' '.join(right[:3])}", f"l1 r1={left[3]} {right[0]}")
    yield from (f"left={word}" for word in dict.fromkeys(left))
    yield from (f"right={word}" for word in dict.fromkeys(right))
    root = next(
        (n for n in range(span.first, span.last) if not span.first <= tokens[n].head < span.last), span.last - 1
    )
    head = tokens[tokens[root].head]
    yield f"role={tokens[root].dep}"
    if head is not tokens[root]:
        yield f"role={tokens[root].dep} {head.lemma.lower() if head.pos == 'VERB' else _plain(head)}"
    bounds = _bound(tokens, span.first - 1) + _bound(tokens, span.last)
    yield from (f"bounds={bounds}", f"bounds={bounds} l1={left[3]}", f"bounds={bounds} r1={right[0]}")
    said, following = _words(tokens[: span.first]), _words(tokens[span.last :])
    yield from _spoken_to(text, span, spoken_to="w" not in bounds and "s" not in bounds)
    yield from (f"words_before={step(said)}", f"words_after={step(following)}", f"parts={min(3, len(span))}")
    if following <= 2:
        yield f"last bounds={bounds}"
    if said <= 2:
        yield f"first bounds={bounds}"
    if any(token.text == "?" for token in tokens[span.last :]):
        yield "question_follows"


def _spoken_to(text: AnalysedText, span: TokenSpan, *, spoken_to: bool) -> Iterator[str]:
    """Whether the sentence of a name speaks to somebody or of somebody, and how near the turn's end it is.

    ``spoken_to``: the name has a pause on both sides, as that of somebody who is addressed.
    """
    place = next((n for n, s in enumerate(text.sentences) if s.first <= span.first < s.last), 0)
    around = text.sentences[place : place + 2]
    words = [token.text.lower() for sentence in around for token in text.tokens[sentence.first : sentence.last]]
    left = f"sentences_left={min(SENTENCES_LEFT, len(text.sentences) - 1 - place)}"
    yield left
    you = not YOU.isdisjoint(words)
    if you:
        yield "you"
    if not THEY.isdisjoint(words):
        yield "they"
    if spoken_to:
        yield from ("spoken_to", f"spoken_to {left}", f"spoken_to you={you}")
        if around and "?" in (token.text for token in text.tokens[span.last : around[0].last]):
            yield "spoken_to ?"


def _bound(tokens: Sequence[Token], index: int) -> str:
    """What a name is bounded by on one side: an end of the text, of a sentence, a pause, a possessive or a word."""
    if not 0 <= index < len(tokens):
        return "|"
    text = tokens[index].text
    if text in ("'s", "’s"):
        return "s"
    return text if text in ".?" else "." if text in "!…" else "," if text in PUNCTUATION else "w"


def _plain(token: Token, label: str = "") -> str:
    """A word as a feature; names and numbers are only said to be such, so that none is learnt."""
    if token.pos == PROPER_NOUN or label.endswith(PERSON):
        return "<name>"
    if token.pos == "NUM" or token.text[:1].isdigit():
        return "<number>"
    return token.text.lower().replace("’", "'")
