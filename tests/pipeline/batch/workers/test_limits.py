"""Whether a worker hangs is judged by its computing and its progress, never by the clock alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.workers.limits import SLOW, STOP, WAITS, Activity, Judgement, StageWatch

SOUND_S = 3600.0
WATCH = StageWatch()
BEGUN = Activity("transcribe", 5.0, 0.0, 5.0, 0.0, 5.0)


def looks(
    *, cpu_a_look: float, share_a_look: float = 0.0, every_s: float = 60.0, until_s: float = 3600.0, stage: str
) -> list[Judgement]:
    """The judgement after every look at a stage that computes and moves at an even pace."""
    activity, judgements = replace(BEGUN, stage=stage), []
    for number in range(1, int(until_s / every_s) + 1):
        activity = WATCH.seen(
            activity,
            now_s=number * every_s,
            cpu_s=5.0 + number * cpu_a_look,
            stage=stage,
            share=min(1.0, number * share_a_look),
        )
        judgements.append(WATCH.judge(activity, now_s=number * every_s, sound_s=SOUND_S, model="base"))
    return judgements


def test_a_stage_that_computes_slowly_on_a_busy_machine_is_healthy():
    """A hundredth of a core, for a day: the clock alone stops nobody."""
    assert set(looks(cpu_a_look=0.6, until_s=86_400.0, stage="transcribe")) == {""}


def test_progress_without_much_computing_is_a_sign_of_life():
    assert set(looks(cpu_a_look=0.0, share_a_look=0.001, until_s=36_000.0, stage="clean")) == {""}


def test_a_stage_that_sleeps_is_called_quiet_then_stalled():
    found = looks(cpu_a_look=0.0, stage="transcribe")
    assert list(dict.fromkeys(found)) == ["", "quiet", "stalled"]
    assert found.index("stalled") * 60.0 >= WATCH.stall_s - 60.0


def test_a_stage_that_spins_is_called_slow_then_runaway():
    expected = WATCH.expected_cpu_s("transcribe", SOUND_S, model="base")
    found = looks(cpu_a_look=expected / 2, until_s=60.0 * 50, stage="transcribe")
    assert list(dict.fromkeys(found)) == ["", "slow", "runaway"]
    assert found.index("slow") == 2 * SLOW and found.index("runaway") == 2 * STOP


@pytest.mark.parametrize("stage", sorted(WAITS))
def test_a_stage_that_waits_for_a_language_model_never_stalls(stage):
    assert set(looks(cpu_a_look=0.0, until_s=86_400.0, stage=stage)) == {""}


def test_a_new_stage_begins_anew():
    found = WATCH.seen(BEGUN, now_s=900.0, cpu_s=700.0, stage="ads", share=0.0)
    assert found == Activity("ads", 700.0, 900.0, 700.0, 0.0, 700.0)
    assert WATCH.judge(found, now_s=900.0, sound_s=SOUND_S, model="base") == ""


def test_little_computing_adds_up_to_a_sign_of_life():
    less = WATCH.life_cpu_s * 0.4
    activity = BEGUN
    for number, alive_s in ((1, 0.0), (2, 0.0), (3, 30.0)):
        activity = WATCH.seen(activity, now_s=number * 10.0, cpu_s=5.0 + number * less, stage="transcribe", share=0.0)
        assert activity.alive_s == alive_s


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 50), st.floats(0, 1)), max_size=30))
def test_what_is_known_only_moves_forward(steps):
    activity, now_s, cpu_s = BEGUN, 0.0, BEGUN.cpu_s
    for wait_s, more_cpu_s, share in steps:
        now_s, cpu_s = now_s + wait_s, cpu_s + more_cpu_s
        after = WATCH.seen(activity, now_s=now_s, cpu_s=cpu_s, stage="transcribe", share=share)
        assert activity.alive_s <= after.alive_s <= now_s and after.cpu_s == cpu_s
        assert after.began_cpu_s == BEGUN.began_cpu_s and after.alive_cpu_s >= activity.alive_cpu_s
        activity = after


@pytest.mark.parametrize("model", ["tiny", "small", "large-v3", "my own.pt"])
def test_a_bigger_model_and_more_sound_may_compute_more(model):
    assert WATCH.expected_cpu_s("transcribe", 60.0, model=model) < WATCH.expected_cpu_s(
        "transcribe", 600.0, model=model
    )
    tiny = WATCH.expected_cpu_s("transcribe", SOUND_S, model="tiny")
    assert WATCH.expected_cpu_s("transcribe", SOUND_S, model=model) >= tiny
    assert WATCH.expected_cpu_s("ads", SOUND_S, model=model) == WATCH.expected_cpu_s("ads", SOUND_S, model="tiny")
