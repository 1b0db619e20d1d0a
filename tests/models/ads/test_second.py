from typing import cast

import numpy as np
import pytest
import torch

from models.ads.features import SIDE, Features
from models.ads.second import REACH, SecondNumbers, SecondReader, around, stretches
from models.mpnet import WIDTH, Mpnet
from pipeline.ads.finding.segments import KINDS, UNREAD


class Echo:
    """A network whose state of a piece is the piece's number."""

    places = torch.zeros(1)

    def states(self, pieces: "torch.Tensor") -> "torch.Tensor":
        return pieces.float()[..., None].expand(-1, -1, WIDTH)


def features(counts: list[int]) -> Features:
    """Words of so many pieces, each piece numbered by its word."""
    pieces = np.repeat(np.arange(len(counts)), counts)
    return Features(pieces, np.concatenate([[0], np.cumsum(counts)]), np.zeros((len(counts), SIDE), np.float32))


def test_every_word_has_the_state_of_its_own_pieces() -> None:
    counts = [n % 4 for n in range(2000)]  # more than one window; some words have none
    spans = [(0, 5), (40, 700), (1990, 2000)]
    read = SecondReader(cast(Mpnet, Echo())).states(features(counts), spans)
    for (first, last), states in zip(spans, read, strict=True):
        assert states[:, 0].tolist() == [n if counts[n] else 0 for n in range(first, last)]


def test_words_around_count_by_their_weight() -> None:
    states = np.tile(np.arange(100.0)[:, None], (1, WIDTH))
    assert around(states, np.ones(100))[50, 0] == pytest.approx(50)
    assert around(states, (np.arange(100) == 60) + 0.0)[[50, 60], 0].tolist() == [60, 60]
    assert around(states, np.ones(100))[0, 0] == pytest.approx(REACH / 2)


def test_what_is_no_call_is_not_read() -> None:
    assert stretches(np.zeros(300)) == [] and stretches(np.zeros(0)) == []
    assert stretches(np.zeros(300), np.arange(300) == 150) == [(130, 171)]
    ((first, last),) = stretches((np.abs(np.arange(300) - 150) < 30) * 1.0)
    assert first < 121 and last > 180
    numbers = SecondNumbers(np.zeros(WIDTH), np.ones(WIDTH), np.zeros((len(KINDS), WIDTH)), np.zeros(len(KINDS)))
    again = SecondReader(cast(Mpnet, Echo())).read(features([1] * 50), np.zeros(50), numbers)
    assert (again[:, 0] == 0).all() and (again[:, 1:] == UNREAD).all()
