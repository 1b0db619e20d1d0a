"""cpWER, tcpWER and WDER: meeteval's own numbers, and no favour for any speaker's name."""

import itertools
from dataclasses import replace

import meeteval
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.speakers.speaker_words import NOBODY, has_speakers, score_cpwer, score_tcpwer, score_wder
from pipeline.scores.words.alignment import align_words
from pipeline.scores.words.normalise import normalise
from pipeline.timeline import Span, Word
from tests.pipeline.scores.strategies import case, reference, words

PLAIN = ("code", "red", "memo", "said")  # words that the normaliser leaves alone


def stream(found):
    texts = {}
    for word in found:
        texts.setdefault(word.speaker or NOBODY, []).append(word.text)
    return {speaker: normalise(" ".join(said)) for speaker, said in texts.items()}


def wder(one, found):
    return score_wder(one, found, align_words([w.text for w in one.words], [w.text for w in found]))


def timed_case(found):
    return Case("timed", words=tuple(ReferenceWord(w.text, w.speaker, Span(w.start, w.end)) for w in found))


@settings(max_examples=60)
@given(words(least=1), words("XYZ"))
def test_cpwer_equals_meetevals(truth, found):
    theirs = meeteval.wer.cp_word_error_rate(
        stream(truth), stream(found) or {"X": ""}, reference_sort=False, hypothesis_sort=False
    )
    ours = score_cpwer(case(truth), found).errors
    assert (ours.errors, ours.words) == (theirs.errors, theirs.length)
    assert (ours.substitutions, ours.deletions, ours.insertions) == (
        theirs.substitutions,
        theirs.deletions,
        theirs.insertions,
    )
    assert ours.rate == pytest.approx(theirs.error_rate, abs=1e-9)


@settings(max_examples=40)
@given(words("ABC", least=1), words("ABC"), st.permutations("ABC"))
def test_permuting_speakers_changes_neither_cpwer_nor_wder(truth, found, order):
    renamed = tuple(replace(word, speaker=order["ABC".index(word.speaker)]) for word in found)
    assert score_cpwer(case(truth), renamed).errors.rate == score_cpwer(case(truth), found).errors.rate
    assert wder(case(truth), renamed) == wder(case(truth), found)


@settings(max_examples=40)
@given(words("AB", least=1, most=12), words("XY", least=1, most=12))
def test_cpwer_is_the_best_of_all_pairings(truth, found):
    spoken, heard = stream(truth), stream(found)
    keys = [*heard, *[None] * max(0, len(spoken) - len(heard))]
    sides = [*spoken, *[None] * max(0, len(heard) - len(spoken))]
    least = min(
        sum(
            align_words(spoken.get(a, "").split(), heard.get(b, "").split(), language="xx").errors.errors
            for a, b in zip(sides, chosen, strict=True)
        )
        for chosen in itertools.permutations(keys)
    )
    assert score_cpwer(case(truth), found).errors.errors == least


@settings(max_examples=40)
@given(words(least=1), words("XY", least=1))
def test_tcpwer_equals_meetevals_on_plain_words(truth, found):
    plain = [[replace(w, text=PLAIN[len(w.text) % 4]) for w in side] for side in (truth, found)]
    sides = [
        meeteval.io.SegLST(
            [
                {"session_id": "s", "speaker": w.speaker, "start_time": w.start, "end_time": w.end, "words": w.text}
                for w in side
            ]
        )
        for side in plain
    ]
    theirs = meeteval.wer.wer.time_constrained.tcp_word_error_rate(*sides, collar=5)
    ours = score_tcpwer(timed_case(plain[0]), plain[1]).errors
    assert (ours.errors, ours.words) == (theirs.errors, theirs.length)


@settings(max_examples=30)
@given(words(least=1))
def test_the_same_words_at_the_same_times_have_no_errors(truth):
    assume(stream(truth))
    assert score_tcpwer(timed_case(truth), truth).errors.errors == 0
    assert score_cpwer(case(truth), truth).errors.errors == 0
    assert wder(case(truth), truth).wrong == 0


def test_words_an_hour_away_do_not_match():
    truth = [Word(0, 1, "hello", speaker="a")]
    late = [Word(3600, 3601, "hello", speaker="x")]
    assert score_cpwer(case(truth), late).errors.errors == 0
    assert score_tcpwer(timed_case(truth), late).errors.errors == 2


def test_wder_by_hand():
    truth = [
        Word(i, i + 1, text, speaker=who)
        for i, (text, who) in enumerate([("one", "a"), ("memo", "a"), ("red", "b"), ("code", "b")])
    ]
    found = [
        Word(i, i + 1, text, speaker=who)
        for i, (text, who) in enumerate([("one", "x"), ("memo", "x"), ("read", "x"), ("code", "y")])
    ]
    counts = wder(case(truth), found)
    assert (counts.aligned, counts.wrong, counts.rate) == (4, 1, 0.25)


def test_a_word_without_a_speaker_is_wrong():
    truth = [Word(0, 1, "hello", speaker="a"), Word(1, 2, "there", speaker="a")]
    assert wder(case(truth), [truth[0], Word(1, 2, "there")]).wrong == 1


def test_a_reference_without_speakers_or_times_has_no_figure():
    silent = Case("plain", words=(ReferenceWord("hello"),))
    found = [Word(0, 1, "hello", speaker="x")]
    assert not has_speakers(silent)
    assert score_cpwer(silent, found) is None
    assert wder(silent, found) is None
    assert score_tcpwer(case([Word(0, 1, "hello", speaker="a")]), found) is None


def test_nothing_found_is_all_deleted():
    truth = [Word(0, 1, "hello", speaker="a"), Word(1, 2, "you", speaker="b")]
    assert score_cpwer(case(truth), ()).errors.deletions == 2


def test_too_many_voices_give_no_figure_instead_of_an_error():
    found = [Word(i, i + 1, "hello", speaker=f"S{i}") for i in range(25)]
    assert score_cpwer(case(found[:2]), found) is None
    assert reference(found)[0].speaker == "S0"
