"""No passage is lost in silence."""

from pipeline.stages.audit_words import audit_words
from pipeline.timeline import Span, Transcript, Word

SPEECH = (Span(0.0, 10.0), Span(12.0, 30.0))


def transcript(*words: Word) -> Transcript:
    return Transcript(words, "en", "base")


def talk(start: int, end: int) -> list[Word]:
    return [Word(float(t), t + 0.8, f"w{t}") for t in range(start, end)]


def test_a_muted_passage_is_heard_again():
    heard = transcript(*talk(0, 10), *talk(25, 30))
    asked = []

    def hear(spans):
        asked.extend(spans)
        return transcript(*talk(13, 24))

    mended, warnings = audit_words(heard, SPEECH, hear=hear)
    assert [(s.start, s.end) for s in asked] == [(12.0, 24.5)]
    assert len(mended.words) == 26 and warnings == ()


def test_what_stays_without_words_is_said():
    heard = transcript(*talk(0, 10), *talk(25, 30))
    mended, warnings = audit_words(heard, SPEECH, hear=lambda spans: transcript())
    assert mended == heard
    assert [(w.start, w.end, w.kind) for w in warnings] == [(12.0, 24.5, "speech without words")]


def test_a_whole_transcript_is_not_heard_twice():
    heard = transcript(*talk(0, 10), *talk(12, 30))

    def hear(spans):
        raise AssertionError("heard again")

    assert audit_words(heard, SPEECH, hear=hear) == (heard, ())
