"""DER and JER: pyannote.metrics' own numbers, whatever the turns."""

import subprocess
import sys
import warnings

import pytest
from hypothesis import given, settings
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate

from pipeline.scores.speakers.turns import TurnErrors, confuse_turns, count_voices, score_turns
from pipeline.timeline import Span, Turn
from tests.pipeline.scores.strategies import turns


def annotation(spoken):
    built = Annotation()
    for track, turn in enumerate(spoken):
        built[Segment(turn.start, turn.end), track] = turn.speaker
    return built


@settings(max_examples=30)
@given(turns(), turns("XYZW"))
def test_equal_to_pyannote_metrics(truth, guess):
    ours = score_turns(truth, guess)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it takes the extent of both sides for the recording
        der = DiarizationErrorRate()(annotation(truth), annotation(guess), detailed=True)
        jer = JaccardErrorRate()(annotation(truth), annotation(guess))
    for mine, theirs in zip(
        (ours.speech_s, ours.missed_s, ours.false_alarm_s, ours.confusion_s),
        ("total", "missed detection", "false alarm", "confusion"),
        strict=True,
    ):
        assert mine == pytest.approx(der[theirs], abs=1e-9)
    if truth:
        assert ours.rate == pytest.approx(der["diarization error rate"], abs=1e-9)
        assert ours.jaccard == pytest.approx(jer, abs=1e-9)
    else:
        assert ours.rate is None
        assert ours.jaccard is None


def without_self_overlap(spoken):
    """pyannote.metrics treats a voice that overlaps itself by the order of the labels; RTTM of one voice never does."""
    kept, until = [], {}
    for turn in spoken:
        if turn.start >= until.get(turn.speaker, 0.0):
            kept.append(turn)
            until[turn.speaker] = turn.end
    return kept


@settings(max_examples=20)
@given(turns(), turns())
def test_names_do_not_matter(truth, guess):
    truth, guess = without_self_overlap(truth), without_self_overlap(guess)
    renamed = [Turn(turn.start, turn.end, {"A": "C", "B": "A", "C": "B"}[turn.speaker]) for turn in guess]
    assert score_turns(truth, renamed).rate == pytest.approx(score_turns(truth, guess).rate)


@settings(max_examples=15)
@given(turns().filter(len))
def test_the_truth_makes_no_errors(truth):
    assert score_turns(truth, truth).rate == pytest.approx(0.0, abs=1e-9)


def test_an_example_by_hand():
    truth = [Turn(0, 10, "ann"), Turn(10, 20, "bob")]
    guess = [Turn(0, 12, "S1"), Turn(12, 18, "S2"), Turn(20, 21, "S2")]
    errors = score_turns(truth, guess)
    assert (errors.speech_s, errors.missed_s, errors.false_alarm_s, errors.confusion_s) == pytest.approx((20, 2, 1, 2))
    assert errors.rate == pytest.approx(5 / 20)
    assert errors.figure()["confusion"] == pytest.approx(0.1)
    matrix = confuse_turns(truth, guess)
    assert matrix.reference == ("ann", "bob")
    assert matrix.found == ("S1", "S2")
    assert matrix.seconds == ((pytest.approx(10), 0), (pytest.approx(2), pytest.approx(6)))
    assert matrix.mapping == (("ann", "S1"), ("bob", "S2"))


@settings(max_examples=15)
@given(turns(), turns("XYZ"))
def test_minutes_add_up_to_the_whole(truth, guess):
    errors = score_turns(truth, guess)
    whole = errors.missed_s + errors.false_alarm_s + errors.confusion_s
    assert sum(wrong for wrong, _ in errors.minutes) == pytest.approx(whole, abs=1e-6)
    assert sum(speech for _, speech in errors.minutes) == pytest.approx(errors.speech_s, abs=1e-6)


def test_only_scored_regions_count():
    truth, guess = [Turn(0, 10, "ann")], [Turn(0, 5, "S1")]
    assert score_turns(truth, guess, scored=[Span(0, 5)]).rate == 0.0
    theirs = DiarizationErrorRate()(annotation(truth), annotation(guess), uem=Timeline([Segment(2, 8)]))
    assert score_turns(truth, guess, scored=[Span(2, 8)]).rate == pytest.approx(theirs)


def test_counts_add_over_recordings():
    one = score_turns([Turn(0, 10, "a")], [Turn(0, 8, "x")])
    other = score_turns([Turn(0, 30, "a")], [])
    assert (one + other).rate == pytest.approx((2 + 30) / 40)
    assert (one + other).jaccard == pytest.approx((0.2 + 1.0) / 2)
    assert TurnErrors() + one == one


def test_nothing_spoken_and_nothing_found():
    assert score_turns([], []).rate is None
    assert count_voices([]) == 0


def test_scores_come_without_torch():
    code = (
        "import sys; from pipeline.timeline import Turn; from pipeline.scores.speakers.turns import score_turns as s;"
        "print(s([Turn(0, 2, 'a')], [Turn(0, 1, 'b')]).rate, 'torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "0.5 False\n"
