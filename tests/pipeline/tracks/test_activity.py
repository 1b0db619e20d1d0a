"""Who speaks when by levels: made of bursts of noise, since what they mean is then known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tracks.activity import find_turns, levels_of

RATE = 8_000
SAID = ((0, 1.0, 4.0), (1, 5.0, 8.0), (0, 9.0, 12.0), (1, 11.0, 15.0), (0, 16.0, 19.0))
"""Voice, start, end; the third and the fourth overlap."""


def tracks(*, bleed_db=-200.0, noise_db=-70.0, gains_db=(0.0, 0.0), said=SAID, voices=2, seed=0):
    """Levels of each voice's track: its own bursts, those of the others more quietly, and noise."""
    rng = np.random.default_rng(seed)
    own = np.zeros((voices, 20 * RATE))
    for voice, start, end in said:
        at = slice(round(start * RATE), round(end * RATE))
        own[voice, at] = 0.2 * rng.normal(size=at.stop - at.start)
    others = own.sum(axis=0) - own
    heard = own + 10 ** (bleed_db / 20) * others + 10 ** (noise_db / 20) * rng.normal(size=own.shape)
    gains = np.resize(gains_db, voices)
    return [levels_of(10 ** (gain / 20) * track, RATE) for gain, track in zip(gains, heard, strict=True)]


def turns_of(levels, labels="ab"):
    return find_turns(levels, labels, duration_s=20.0).turns


@settings(max_examples=20)
@given(
    bleed_db=st.sampled_from([-200.0, -40.0, -25.0, -18.0]),
    noise_db=st.sampled_from([-200.0, -70.0, -55.0]),
    gains_db=st.tuples(st.sampled_from([0.0, -10.0, 6.0]), st.sampled_from([0.0, -10.0, 6.0])),
)
def test_each_voice_speaks_where_it_was_put(bleed_db, noise_db, gains_db):
    found = turns_of(tracks(bleed_db=bleed_db, noise_db=noise_db, gains_db=gains_db))
    assert [turn.speaker for turn in found] == ["ab"[voice] for voice, _, _ in SAID]
    for turn, (_, start, end) in zip(found, SAID, strict=True):
        assert (turn.start, turn.end) == (pytest.approx(start, abs=0.25), pytest.approx(end, abs=0.25))


def test_a_track_with_nothing_but_bleed_is_silent():
    assert {turn.speaker for turn in turns_of(tracks(bleed_db=-20.0, voices=3), "abc")} == {"a", "b"}


def test_a_voice_that_speaks_once_is_found():
    said = (*SAID[:2], (2, 8.5, 8.9), *SAID[2:])
    found = turns_of(tracks(bleed_db=-25.0, voices=3, said=said), "abc")
    assert [(t.start, t.end) for t in found if t.speaker == "c"] == [
        (pytest.approx(8.4, abs=0.2), pytest.approx(9.0, abs=0.2))
    ]


def test_a_track_that_ends_early_is_silent_from_there():
    one, two = tracks()
    found = find_turns([one[: len(one) // 2], two], "ab", duration_s=20.0)
    assert max(turn.end for turn in found.turns if turn.speaker == "a") <= 10.2
    assert [turn.speaker for turn in found.exclusive].count("b") == 2


@pytest.mark.parametrize("levels", [[], [np.empty(0)], [np.full(5, -90.0)] * 2, [np.full(500, -90.0)] * 3])
def test_silence_has_no_turns(levels):
    assert find_turns(levels, "abc"[: len(levels)], duration_s=10.0).speech == ()


def test_a_track_that_begins_late_tells_nothing_of_the_time_before():
    one, two = tracks(bleed_db=-25.0)
    two[: 4 * 50] = -90.0  # the first voice speaks, and nothing is recorded of it there
    assert [turn.speaker for turn in turns_of([one, two])] == ["ab"[voice] for voice, _, _ in SAID]
