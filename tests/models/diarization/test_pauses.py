"""Pauses found by the sound: only whole silences inside one voice's speech are taken out, at any loudness."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.diarization.pauses import BELOW_DB, PAUSE_S, frame_levels, part_at_silence
from models.diarization.tracks import read_tracks
from pipeline.timeline import Waveform

FRAME_S = 0.02
LONG, SHORT = round(PAUSE_S / FRAME_S) + 2, round(PAUSE_S / FRAME_S) - 2


def levels_with_silence(first: int, frames: int, *, speech_db: float = -20.0) -> np.ndarray:
    levels = np.full(200, speech_db)
    levels[first : first + frames] = speech_db - BELOW_DB - 5
    return levels


def test_a_long_silence_that_was_bridged_parts_the_turn() -> None:
    parted = part_at_silence(np.ones((200, 1), bool), levels_with_silence(80, LONG), FRAME_S)
    assert np.flatnonzero(~parted[:, 0]).tolist() == list(range(80, 80 + LONG))


def test_a_short_silence_is_part_of_the_turn() -> None:
    assert part_at_silence(np.ones((200, 1), bool), levels_with_silence(80, SHORT), FRAME_S).all()


def test_a_pause_that_the_network_heard_stays_as_it_placed_it() -> None:
    heard = np.ones((200, 1), bool)
    heard[85:95] = False
    assert np.array_equal(part_at_silence(heard, levels_with_silence(80, LONG), FRAME_S), heard)


def test_a_quiet_voice_beside_a_loud_one_is_measured_by_itself() -> None:
    active = np.zeros((400, 2), bool)
    active[:200, 0] = active[200:, 1] = True
    levels = np.r_[np.full(200, -10.0), np.full(200, -10.0 - BELOW_DB - 5)]
    assert np.array_equal(part_at_silence(active, levels, FRAME_S), active)


@given(st.integers(0, 10_000), st.floats(-40, 0))
def test_nothing_is_added_and_loudness_changes_nothing(seed: int, gain_db: float) -> None:
    chance = np.random.default_rng(seed)
    active = chance.random((200, 2)).repeat(2, axis=0)[:200] < 0.8
    levels = chance.choice([-20.0, -90.0], size=20).repeat(10)
    parted = part_at_silence(active, levels, FRAME_S)
    assert not (parted & ~active).any()
    assert np.array_equal(part_at_silence(active, levels + gain_db, FRAME_S), parted)


def test_the_level_of_a_frame_is_that_of_the_sound_around_its_middle() -> None:
    tracks = read_tracks(
        np.ones((1, 50, 1)), window_s=1.0, step_s=1.0, frame_s=FRAME_S, lead_s=FRAME_S / 2, duration=1.0
    )
    samples = np.r_[np.full(8000, 0.1, np.float32), np.zeros(8000, np.float32)]
    levels = frame_levels(Waveform(samples, 16_000), tracks)
    assert np.allclose(levels[:25], -20.0) and (levels[25:] < -100).all()
