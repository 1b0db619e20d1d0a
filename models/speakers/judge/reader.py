"""Whose name it is that is said, told by how MPNet reads the words around it, the name itself hidden.

The lowest layers are as published and see one or two turns on either side; those above are corrected for this question
and are told of every piece how the voice that says it stands to the name. What is read off is the state of the hidden
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from models.encoder import batches_by_length, pad, read_tokenizer
from pipeline.ports import NameWindow, SaidTurn, Standing
from pipeline.speakers.names.clues import RELATIONS

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from models.mpnet import Layer, Mpnet

WEIGHTS = "mpnet"
LAYERS, KEPT = 7, 4
"""Of twelve; the KEPT lowest are as published, and those of the ads and the notes, too."""
BEFORE, OWN_AFTER, AFTER = 48, 32, 28
"""Wordpieces that are read before a name, after it in its own turn, and of the turns after that."""
NEAR_BEFORE, NEAR_AFTER = 36, 46
"""Of these, what the corrected layers read: a quarter cheaper."""
LEAST_ROOM = 5  # pieces for which a further turn is begun
LONGEST = BEFORE + OWN_AFTER + AFTER + 24  # and what stands between turns
LETTERS = 600  # of a stretch that are cut to pieces: more than are read of it
BEGIN, END, HIDDEN_NAME = 0, 2, 30526
"""Pieces of the published network: where a window begins, where it or a turn of it ends, and its mask."""
STANDINGS: tuple[Standing, ...] = get_args(Standing)
NOBODY = 0
"""The mark of what nobody says; after it come those of STANDINGS, then the same in a voice's first turn."""
MARKS = 1 + 2 * len(STANDINGS)
BATCH_PIECES = 2048  # windows x longest of one batch: keeps the working set inside the cache of a small machine
AT_ONCE = 128  # windows whose states are kept: 16 MB
WIDTH = 768
QUESTIONS = len(RELATIONS)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A window in wordpieces: their ``ids``, the mark of each one's voice, and which is the name asked about."""

    ids: tuple[int, ...]
    marks: tuple[int, ...]
    name: int


@dataclass(frozen=True, slots=True)
class Marked:
    """What the corrected layers read of a window.

    ``states``: after KEPT layers, shape (pieces, WIDTH); ``marks``: shape (pieces,); ``name``: the place of the name.
    """

    states: Tensor
    marks: Tensor
    name: int


class NameReader:
    """Windows through the lowest layers of MPNet, as published; ``folder`` defaults to where the weights are."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        from models.weights.installed import locate

        return self._folder or locate(WEIGHTS)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return read_tokenizer(self.folder)

    @cached_property
    def network(self) -> Mpnet:
        """The published layers, shared with whoever else reads with them."""
        from models.mpnet import Mpnet
        from models.parallel import undivided

        with undivided():
            return Mpnet.load(self.folder, KEPT, LONGEST)

    def cut(self, windows: Sequence[NameWindow]) -> list[Pieces]:
        """Windows in wordpieces."""
        texts = list(dict.fromkeys(text for window in windows for text in _stretches(window)))
        encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        known = {text: encoding.ids for text, encoding in zip(texts, encoded, strict=True)}
        return [_cut(window, known) for window in windows]

    def read(self, windows: Sequence[Pieces]) -> Iterator[tuple[int, Marked]]:
        """Each window by its index, like lengths together. Raises WeightsError where there are no weights."""
        import torch

        from models.mpnet import PAD
        from models.parallel import side_by_side

        network = self.network

        def read(batch: list[int]) -> list[tuple[int, Marked]]:
            padded, mask = pad([windows[n].ids for n in batch])
            with torch.inference_mode():
                states = network.states(torch.from_numpy(np.where(mask, padded, PAD)), torch.from_numpy(mask))
            return [(n, _near(windows[n], row)) for n, row in zip(batch, states, strict=True)]

        for found in side_by_side(read, batches_by_length([len(w.ids) for w in windows], BATCH_PIECES)):
            yield from found


def _near(window: Pieces, states: Tensor) -> Marked:
    import torch

    first, last = max(0, window.name - NEAR_BEFORE), min(len(window.ids), window.name + NEAR_AFTER)
    return Marked(states[first:last].clone(), torch.tensor(window.marks[first:last]), window.name - first)


def _stretches(window: NameWindow) -> Iterator[str]:
    for number, turn in enumerate(window.turns):
        for place, part in enumerate(turn.parts):
            yield _stretch(part, before=number < window.turn or (number == window.turn and place <= window.name))


def _stretch(part: str, *, before: bool) -> str:
    return part[-LETTERS:] if before else part[:LETTERS]


def _cut(window: NameWindow, known: Mapping[str, Sequence[int]]) -> Pieces:
    turns: list[list[int]] = []
    stretches = _stretches(window)
    for turn in window.turns:
        ids: list[int] = []
        for place, _ in enumerate(turn.parts):
            ids += [HIDDEN_NAME] * (place > 0)
            if len(turns) == window.turn and place == window.name + 1:
                name = len(ids) - 1
            ids += known[next(stretches)]
        turns.append(ids)
    own = turns[window.turn]
    marked = list(_marked(own[max(0, name - BEFORE) : name + 1 + OWN_AFTER], window.turns[window.turn]))
    if name <= BEFORE:
        marked = [*_marked([END], window.turns[window.turn]), *marked]
    at = min(name, BEFORE) + (name <= BEFORE)
    before = list(_turns_before(turns, window, BEFORE - name))
    row = [(BEGIN, NOBODY), *before, *marked, *_turns_after(turns, window), (END, NOBODY)]
    return Pieces(tuple(piece for piece, _ in row), tuple(mark for _, mark in row), 1 + len(before) + at)


def _marked(ids: Iterable[int], turn: SaidTurn) -> Iterator[tuple[int, int]]:
    mark = 1 + STANDINGS.index(turn.voice) + len(STANDINGS) * turn.new
    return ((piece, mark) for piece in ids)


def _turns_before(turns: Sequence[Sequence[int]], window: NameWindow, room: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in range(window.turn - 1, -1, -1):
        if room < LEAST_ROOM:
            break
        row = list(_marked([END, *turns[number][-room:]], window.turns[number]))
        found = row + found
        room -= len(row)
    return found


def _turns_after(turns: Sequence[Sequence[int]], window: NameWindow) -> Iterator[tuple[int, int]]:
    room = AFTER
    for number in range(window.turn + 1, len(turns)):
        if room < LEAST_ROOM:
            break
        row = list(_marked([END, *turns[number][:room]], window.turns[number]))
        yield from row
        room -= len(row)


def padded(windows: Sequence[Marked]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """States, marks and what is real of windows of different lengths; and the places of the names."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    present = pad_sequence([torch.ones(len(w.marks), dtype=torch.bool) for w in windows], batch_first=True)
    states, marks = (
        pad_sequence([getattr(w, part) for w in windows], batch_first=True) for part in ("states", "marks")
    )
    return states, marks, present, torch.tensor([window.name for window in windows])


