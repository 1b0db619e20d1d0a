"""How many voices, and what each sounds like: clustering of two-second pieces that one voice speaks alone.

Cosines between voices depend on the recording (a telephone, a synthesiser, two alike), so similarity is measured
against how alike pieces of one voice are *here*: the mean cosine across two clusters over the geometric mean of the
cosines within them. That is near 1 for two halves of one voice however noisy its pieces, and lower for two voices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAME_VOICE = 0.80
"""Relative similarity from which two clusters are one voice, bonus included. Measured while joining: two parts of one
synthetic voice 0.86; parts of human voices of a few seconds and more 0.81 to 0.89 (odd bits down to 0.54, which are
then too small to stay); the most alike pair of voices, one of them speaking 3.8 s, 0.79."""
UNBROKEN = 0.12
"""Added when the segmentation network finds both clusters in one unbroken run: it did not notice a second voice."""
TIGHT_COSINE = 0.55
"""Average cosine within the first, fine clusters, which the relative similarity then joins."""
USUAL_COSINE = 0.65
"""Mean cosine of neighbouring pieces of one voice; weighs as eight measured pairs until a recording shows its own."""
PRIOR_PAIRS_S2 = 24.0
"""Weight of the recording's own cosine against a cluster's, in seconds of one piece times seconds of another."""
LEAST_PIECE_S = 0.5
"""Pieces shorter than this are placed afterwards, they do not help to find voices."""
MIXED_SHARE = 0.43
"""A piece whose halves are less alike than this share of the usual cosine holds two voices, and is left out."""
LEAST_VOICE_S = 2.5
"""A voice of its own needs this much speech in pieces, in one stretch unless it is ample..."""
AMPLE_S = 12.0
"""...and from here on it may lie scattered."""
LONE_PIECE_S = 1.0
"""A single piece of this length is a voice too if it is unlike all others (relative similarity under 0.3)."""
LONE_SIMILARITY = 0.3
COHESION_SLACK = 0.1
"""A small cluster must be this nearly as alike within as the recording's voices are: laughter and music are not."""


@dataclass(frozen=True)
class Pieces:
    """Two-second pieces in order of time: ``voices`` (n, 192) of unit length, ``seconds``, ``run`` and ``halves``
    (n,), the cosine between a piece's first and second half."""

    voices: np.ndarray
    seconds: np.ndarray
    run: np.ndarray
    halves: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> Pieces:
        return Pieces(self.voices[chosen], self.seconds[chosen], self.run[chosen], self.halves[chosen])


def import_scipy() -> None:
    """Import what clustering takes of scipy, 0.4 s, for a thread beside the networks: it is needed after them."""
    import scipy.cluster.hierarchy
    import scipy.optimize  # noqa: F401


def find_voices(pieces: Pieces, *, least: int = 1, most: int | None = None) -> np.ndarray:
    """The voices of a recording as unit vectors, (voices, 192); between ``least`` and ``most`` where pieces allow."""
    usual = usual_cosine(pieces)
    mixed = (pieces.halves < MIXED_SHARE * usual) & (pieces.seconds >= 2.4 * LEAST_PIECE_S)
    order = np.flatnonzero((pieces.seconds >= LEAST_PIECE_S) & ~mixed)
    if len(order) < max(least, 1):
        order = np.argsort(-pieces.seconds, kind="stable")[: max(least, 1)]
        order.sort()
    if len(order) == 1:
        return pieces.voices[order]
    clusters = _Clusters(pieces[order], order, usual, least)
    clusters.join(least)
    clusters.drop_small(least)
    clusters.cap(most)
    return clusters.centres()


def usual_cosine(pieces: Pieces) -> float:
    """How alike neighbouring pieces of one unbroken run are in this recording."""
    long = pieces.seconds >= 1.0
    pairs = np.flatnonzero((pieces.run[1:] == pieces.run[:-1]) & long[1:] & long[:-1])
    cosines = (pieces.voices[pairs] * pieces.voices[pairs + 1]).sum(1)
    return float((cosines.sum() + 8 * USUAL_COSINE) / (len(pairs) + 8))


