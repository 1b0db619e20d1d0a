"""What the segmentation network says, laid on one timeline: where one voice speaks, where several, where it changes.

The network sees 10 s windows and numbers up to three voices afresh in each. Every moment is read from the window
whose middle is nearest, and slots of neighbouring windows are matched by what they agree on, so that a change of
voice is one the network found, not the seam between two windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LocalTracks:
    """``count`` (frames,): voices at once; ``run`` (frames,): number of the stretch of one voice alone, else -1.

    Runs are numbered in order of time; silence does not end a run, another voice does. ``owner`` and ``place``
    (frames,): the window and its frame each moment is read from; ``windows`` (windows, frames, slots): 0 or 1;
    ``first`` (windows,): where each begins. Frame i is heard at ``lead_s + i * frame_s``.
    """

    count: np.ndarray
    run: np.ndarray
    owner: np.ndarray
    place: np.ndarray
    windows: np.ndarray
    first: np.ndarray
    frame_s: float
    lead_s: float

    @property
    def frames(self) -> int:
        return len(self.count)

    @property
    def times(self) -> np.ndarray:
        """The middle of each frame in seconds."""
        return self.lead_s + np.arange(self.frames) * self.frame_s


def read_tracks(
    windows: np.ndarray, *, window_s: float, step_s: float, frame_s: float, lead_s: float, duration: float
) -> LocalTracks:
    """One timeline from overlapping windows: (windows, frames, slots) of 0 and 1, a window every ``step_s``."""
    number, per_window, _ = windows.shape
    frames = max(1, int(np.ceil(duration / frame_s)))
    first = np.rint(np.arange(number) * step_s / frame_s).astype(int)
    nearest = np.rint((np.arange(frames) * frame_s - window_s / 2) / step_s)
    owner = np.clip(nearest, 0, number - 1).astype(int)
    place = np.clip(np.arange(frames) - first[owner], 0, per_window - 1)
    active = windows[owner, place]
    count = active.sum(1).astype(int)
    voice = np.where(count == 1, _matched_slots(windows, first)[owner, active.argmax(1)], -1)
    return LocalTracks(count, _runs(voice), owner, place, windows, first, frame_s, lead_s)


def _matched_slots(windows: np.ndarray, first: np.ndarray) -> np.ndarray:
    """For each window its slots' numbers in a numbering that carries over from window to window."""
    from scipy.optimize import linear_sum_assignment  # here: see import_scipy in clustering.py

    number, per_window, slots = windows.shape
    names = np.tile(np.arange(slots), (number, 1))
    for index in range(1, number):
        shift = first[index] - first[index - 1]
        agreed = windows[index - 1, shift:].T @ windows[index, : per_window - shift]
        before, after = linear_sum_assignment(-agreed)
        names[index, after] = names[index - 1, before]
    return names


def _runs(voice: np.ndarray) -> np.ndarray:
    spoken = np.flatnonzero(voice >= 0)
    run = np.full(len(voice), -1)
    if len(spoken):
        run[spoken] = np.cumsum(np.r_[False, voice[spoken][1:] != voice[spoken][:-1]])
    return run


def stretches_of(chosen: np.ndarray) -> list[tuple[int, int]]:
    """First and last (exclusive) index of each unbroken stretch of True.

    >>> stretches_of(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.r_[0, chosen.astype(np.int8), 0])).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
