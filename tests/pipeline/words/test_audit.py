"""Planted faults: a muted passage, loops, stock lines over music, impossible speed; and no change where none is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scripted import ScriptedTranscriber
from pipeline.timeline import Span, Transcript, Word, merge_spans
from pipeline.words.audit import LOST_S, audit_words, cover_speech, find_gaps
from pipeline.words.suspects import find_suspects

SPEECH = (Span(0.0, 10.0), Span(12.0, 30.0))


def transcript(*words: Word) -> Transcript:
    return Transcript(words, "en", "base")


def talk(start: int, end: int) -> list[Word]:
    return [Word(float(t), t + 0.8, f"w{t}") for t in range(start, end)]


def say(text: str, start: float, *, each: float = 0.3, probability: float = 0.9) -> list[Word]:
    return [Word(start + i * each, start + (i + 0.9) * each, w, probability) for i, w in enumerate(text.split())]


def never(spans):
    raise AssertionError("heard again")


def deaf(spans):
    return transcript()


def test_a_muted_passage_is_heard_again() -> None:
    heard = transcript(*talk(0, 10), *talk(25, 30))
    asked = []

    def again(spans):
        asked.extend(spans)
        return transcript(*talk(13, 24))

    mended, warnings = audit_words(heard, SPEECH, transcribe=again)
    assert [(s.start, s.end) for s in asked] == [(12.0, 24.5)]
    assert len(mended.words) == 26
    assert [(w.start, w.end, w.kind) for w in warnings] == [(12.0, 24.5, "heard again")]


def test_every_gap_is_heard_in_a_window_of_its_own() -> None:
    speech = (Span(0.0, 30.0),)
    heard = transcript(*talk(0, 5), *talk(10, 15), *talk(20, 30))
    asked = []

    def again(spans):
        asked.append(spans)
        return transcript()

    audit_words(heard, speech, transcribe=again)
    assert [len(spans) for spans in asked] == [1, 1]


def test_what_stays_without_words_is_said() -> None:
    heard = transcript(*talk(0, 10), *talk(25, 30))
    mended, warnings = audit_words(heard, SPEECH, transcribe=deaf)
    assert mended == heard
    assert [(w.start, w.end, w.kind) for w in warnings] == [(12.0, 24.5, "speech without words")]


def test_a_word_stretched_over_a_lost_passage_does_not_hide_it() -> None:
    heard = transcript(*talk(0, 10), Word(12.0, 29.0, "and"), Word(29.0, 29.8, "so"))
    _, warnings = audit_words(heard, SPEECH, transcribe=deaf)
    assert [w.kind for w in warnings] == ["speech without words"]


def test_a_whole_transcript_is_not_heard_twice() -> None:
    heard = transcript(*talk(0, 10), *talk(12, 30))
    assert audit_words(heard, SPEECH, transcribe=never) == (heard, ())


def test_a_loop_is_replaced_by_what_is_heard_on_its_own() -> None:
    loop = say("I think that " * 12, 12.2)
    heard = transcript(*talk(0, 10), *loop, *talk(24, 30))
    truth = say("what he said then was that nobody had ever asked him before about any of this at all", 12.3, each=0.6)
    asked = []

    def again(spans):
        asked.append(spans)
        return transcript(*truth)

    mended, warnings = audit_words(heard, SPEECH, transcribe=again)
    assert "I think that I think" not in mended.text and "nobody had ever asked" in mended.text
    assert [w.kind for w in warnings] == ["heard again"]
    assert "a loop" in warnings[0].text and asked


def test_a_loop_that_stays_a_loop_is_taken_out_and_said() -> None:
    loop = say("no " * 40, 12.2)
    heard = transcript(*talk(0, 10), *loop, *talk(25, 30))
    mended, warnings = audit_words(heard, SPEECH, transcribe=lambda spans: transcript(*loop))
    assert "no" not in mended.text.split()
    assert {w.kind for w in warnings} == {"heard again", "speech without words"}


def test_a_stock_line_over_music_is_taken_out() -> None:
    music = say("Thank you for watching.", 35.0, probability=0.4)
    heard = transcript(*talk(0, 10), *talk(12, 30), *music)
    mended, warnings = audit_words(heard, SPEECH, transcribe=deaf)
    assert "watching" not in mended.text
    assert [(w.kind, w.start) for w in warnings] == [("heard again", 35.0)]


def test_a_stock_line_that_is_really_said_stays() -> None:
    heard = transcript(*talk(0, 10), *say("Thank you for watching.", 12.2), *talk(14, 30))
    assert audit_words(heard, SPEECH, transcribe=never)[0] == heard


def test_words_where_nobody_speaks_are_said_or_taken_out() -> None:
    heard = transcript(*talk(0, 10), *talk(12, 30))
    sure = transcript(*heard.words, *say("over the music he went on", 33.0))
    kept, warnings = audit_words(sure, SPEECH, transcribe=deaf)
    assert kept == sure and [w.kind for w in warnings] == ["words without speech"]
    unsure = transcript(*heard.words, *say("over the music he went on", 33.0, probability=0.3))
    assert audit_words(unsure, SPEECH, transcribe=deaf)[0] == heard


def test_impossible_speed_is_heard_again() -> None:
    rushed = say("a b c d e f g h i j k l", 12.1, each=0.03)
    heard = transcript(*talk(0, 10), *rushed, *talk(13, 30))
    slow = [*say("a b", 12.1), *talk(13, 17)]
    mended, _ = audit_words(heard, SPEECH, transcribe=lambda spans: transcript(*slow))
    assert mended.text.count(" b ") == 1 and " l " not in mended.text
    assert audit_words(heard, SPEECH, transcribe=deaf)[0].words != ()


def test_words_without_any_time_are_too_fast_and_no_fault() -> None:
    squeezed = [Word(5.0, 5.0, f"w{i}") for i in range(12)]
    assert [s.reason for s in find_suspects(squeezed, SPEECH)] == ["impossible speed"]
    audit_words(transcript(*squeezed), SPEECH, transcribe=deaf)


@pytest.mark.parametrize(
    "text",
    [
        "no no no",
        "very very very good",
        "the dog and the cat and the dog and the cat",
        "ha ha ha ha",
        "one two three four",
    ],
)
def test_what_people_repeat_is_no_loop(text: str) -> None:
    assert find_suspects(say(text, 1.0), SPEECH) == ()


def test_the_audit_works_with_a_transcriber() -> None:
    import numpy as np

    from pipeline.timeline import Waveform

    scripted = ScriptedTranscriber(talk(0, 30))
    wave = Waveform(np.zeros(16000 * 31, dtype=np.float32), 16000)
    heard = transcript(*talk(0, 10), *talk(25, 30))
    mended, _ = audit_words(heard, SPEECH, transcribe=lambda spans: scripted.transcribe(wave, spans))
    before, after = cover_speech(heard.words, SPEECH), cover_speech(mended.words, SPEECH)
    assert after.share == 1.0 > (before.share or 0.0) and not after.unheard
    assert [(round(gap.start), round(gap.end)) for gap in before.unheard] == [(12, 24)]


def test_coverage_tells_words_over_music_from_speech_without_words() -> None:
    cover = cover_speech([*talk(0, 10), *talk(40, 45)], [Span(0.0, 10.0), Span(20.0, 30.0)])
    assert cover.unheard == (Span(20.0, 30.0),)
    assert len(cover.unvoiced) == 1 and cover.unvoiced[0].start == 40.0
    assert (cover.speech_s, round(cover.share or 0.0, 2)) == (20.0, 0.5)
    assert cover_speech([], []).share is None


WORDS = st.lists(
    st.tuples(st.floats(0, 60), st.floats(0.02, 2), st.sampled_from(["yes", "no", "you", "thank", "bye."])), max_size=40
).map(lambda rows: [Word(a, a + b, t, 0.5) for a, b, t in sorted(rows)])
SPANS = st.lists(st.tuples(st.floats(0, 60), st.floats(0, 9)), max_size=8).map(
    lambda rows: merge_spans(Span(a, a + b) for a, b in rows)
)


@given(WORDS, SPANS)
def test_the_audit_invents_nothing_and_loses_nothing_silently(words: list[Word], speech: tuple[Span, ...]) -> None:
    apart = []
    for word in words:
        start = max(word.start, apart[-1].end) if apart else word.start
        apart.append(Word(start, max(start, word.end), word.text, word.probability))
    heard = transcript(*apart)
    mended, warnings = audit_words(heard, speech, transcribe=deaf)
    assert set(mended.words) <= set(heard.words)
    assert all(a.end <= b.start for a, b in pairwise(mended.words))
    told = merge_spans(w for w in warnings)
    for gap in find_gaps(mended.words, speech, least_s=LOST_S):
        assert any(t.start <= gap.start and gap.end <= t.end for t in told)
    gone = [w for w in heard.words if w not in mended.words]
    assert all(any(t.start <= w.start and w.end <= t.end for t in told) for w in gone)
    share = cover_speech(mended.words, speech).share
    assert share is None or -1e-9 <= share <= 1.0


@given(WORDS, SPANS)
def test_suspects_are_in_order_and_apart(words: list[Word], speech: tuple[Span, ...]) -> None:
    found = find_suspects(words, speech)
    assert all(a.last <= b.first for a, b in pairwise(found))
    assert all(0 <= s.first < s.last <= len(words) for s in found)


def test_a_chant_that_is_heard_the_same_twice_stays() -> None:
    chant = say("row row row your boat " * 4, 13.0)
    heard = transcript(*talk(0, 10), *chant)
    kept, warnings = audit_words(heard, SPEECH, transcribe=lambda spans: transcript(*chant))
    assert kept.words == heard.words and not [w for w in warnings if "loop" in w.text]


@pytest.mark.parametrize(("each", "probability"), [(0.05, 0.9), (0.3, 0.4)])
def test_a_loop_that_comes_again_too_fast_or_unsure_is_taken_out(each: float, probability: float) -> None:
    loop = say("row row row your boat " * 4, 13.0, each=each, probability=probability)
    kept, _ = audit_words(transcript(*talk(0, 10), *loop), SPEECH, transcribe=lambda spans: transcript(*loop))
    assert len(kept.words) == 10
