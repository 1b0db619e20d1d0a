"""What a network makes of the words around a name, where the name itself is hidden from it: whose name it may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pipeline.language import TokenSpan
from pipeline.ports import NameJudge, NameWindow, SaidTurn, Standing
from pipeline.speakers.names.clues import RELATIONS, Clue, Relation, Talk
from pipeline.speakers.names.mentions import Mention
from pipeline.speakers.names.people import Key, People

Heard = Mapping[Mention, Mapping[Relation, float]]
"""By name that was read, the log-odds of what each relation asks."""
LEAST_TAGGED = 0.2
"""Share of a person's mentions that are tagged as a person's, from which a name that is not is read, too: so 17,755 of
42,451 names are read, and 3,562 of the 3,858 that are of people who speak."""
TURNS = 6
"""Turns before and after a name that are shown; the network reads some fifty pieces of words on either side."""
MOST_ODDS = 8.0
"""Log-odds are kept within this."""


def hear_names(
    talk: Talk, people: People, clues: Sequence[Clue], judge: NameJudge | None
) -> dict[Mention, dict[Relation, float]]:
    """Whose each name is by the words around it."""
    windows = {} if judge is None else name_windows(talk, people, clues)
    if judge is None or not windows:
        return {}
    odds = judge.odds(tuple(windows.values()))
    return {m: dict(zip(RELATIONS, row, strict=True)) for m, row in zip(windows, odds.tolist(), strict=True)}


def heard_numbers(odds: float | None) -> dict[str, float]:
    """What a clue's model reads of log-odds: "yes" and "no" apart, and that they are there at all.

    >>> heard_numbers(-2.0)
    {'heard': 1.0, 'heard yes': 0.0, 'heard no': 2.0}
    """
    if odds is None:
        return {}
    return {"heard": 1.0, "heard yes": min(MOST_ODDS, max(0.0, odds)), "heard no": min(MOST_ODDS, max(0.0, -odds))}


def name_windows(talk: Talk, people: People, clues: Sequence[Clue]) -> dict[Mention, NameWindow]:
    """Every name that is read, with the turns around it, in which all names of its people are hidden."""
    persons: dict[Mention, dict[Key, None]] = defaultdict(dict)
    spans: dict[Key, dict[int, set[TokenSpan]]] = defaultdict(lambda: defaultdict(set))
    for clue in clues:
        persons[clue.mention][clue.person] = None
        spans[clue.person][clue.mention.text - len(talk.metadata)].add(clue.mention.span)
    found = {}
    for mention, keys in persons.items():
        if mention.person or max(people.persons[key].tagged_share for key in keys) >= LEAST_TAGGED:
            turn = mention.text - len(talk.metadata)
            shown = range(max(0, turn - TURNS), min(len(talk.turns), turn + TURNS + 1))
            hidden = {n: _apart({span for key in keys for span in spans[key].get(n, ())}) for n in shown}
            if mention.span in hidden[turn]:
                turns = tuple(_said(talk, turn, n, hidden[n]) for n in shown)
                found[mention] = NameWindow(turns, turn - shown.start, hidden[turn].index(mention.span))
    return found


def _apart(spans: Iterable[TokenSpan]) -> list[TokenSpan]:
    """Spans in order, without those that begin inside the one before."""
    kept: list[TokenSpan] = []
    for span in sorted(spans, key=lambda span: (span.first, span.last)):
        if not kept or span.first >= kept[-1].last:
            kept.append(span)
    return kept


def _said(talk: Talk, turn: int, number: int, hidden: Sequence[TokenSpan]) -> SaidTurn:
    text = talk.turns[number]
    edges = [0]
    for span in hidden:
        last = text.tokens[span.last - 1]
        edges += [text.tokens[span.first].start, last.start + len(last.text)]
    edges.append(len(text.text))
    parts = tuple(text.text[first:last] for first, last in zip(edges[::2], edges[1::2], strict=True))
    voice = talk.voices[number]
    return SaidTurn(_standing(talk, turn, voice), talk.first_turn[voice] == number, parts)


def _standing(talk: Talk, turn: int, voice: str) -> Standing:
    if voice == talk.voices[turn]:
        return "own"
    before = turn > 0 and talk.voices[turn - 1] == voice
    following = turn + 1 < len(talk.voices) and talk.voices[turn + 1] == voice
    return "both" if before and following else "before" if before else "next" if following else "other"
