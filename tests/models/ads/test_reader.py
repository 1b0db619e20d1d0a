from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from models.ads.features import SIDE, Features

if TYPE_CHECKING:
    from torch import Tensor

LENGTHS = (0, 1, 511, 512, 513, 640, 1024, 1025, 3000)


def read(counts: np.ndarray, state_of: Any, heard: slice) -> tuple[np.ndarray, np.ndarray]:
    """The first column of what is read of words of so many pieces, numbered, before and after borders are read again.

    ``state_of``: from numbers of pieces, shape (windows, WINDOW), to their states; a call is heard in ``heard``.
    """
    torch = pytest.importorskip("torch")
    from models.ads.reader import Reader

    def states(windows: Tensor) -> Tensor:
        return cast("Tensor", state_of(windows)[..., None].float().expand(*windows.shape, 768))

    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    features = Features(np.arange(first[-1]), first, np.zeros((len(counts), SIDE), np.float32))
    reader = Reader(cast(Any, SimpleNamespace(places=torch.zeros(1), states=states)))
    calls = np.zeros(len(counts))
    calls[heard] = 1.0
    once = reader.read(features)
    return once[:, 0].numpy(), reader.read_borders(features, once, calls)[:, 0].numpy()


@pytest.mark.parametrize("pieces", LENGTHS)
def test_each_word_keeps_its_own_pieces(pieces: int) -> None:
    counts = np.random.default_rng(0).integers(0, 4, pieces)
    once, twice = read(counts, lambda windows: windows, slice(None))
    np.testing.assert_array_equal(once, twice)


@pytest.mark.parametrize("pieces", LENGTHS)
def test_no_word_is_taken_from_the_edge_of_a_window_unless_the_episode_ends_there(pieces: int) -> None:
    torch = pytest.importorskip("torch")
    from models.ads.reader import NEAR, WINDOW

    _, places = read(np.ones(pieces, int), lambda w: torch.arange(WINDOW).expand(w.shape), slice(None))
    inner = places[NEAR : max(0, (pieces - 1) // WINDOW * WINDOW)]
    assert ((inner >= NEAR) & (inner < WINDOW - NEAR)).all()
    assert (places[:NEAR] == np.arange(min(NEAR, pieces))).all()


def test_only_borders_beside_a_call_are_read_again() -> None:
    torch = pytest.importorskip("torch")
    from models.ads.reader import NEAR, WINDOW

    heard = slice(2 * WINDOW - NEAR, 2 * WINDOW - NEAR + 1)
    once, twice = read(np.ones(2000, int), lambda w: torch.arange(WINDOW).expand(w.shape), heard)
    changed = np.flatnonzero(once != twice)
    assert (changed[0], changed[-1]) == (2 * WINDOW - NEAR, 2 * WINDOW + NEAR - 1)


def test_nothing_is_read_again_where_nothing_is_heard() -> None:
    once, twice = read(np.ones(2000, int), lambda windows: windows % 512, slice(0))
    np.testing.assert_array_equal(once, twice)
