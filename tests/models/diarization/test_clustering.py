"""Voices from pieces: the right number of them, whatever the recording's own spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.diarization.clustering import Pieces, find_voices, usual_cosine


def recording(*spoken: tuple[int, int], spread: float = 0.7, seed: int = 0) -> Pieces:
    """Pieces of 2 s: (voice, how many) one after another, each a run; ``spread`` is the noise around a voice."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(10, 192))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    voice = np.concatenate([[v] * n for v, n in spoken])
    noise = chance.normal(size=(len(voice), 192)) * spread / np.sqrt(192)
    voices = centres[voice] + noise
    voices /= np.linalg.norm(voices, axis=1, keepdims=True)
    run = np.repeat(np.arange(len(spoken)), [n for _, n in spoken])
    return Pieces(voices, np.full(len(voice), 2.0), run, np.full(len(voice), 0.6))


@pytest.mark.parametrize("spread", [0.3, 0.5, 0.7, 0.8])
def test_short_voices_are_voices_whatever_the_spread(spread: float) -> None:
    pieces = recording((0, 20), (1, 15), (0, 12), (2, 2), (1, 9), (3, 7), (0, 5), spread=spread)
    assert len(find_voices(pieces)) == 4


def test_one_odd_piece_is_not_a_voice_but_a_far_one_is() -> None:
    pieces = recording((0, 20), (1, 20), spread=0.5)
    blend = pieces.voices[0] + pieces.voices[30]
    pieces.voices[5] = blend / np.linalg.norm(blend)
    assert len(find_voices(pieces)) == 2
    assert len(find_voices(recording((0, 20), (1, 1), (0, 10), spread=0.5))) == 2


def test_scattered_odd_pieces_are_not_a_voice() -> None:
    odd = recording((0, 10), (2, 1), (0, 10), (2, 1), (0, 10), spread=0.5)
    close = odd.voices[[10, 21]] + 1.0 * odd.voices[[0, 1]]
    odd.voices[[10, 21]] = close / np.linalg.norm(close, axis=1, keepdims=True)
    assert len(find_voices(odd)) == 1


def test_pieces_that_hold_two_voices_do_not_make_a_third() -> None:
    pieces = recording((0, 20), (1, 20), (2, 2), spread=0.5)
    blend = pieces.voices[[0, 1]] + pieces.voices[[20, 21]]
    pieces.voices[-2:] = blend / np.linalg.norm(blend, axis=1, keepdims=True)
    pieces.halves[-2:] = 0.1
    assert len(find_voices(pieces)) == 2


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 5))
def test_bounds_hold(voices: int, bound: int, seed: int) -> None:
    pieces = recording(*[(v, 8) for v in range(voices)], spread=0.5, seed=seed)
    assert len(find_voices(pieces, most=bound)) <= bound
    assert len(find_voices(pieces, least=bound)) >= bound
    assert len(find_voices(pieces, least=bound, most=bound)) == bound


def test_the_usual_cosine_is_the_recordings_own() -> None:
    assert usual_cosine(recording((0, 60), spread=0.3)) > usual_cosine(recording((0, 60), spread=0.8))


def test_a_single_piece_is_one_voice() -> None:
    assert find_voices(recording((0, 1))).shape == (1, 192)
