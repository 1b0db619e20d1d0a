"""Tracks, paths and overlaps on small made-up windows."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.diarization.resegmentation import active_voices, best_path, follow_voices, voices_at_once
from models.diarization.shared_trunk import cut_pieces
from models.diarization.tracks import read_tracks


@given(st.integers(1, 5), st.integers(1, 3), st.integers(0, 1000))
def test_the_path_is_the_best_of_all_paths(steps: int, voices: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    scores, change = chance.normal(size=(steps, voices)), chance.uniform(0, 2, size=max(0, steps - 1))

    def worth(path: tuple[int, ...]) -> float:
        paid = sum(c for a, b, c in zip(path, path[1:], change, strict=False) if a != b)
        return float(sum(scores[i, v] for i, v in enumerate(path)) - paid)

    best = max(worth(path) for path in itertools.product(range(voices), repeat=steps))
    assert np.isclose(worth(tuple(best_path(scores, change).tolist())), best)


def windows_of(truth: np.ndarray, *, per_window: int, step: int) -> np.ndarray:
    """Windows over (frames, voices) truth, slots swapped in every other window, as a network is free to do."""
    starts = range(0, max(1, len(truth) - per_window + 1), step)
    return np.stack([truth[s : s + per_window, :: -1 if n % 2 else 1] for n, s in enumerate(starts)]).astype(float)


TRUTH = np.zeros((40, 3))
TRUTH[2:14, 0] = 1
TRUTH[12:30, 1] = 1
TRUTH[32:38, 1] = 1


def tracks():  # type: ignore[no-untyped-def]
    windows = windows_of(TRUTH, per_window=20, step=5)
    return read_tracks(windows, window_s=2.0, step_s=0.5, frame_s=0.1, lead_s=0.05, duration=4.0)


def test_swapped_slots_are_no_change_of_voice() -> None:
    read = tracks()
    assert read.count.tolist() == TRUTH.sum(1).tolist()
    assert read.run[2:12].tolist() == [0] * 10
    assert set(read.run[14:30]) == set(read.run[32:38]) == {1}


def test_an_overlap_has_both_its_voices() -> None:
    read = tracks()
    alone = np.where(read.run >= 0, read.run, -1)
    assert np.array_equal(active_voices(read, alone, 2), TRUTH[:, :2] > 0)


def test_a_change_inside_a_run_is_found_by_its_sound() -> None:
    voices = np.eye(2, 192)
    heard = voices[[0] * 8 + [1] * 8 + [0] * 8]
    n = len(heard)
    voice, centres = follow_voices(
        heard, np.full(n, 50.0), np.full(n, 0.25), np.zeros(n, int), np.arange(n) * 0.25, voices, least_s=0.5
    )
    assert voice.tolist() == [0] * 8 + [1] * 8 + [0] * 8
    assert np.allclose(centres, voices)


def test_a_voice_left_with_nothing_is_given_up() -> None:
    voices = np.eye(3, 192)
    heard = voices[[0] * 8 + [1] * 8]
    voice, centres = follow_voices(
        heard, np.full(16, 50.0), np.full(16, 0.25), np.zeros(16, int), np.arange(16) * 0.25, voices, least_s=0.5
    )
    assert len(centres) == 2 and set(voice) == {0, 1}


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_pieces_tile_the_atoms_and_stay_in_their_run(lengths: list[int]) -> None:
    run = np.repeat(np.arange(len(lengths)), lengths)
    groups = cut_pieces(run, np.full(len(run), 0.25), piece_s=2.0)
    assert np.concatenate(groups).tolist() == list(range(len(run)))
    assert all(len(set(run[group])) == 1 and len(group) * 0.25 <= 3.0 for group in groups)


def test_a_voice_that_never_speaks_alone_is_a_voice_of_its_own() -> None:
    truth = np.zeros((40, 3))
    truth[2:38, 0] = 1
    truth[10:25, 1] = 1
    windows = windows_of(truth, per_window=20, step=5)
    read = read_tracks(windows, window_s=2.0, step_s=0.5, frame_s=0.1, lead_s=0.05, duration=4.0)
    assert voices_at_once(read) == 2
    alone = np.where(read.run >= 0, 0, -1)
    assert np.array_equal(active_voices(read, alone, 2), truth[:, :2] > 0)


def test_voices_that_touch_for_a_moment_prove_nothing() -> None:
    truth = np.zeros((40, 3))
    truth[2:20, 0] = 1
    truth[14:38, 1] = 1
    windows = windows_of(truth, per_window=20, step=5)
    assert voices_at_once(read_tracks(windows, window_s=2.0, step_s=0.5, frame_s=0.1, lead_s=0.05, duration=4.0)) == 1
