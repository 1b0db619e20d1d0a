"""Clues of published episodes as tables that models are fitted on: one table for each kind of clue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_matrix, hstack

from models.speakers.corpus import ROLES, UNCLEAR, PublishedEpisode, voice_of, voices_of_people
from pipeline.language import AnalysedText
from pipeline.ports import SentenceEncoder
from pipeline.speakers.hearing import Heard, heard_numbers
from pipeline.speakers.names.clues import Clue, Talk, WrittenClue, find_clues
from pipeline.speakers.names.likeness import likeness_features
from pipeline.speakers.names.mentions import find_mentions
from pipeline.speakers.names.people import Key, People, list_people

WRITTEN = "written"
"""The table of the metadata's clues, beside one for each relation."""
OF_NAMES = ("tagged", "several")
"""How the features of a clue begin that are about the name itself."""


@dataclass(frozen=True, slots=True)
class Example:
    """One episode, read, with the voice of every person it names (None: nobody's; UNCLEAR: several).

    ``vectors``: of each person's name, in the order of ``names``, float32, shape (n, width). ``bare``: the episode is
    read as if it had no title, show name or description. ``heard``: what a judge of names that has not seen the show
    says of them.
    """

    episode: PublishedEpisode
    talk: Talk
    people: People
    clues: tuple[Clue, ...]
    written: tuple[WrittenClue, ...]
    voices: dict[Key, str | None]
    vectors: np.ndarray
    bare: bool = False
    heard: Heard = field(default_factory=dict)

    @property
    def names(self) -> tuple[Key, ...]:
        """The people by whose names the vectors are."""
        return tuple(self.people.persons)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind: ``features`` bool (rows, columns), ``answer`` 1, 0 or -1 (unclear), ``show`` a number.

    ``columns`` names the columns; ``place``: of each row the episode and the clue's index in it, int (rows, 2).
    """

    columns: tuple[str, ...]
    features: csr_matrix
    answer: np.ndarray
    show: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, slots=True)
class Examples:
    """All episodes and their tables; ``shows`` names the shows in order."""

    shows: tuple[str, ...]
    episodes: tuple[Example, ...]
    tables: dict[str, Table]

    def of(self, shows: Collection[str]) -> list[Example]:
        """The episodes of some shows."""
        return [example for example in self.episodes if example.episode.show in shows]


def without_metadata(talk: Talk) -> Talk:
    """An episode of which nothing is known but what is said."""
    return replace(talk, metadata=tuple(AnalysedText("", (), (), parsed=part.parsed) for part in talk.metadata))


def read_example(episode: PublishedEpisode, talk: Talk, encoder: SentenceEncoder, *, bare: bool = False) -> Example:
    """The people and clues of an episode, and who is who."""
    talk = without_metadata(talk) if bare else talk
    mentions = find_mentions((*talk.metadata, *talk.turns))
    people = list_people(mentions, talk.metadata)
    clues, written = find_clues(talk, mentions, people)
    vectors = encoder.encode([person.form for person in people.persons.values()])
    return Example(episode, talk, people, clues, written, voices_of_people(people, episode.truth), vectors, bare)


def collect(episodes: Sequence[Example]) -> Examples:
    """The tables of all clues."""
    shows = tuple(sorted({example.episode.show for example in episodes}))
    rows: dict[str, list[tuple[tuple[str, ...], int, int, int, int]]] = {}
    for number, example in enumerate(episodes):
        show = shows.index(example.episode.show)
        for index, clue in enumerate(example.clues):
            row = (clue.features, answer_of(example, clue), show, number, index)
            rows.setdefault(clue.relation, []).append(row)
        for index, written in enumerate(example.written):
            row = (written.features, _present(example.voices[written.person]), show, number, index)
            rows.setdefault(WRITTEN, []).append(row)
    return Examples(shows, tuple(episodes), {name: make_table(found) for name, found in rows.items()})


def role_table(examples: Examples) -> Table:
    """The metadata's clues with the answer whether the person who is named hosts; -1 where no role was published.

    What is said of the name itself is left out: a host's looks like a guest's.
    """
    table = examples.tables[WRITTEN]
    kept = [place for place, column in enumerate(table.columns) if not column.startswith(OF_NAMES)]
    answer = np.array([_hosts(examples.episodes[number], index) for number, index in table.place.tolist()])
    columns = tuple(table.columns[place] for place in kept)
    return replace(table, columns=columns, features=table.features[:, kept], answer=answer)


def _hosts(example: Example, index: int) -> int:
    voice = example.voices[example.written[index].person]
    role = example.episode.truth[voice].role if voice and voice != UNCLEAR else ""
    return int(role == "host") if role in ROLES else -1


def with_likeness(examples: Examples, likeness: Mapping[int, Mapping[Key, float]]) -> Examples:
    """The tables with what they read of the names themselves, and what a judge of names says.

    ``likeness``: by episode and person, 0 where unknown.
    """
    return replace(
        examples, tables={name: _widened(t, name, examples, likeness) for name, t in examples.tables.items()}
    )


def _widened(table: Table, name: str, examples: Examples, likeness: Mapping[int, Mapping[Key, float]]) -> Table:
    columns: dict[str, int] = {}
    starts, indices, values = [0], list[int](), list[float]()
    for number, index in table.place.tolist():
        example = examples.episodes[number]
        clue = example.written[index] if name == WRITTEN else example.clues[index]
        odds = likeness.get(number, {}).get(clue.person, 0.0)
        found = dict.fromkeys(likeness_features(clue.mention, odds), 1.0)
        if isinstance(clue, Clue):
            found |= heard_numbers(example.heard.get(clue.mention, {}).get(clue.relation))
        for place, value in sorted((columns.setdefault(f, len(columns)), value) for f, value in found.items()):
            indices.append(place)
            values.append(value)
        starts.append(len(indices))
    more = csr_matrix((np.array(values, np.float32), indices, starts), shape=(len(table.answer), len(columns)))
    return replace(table, columns=(*table.columns, *columns), features=hstack([table.features, more]).tocsr())


def answer_of(example: Example, clue: Clue) -> int:
    """Whether the clue's voice is the one that is named; a name alone is asked about as it was said."""
    voice = example.voices[clue.person]
    if voice is None and len(clue.mention.key) == 1:
        voice = voice_of(clue.mention.key, example.episode.truth)
    if not clue.voice:
        return _present(voice)
    return -1 if voice == UNCLEAR else int(voice == clue.voice)


def _present(voice: str | None) -> int:
    return -1 if voice == UNCLEAR else int(voice is not None)


def make_table(rows: Iterable[tuple[tuple[str, ...], int, int, int, int]]) -> Table:
    """A table of rows: features, answer, number of the show, of the episode and of the clue."""
    columns: dict[str, int] = {}
    starts, indices = [0], []
    answers, shows, places = [], [], []
    for features, answer, show, number, index in rows:
        indices += sorted({columns.setdefault(feature, len(columns)) for feature in features})
        starts.append(len(indices))
        answers.append(answer)
        shows.append(show)
        places.append((number, index))
    matrix = csr_matrix((np.ones(len(indices), np.float32), indices, starts), shape=(len(answers), len(columns)))
    return Table(tuple(columns), matrix, np.array(answers), np.array(shows), np.array(places))
