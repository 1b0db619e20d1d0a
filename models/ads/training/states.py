"""The states of MPNet's fixed layers for a whole corpus, kept in a file: every training starts from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from models.ads.features import Features
from models.ads.mpnet import WIDTH, WINDOW
from models.ads.network import AdNetwork


def windows_of(features: Features) -> int:
    """How many windows an episode's wordpieces fill."""
    return -(-len(features.pieces) // WINDOW)


def write_states(
    corpus: Sequence[Features], network: AdNetwork, path: Path, *, say: Callable[[str], None] = lambda _line: None
) -> None:
    """Write the states of all documents, one after the other, in half precision: a gigabyte for 650,000 wordpieces."""
    total = sum(map(windows_of, corpus))
    states = np.lib.format.open_memmap(path, "w+", np.float16, (total, WINDOW, WIDTH))
    at = 0
    for number, features in enumerate(corpus, 1):
        count = windows_of(features)
        states[at : at + count] = network.read(torch.from_numpy(features.pieces)).half().numpy()
        at += count
        if number % 50 == 0:
            say(f"read {number} of {len(corpus)} documents")
    states.flush()


def open_states(corpus: Sequence[Features], path: Path) -> list[np.ndarray]:
    """The states of each document, shape (windows, WINDOW, WIDTH), as written by ``write_states``."""
    states = np.load(path, mmap_mode="r")
    ends = np.cumsum([windows_of(features) for features in corpus])
    return np.split(states, ends[:-1])