def states_of_names(layers: Sequence[Layer], marks: Tensor, places: Tensor, windows: Sequence[Marked]) -> Tensor:
    """What corrected layers make of the hidden names, float32, shape (n, WIDTH).

    ``marks``: what is added to the pieces of each voice, shape (MARKS, WIDTH); ``places``: see ``relative_places``.
    """
    from models.mpnet import places_among, run_layers

    states, marked, present, names = padded(windows)
    among = places_among(places, states.shape[1], present)
    states = run_layers(layers[:-1], states + marks[marked].to(states.dtype), places, present)
    return layers[-1].at(names, states, among).float()


@dataclass(frozen=True)
class TrainedNameJudge:
    """The NameJudge port: ``weights``, shape (QUESTIONS, WIDTH), and ``constants`` over the states of the names.

    ``marks``: what is added to the pieces of each voice, shape (MARKS, WIDTH); ``learnt``: corrections, as ``pack``
    has them.
    """

    weights: np.ndarray
    constants: np.ndarray
    marks: np.ndarray
    learnt: Mapping[str, np.ndarray]

    @cached_property
    def _reader(self) -> NameReader:
        return NameReader()

    @cached_property
    def _layers(self) -> list[Layer]:
        from models.corrections import corrected_layers
        from models.parallel import undivided

        with undivided():
            return corrected_layers(self._reader.folder, self.learnt, range(KEPT, LAYERS), self._reader.network.dtype)

    def odds(self, windows: Sequence[NameWindow]) -> np.ndarray:
        found = [np.zeros((0, QUESTIONS))]
        for first in range(0, len(windows), AT_ONCE):
            read = dict(self._reader.read(self._reader.cut(windows[first : first + AT_ONCE])))
            found.append(self.judge([read[n] for n in range(len(read))]))
        return np.concatenate(found)

    def judge(self, read: Sequence[Marked]) -> np.ndarray:
        """The log-odds of windows that the published layers have read."""
        import torch

        from models.parallel import side_by_side

        odds = np.zeros((len(read), QUESTIONS))
        layers, places, marks = self._layers, self._reader.network.places, torch.from_numpy(self.marks)
        batches = batches_by_length([len(window.marks) for window in read], BATCH_PIECES)

        def states(batch: list[int]) -> np.ndarray:
            with torch.inference_mode():
                found: np.ndarray = states_of_names(layers, marks, places, [read[n] for n in batch]).numpy()
            return found

        for batch, found in zip(batches, side_by_side(states, batches), strict=True):
            odds[batch] = found.astype(float) @ self.weights.T + self.constants
        return odds
