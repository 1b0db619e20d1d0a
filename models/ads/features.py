"""What the network is told of an episode beside its wordpieces: place, stops, pauses, and words that come in bursts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.timeline import Word

if TYPE_CHECKING:
    from tokenizers import Tokenizer

REPEAT_WORDS = 8
"""Eight words in a row that are said twice are copy, or a clip."""
REPEAT_APART = 160  # words; about a minute
REPEAT_DISTINCT = 5  # "no no no no" is not copy
BURST_REACH = 90  # words before and after: about half a minute each
BURST_LEAST, BURST_SHARE = 3, 0.8  # a name said three times here, and nearly nowhere else
PAUSE_CAP_S = 4.0
PACE = (60.0, 300.0, 1500.0)  # words: how fast the distance to the beginning and the end of an episode stops mattering
REAL_PAUSE_S = 0.25
"""Where no word is followed by a pause of this length, the times were made up, or are the times of whole lines."""

CONTENT, PLACE, STOPS, PAUSES = 3, 2 * len(PACE), 3, 2
SIDE = CONTENT + PLACE + STOPS + PAUSES
"""Columns: bursts, frequency and repeats; place; stops and whether they are known; pauses and whether they are."""

_TOP_LEVEL = "(?:com|org|net|co|io|fm|tv|ai|app|gov|edu|us|uk|me|ly|shop|health|deals|gg|dev|news)"
_ADDRESS = re.compile(rf"^(?:(?:www\.)?[a-z0-9][\w&-]*(?:\.[\w-]+)*?)?\.{_TOP_LEVEL}(?:/\S*)?$")
_EDGES = re.compile(r"^[^\w$£€%#@&.]+|[^\w$£€%+]+$")
_MARKS = frozenset(".,?!;:-–—…\"'()[]“”‘’")
_FULL_STOPS, _COMMAS = frozenset(".?!…"), frozenset(",;:—-")


@dataclass(frozen=True, slots=True)
class Features:
    """An episode as the network reads it; ``side``: float32, shape (words, SIDE).

    ``pieces``: wordpiece ids without punctuation, int64; ``first[n]`` is the first piece of word n, one entry more than
    words. A word of punctuation only has no piece.
    """

    pieces: np.ndarray
    first: np.ndarray
    side: np.ndarray

    def __len__(self) -> int:
        return len(self.side)


def read_features(words: Sequence[Word], tokenizer: Tokenizer, *, timed: bool | None = None) -> Features:
    """The features of an episode; ``timed``: whether pauses are real, None leaves it to the times themselves."""
    rows = [_pieces(word.text, tokenizer) for word in words]
    pieces = np.array([piece for row in rows for piece in row], np.int64)
    first = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    keys = [comparable(word.text) for word in words]
    content = np.column_stack([*_bursts(keys), _repeats(keys)])
    side = np.concatenate([content, _place(len(words)), _stops(words), _pauses(words, timed)], axis=1)
    return Features(pieces, first, side.astype(np.float32))


_seen: dict[str, tuple[int, ...]] = {}


def _pieces(text: str, tokenizer: Tokenizer) -> tuple[int, ...]:
    if text not in _seen:
        encoded = tokenizer.encode(text, add_special_tokens=False)
        kept = (i for i, piece in zip(encoded.ids, encoded.tokens, strict=True) if not set(piece) <= _MARKS)
        _seen[text] = tuple(kept)
    return _seen[text]


@lru_cache(maxsize=1 << 17)
def comparable(text: str) -> str:
    """A word as it is compared: small, without marks, numbers and addresses by their kind.

    >>> [comparable(text) for text in ("Acme,", "$5", "20%", "acme.com/show", "1998")]
    ['acme', '<money>', '<percent>', '<site>', '<number>']
    """
    plain = _EDGES.sub("", text.lower().replace("\u2019", "'"))
    if _ADDRESS.match(plain):
        return "<site>"
    plain = plain.strip(".")
    if plain in ("%", "percent"):
        return "<percent>"
    if any(c.isdigit() for c in plain):
        return "<money>" if plain[0] in "$£€" else "<percent>" if plain.endswith("%") else "<number>"
    return re.sub(r"[^\w'&]", "", plain)


def _bursts(keys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """For each word, whether it is frequent just here (1, or 0.5 where it is said twice), and how frequent it is."""
    places: dict[str, list[int]] = defaultdict(list)
    for n, key in enumerate(keys):
        places[key].append(n)
    burst, frequency = np.zeros(len(keys)), np.zeros(len(keys))
    for key, found in places.items():
        at = np.array(found)
        frequency[at] = np.log1p(len(at)) / np.log(len(keys) + 2)
        if len(at) < 2 or len(key) < 3 or key.startswith("<"):
            continue
        near = np.searchsorted(at, at + BURST_REACH, "right") - np.searchsorted(at, at - BURST_REACH)
        here = near >= BURST_SHARE * len(at)
        burst[at] = np.where(here & (near >= BURST_LEAST), 1.0, np.where(here & (near >= 2), 0.5, 0.0))
    return burst, frequency


def _repeats(keys: Sequence[str]) -> np.ndarray:
    """1 for each word of a passage that is said again, word for word, elsewhere in the episode."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for n in range(len(keys) - REPEAT_WORDS + 1):
        places[tuple(keys[n : n + REPEAT_WORDS])].append(n)
    repeated = np.zeros(len(keys))
    for passage, found in places.items():
        if len(found) > 1 and len(set(passage)) >= REPEAT_DISTINCT:
            for n in found:
                if n - found[0] > REPEAT_APART or found[-1] - n > REPEAT_APART:
                    repeated[n : n + REPEAT_WORDS] = 1.0
    return repeated


def _place(count: int) -> np.ndarray:
    since = np.arange(count, dtype=np.float64)
    until = count - 1 - since
    return np.column_stack([np.exp(-distance / pace) for distance in (since, until) for pace in PACE])


def _stops(words: Sequence[Word]) -> np.ndarray:
    """Whether a sentence ends before each word, whether a comma stands there, and 1: both are known."""
    stop = [bool(_FULL_STOPS & set(word.text[-2:])) for word in words]
    comma = [word.text[-1:] in _COMMAS for word in words]
    return np.column_stack([[True, *stop[:-1]], [False, *comma[:-1]], np.ones(len(words))])


def _pauses(words: Sequence[Word], timed: bool | None) -> np.ndarray:
    """The pause before each word in seconds, and whether pauses are known; zeros where times are made up."""
    gaps = np.array([0.0, *(b.start - a.end for a, b in pairwise(words))])
    known = bool((gaps >= REAL_PAUSE_S).any()) if timed is None else timed
    return np.column_stack([np.clip(gaps, 0.0, PAUSE_CAP_S) * known, np.full(len(words), float(known))])
