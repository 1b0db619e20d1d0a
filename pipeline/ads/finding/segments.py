"""Scores of words to segments: the best way to divide the whole episode into show and ads, cut between sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.ads.finding.boundaries import snap
from pipeline.result import AdKind
from pipeline.timeline import Seconds, Span, Word

KINDS: tuple[AdKind | None, ...] = (None, "sponsor", "spot", "promo", "self", "credits")
"""What a word may belong to, in the order of the model's columns; None is the show."""
PAID, UNPAID = [1, 2, 3], [0, 4, 5]
LOGIT_CAP = 8.0
"""Log-odds of a word beyond these say nothing more: neighbouring words repeat each other."""
EDGE_CAP = (-8.0, 3.0)
UNREAD = -12.0
"""Log-probability of every kind but the show where nothing is read a second time."""
SHORTEST_AD_WORDS = 8
"""Three seconds. The shortest paid ad of the labelled episodes has nine words in 99 of 100 cases."""


@dataclass(frozen=True, slots=True)
class WordScores:
    """What the model says of each word.

    ``kinds``: log-probabilities of each of KINDS, shape (n, 6); ``starts`` and ``ends``: log-odds that a paid ad
    begins or ends with this word, shape (n,); ``second``: as ``kinds``, by a second reading of what may be a call.
    """

    kinds: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    second: np.ndarray

    @property
    def paid(self) -> np.ndarray:
        """Log-odds of each word to belong to a paid ad, shape (n,)."""
        return log_sum(self.kinds[:, PAID]) - log_sum(self.kinds[:, UNPAID])

    @property
    def call(self) -> np.ndarray:
        """The chance of each word to belong to an ad, a call of the show or credits, shape (n,)."""
        chance: np.ndarray = 1 - np.exp(self.kinds[:, 0])
        return chance

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """Chosen in training on shows that are not scored.

    ``prior`` is added to the log-odds of every word; ``trust`` and ``edge_trust`` weigh the log-odds of words and
    edges, ``edge_cost`` is paid at each edge; a segment whose mean chance is below ``least`` is dropped.
    """

    prior: float = 0.0
    trust: float = 0.15
    edge_trust: float = 1.0
    edge_cost: float = 2.0
    least: float = 0.5


@dataclass(frozen=True, slots=True)
class Segment(Span):
    """The words ``first`` to ``last`` (exclusive), their kind, and the mean probability that they are ad."""

    first: int
    last: int
    kind: AdKind
    score: float


def is_spoken(word: Word) -> bool:
    """Whether a word says anything: "..." alone is a recogniser's filler."""
    return any(c.isalnum() or c in "%$" for c in word.text)


def find_segments(words: Sequence[Word], scores: WordScores, settings: SegmentSettings) -> tuple[Segment, ...]:
    """The paid ads of the episode in order, cut between sentences."""
    found = []
    for first, last, chance in divide(scores, settings):
        found.append(segment_between(words, scores.kinds, first, last, chance))
    return tuple(found)


def divide(scores: WordScores, settings: SegmentSettings) -> list[tuple[int, int, float]]:
    """First and last (exclusive) word of each paid ad where the scores have it, and the mean chance of its words."""
    if not len(scores):
        return []
    paid = scores.paid + settings.prior
    starts, ends = (np.clip(side, *EDGE_CAP) * settings.edge_trust for side in (scores.starts, scores.ends))
    path = best_path(
        np.clip(paid, -LOGIT_CAP, LOGIT_CAP) * settings.trust,
        enter=starts - settings.edge_cost,
        leave=np.concatenate([[0.0], ends[:-1]]) - settings.edge_cost,
    )
    chance = 1 / (1 + np.exp(-paid))
    runs = [(first, last, float(chance[first:last].mean())) for first, last in runs_of(path)]
    return [run for run in runs if run[1] - run[0] >= SHORTEST_AD_WORDS and run[2] >= settings.least]


def best_path(gain: np.ndarray, *, enter: np.ndarray, leave: np.ndarray) -> np.ndarray:
    """The two-state path of highest worth, bool of shape (n,): True is ad (Viterbi 1967).

    Being ad at n is worth ``gain[n]``; beginning or ending to be ad at n, ``enter[n]`` or ``leave[n]``. An ad may
    begin with the episode, for ``enter[0]``, and end with it, for nothing.

    >>> cost = np.full(5, -1.0)
    >>> best_path(np.array([-3.0, 2.0, -1.0, 2.0, -3.0]), enter=cost, leave=cost).tolist()
    [False, True, True, True, False]
    """
    gains, enters, leaves = gain.tolist(), enter.tolist(), leave.tolist()  # a tenth of the time of numpy's scalars
    show, ad = 0.0, gains[0] + enters[0]
    came_from = [(False, False)]
    for worth, entering, leaving in zip(gains[1:], enters[1:], leaves[1:], strict=True):
        left, entered = ad + leaving, show + entering
        came_from.append((left > show, ad >= entered))
        show, ad = max(show, left), max(ad, entered) + worth
    path = np.zeros(len(gain), bool)
    state = ad > show
    for n in range(len(gain) - 1, -1, -1):
        path[n] = state
        state = came_from[n][state]
    return path


def runs_of(path: np.ndarray) -> list[tuple[int, int]]:
    """First and last (exclusive) of each run of True."""
    change = np.diff(np.concatenate([[0], path.astype(int), [0]]))
    return list(zip(map(int, np.flatnonzero(change > 0)), map(int, np.flatnonzero(change < 0)), strict=True))


def inside(words: Sequence[Word], spans: Sequence[Span]) -> np.ndarray:
    """Which words lie in one of the spans, bool, shape (n,)."""
    return np.array([any(span.contains(word.middle) for span in spans) for word in words], bool)


def segment_between(words: Sequence[Word], kinds: np.ndarray, first: int, last: int, score: float) -> Segment:
    """The words ``first`` to ``last`` (exclusive), cut between sentences, of the kind that ``kinds`` make likeliest."""
    a, b = snap(words, first), snap(words, last)
    first, last = (a, b) if a < b else (first, last)
    kind = KINDS[1 + int(np.argmax(np.exp(kinds[first:last, PAID]).sum(0)))] or "sponsor"
    start: Seconds = words[first].start
    end = max(start, max(word.end for word in words[first:last]))
    return Segment(start, end, first, last, kind, score)


def nothing_read(words: int) -> np.ndarray:
    """What the second reading says where it reads nothing: the show, shape (words, kinds)."""
    kinds = np.full((words, len(KINDS)), UNREAD)
    kinds[:, 0] = 0.0
    return kinds


def moving_mean(values: np.ndarray, width: int) -> np.ndarray:
    """The mean of ``width`` values around each; beyond both ends lie zeros."""
    return np.convolve(values, np.ones(width) / width, "same")[: len(values)]


def log_sum(values: np.ndarray) -> np.ndarray:
    return np.logaddexp.reduce(values, axis=1)