class _Clusters:
    """Clusters under joining: all that is needed of them are sums, so a join costs one row and one column."""

    def __init__(self, pieces: Pieces, order: np.ndarray, usual: float, least: int) -> None:
        self.pieces, self.order, self.usual = pieces, order, usual
        from scipy.cluster.hierarchy import fcluster, linkage  # here: see import_scipy

        tree = linkage(pieces.voices, "average", metric="cosine")
        fine = fcluster(tree, 1 - TIGHT_COSINE, "distance") - 1
        if fine.max() + 1 < least:
            fine = fcluster(tree, least, "maxclust") - 1
        self.of = fine
        sums = self._summed(pieces.voices * pieces.seconds[:, None])
        self.cross = sums @ sums.T
        self.seconds, self.squares = self._summed(pieces.seconds), self._summed(pieces.seconds**2)
        self.count = np.bincount(fine)
        follows = (np.diff(order) == 1) & (pieces.run[1:] == pieces.run[:-1])
        self.links = np.zeros_like(self.cross)
        np.add.at(self.links, (fine[:-1][follows], fine[1:][follows]), 1.0)
        self.links += self.links.T

    def __len__(self) -> int:
        return len(self.seconds)

    def _summed(self, values: np.ndarray) -> np.ndarray:
        """What belongs to the pieces, summed by cluster."""
        mine = np.flatnonzero(self.of >= 0)
        sums = np.zeros((self.of.max() + 1, *values.shape[1:]))
        np.add.at(sums, self.of[mine], values[mine])
        return sums

    def cohesion(self) -> np.ndarray:
        """Mean cosine between different pieces of each cluster; 0 for a single piece."""
        pairs = self.seconds**2 - self.squares
        return np.where(pairs > 1e-6, (np.diag(self.cross) - self.squares) / np.maximum(pairs, 1e-6), 0.0)

    def similarity(self, some: slice | np.ndarray = slice(None)) -> np.ndarray:
        """How alike ``some`` clusters are to every one, relative to how alike their own pieces are; -1 to itself."""
        pairs = self.seconds**2 - self.squares
        within = (np.diag(self.cross) - self.squares + PRIOR_PAIRS_S2 * self.usual) / (pairs + PRIOR_PAIRS_S2)
        within = np.maximum(within, 0.2)
        relative = self.cross[some] / np.outer(self.seconds[some], self.seconds)
        relative /= np.sqrt(np.outer(within[some], within))
        relative += UNBROKEN * np.minimum(1, self.links[some] / np.minimum.outer(self.count[some], self.count)) ** 2
        number = np.arange(len(self))
        relative[number[: len(relative)], number[some]] = -1.0
        return relative

    def join(self, least: int) -> None:
        """Join the most alike clusters while they are one voice, but leave ``least`` that could each be a voice."""
        relative = self.similarity()
        nearest = relative.max(1)
        joined: list[int] = []
        while len(self) - len(joined) > least:
            into = int(nearest.argmax())
            other = int(relative[into].argmax())
            large = self.seconds >= LEAST_VOICE_S
            large[joined] = False
            if 1 < large.sum() <= least:
                allowed = np.where(np.outer(large, large), -1.0, relative)
                into, other = map(int, np.unravel_index(allowed.argmax(), allowed.shape))
            if relative[into, other] < SAME_VOICE:
                break
            self._fold(into, other)
            joined.append(other)
            lost = (relative[:, [into, other]] == nearest[:, None]).any(1)
            row = self.similarity(np.array([into]))[0]
            row[joined] = -1.0
            relative[into] = relative[:, into] = row
            relative[other] = relative[:, other] = -1.0
            nearest = np.maximum(nearest, row)
            nearest[lost] = relative[lost].max(1)
        self._remove(joined)

    def drop_small(self, least: int) -> None:
        """Take away, smallest first, clusters that are no voice: too short, scattered or not alike within."""
        while len(self) > least:
            small = np.flatnonzero(~self._voices())
            if len(small) == len(self):
                small = np.delete(small, self.seconds[small].argmax())
            if not len(small):
                return
            self._remove([int(small[self.seconds[small].argmin()])])

    def cap(self, most: int | None) -> None:
        while most is not None and len(self) > max(most, 1):
            into, other = np.unravel_index(self.similarity().argmax(), (len(self), len(self)))
            self._fold(int(into), int(other))
            self._remove([int(other)])

    def centres(self) -> np.ndarray:
        sums = self._summed(self.pieces.voices * self.pieces.seconds[:, None])
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)

    def _voices(self) -> np.ndarray:
        nearest = self.similarity().max(1)
        long = (self.count >= 2) & (self.seconds >= LEAST_VOICE_S)
        together = np.array([self._longest_stretch(k) for k in range(len(self))]) >= LEAST_VOICE_S - 0.1
        alike = self.cohesion() >= self.usual - COHESION_SLACK
        lone = (self.seconds >= LONE_PIECE_S) & (nearest < LONE_SIMILARITY)
        return (self.seconds >= AMPLE_S) | (long & together & alike) | lone

    def _longest_stretch(self, cluster: int) -> float:
        members = np.flatnonzero(self.of == cluster)
        stretches = np.split(members, np.flatnonzero(np.diff(self.order[members]) > 1) + 1)
        return max(float(self.pieces.seconds[stretch].sum()) for stretch in stretches)

    def _fold(self, into: int, other: int) -> None:
        """Give a cluster what belongs to another, whose own row stays until it is removed."""
        for table in (self.cross, self.links):
            table[into] += table[other]
            table[:, into] += table[:, other]
        for total in (self.seconds, self.squares, self.count):
            total[into] += total[other]
        self.of[self.of == other] = into

    def _remove(self, gone: Sequence[int]) -> None:
        left = np.setdiff1d(np.arange(len(self)), gone)
        self.cross, self.links = self.cross[np.ix_(left, left)], self.links[np.ix_(left, left)]
        self.seconds, self.squares, self.count = self.seconds[left], self.squares[left], self.count[left]
        number = np.full(self.of.max() + 2, -1)  # the last one stands for none
        number[left] = np.arange(len(left))
        self.of = number[self.of]
