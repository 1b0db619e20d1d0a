import numpy as np

from pipeline.ads.finding.calls import find_calls, likely_calls
from pipeline.ads.finding.segments import KINDS, WordScores
from pipeline.timeline import Span, Word

WORDS = [Word(n, n + 0.9, "word") for n in range(60)]


def scores(**kinds: range) -> WordScores:
    logits = np.full((len(WORDS), len(KINDS)), -6.0)
    logits[:, 0] = 0.0
    for kind, places in kinds.items():
        logits[places, 0], logits[places, KINDS.index(kind)] = -6.0, 0.0  # type: ignore[arg-type]
    logits -= np.logaddexp.reduce(logits, axis=1)[:, None]
    return WordScores(logits, np.full(len(WORDS), -6.0), np.full(len(WORDS), -6.0), logits)


def test_what_the_show_says_for_itself_is_told_apart() -> None:
    found = find_calls(WORDS, scores(self=range(10, 22), credits=range(40, 55), sponsor=range(25, 35)))
    assert [(call.first, call.last, call.kind) for call in found] == [(10, 22, "self"), (40, 55, "credits")]
    assert all(call.score > 0.9 for call in found)


def test_calls_are_whole_sentences() -> None:
    words = [Word(n, n + 0.9, "word." if n in (9, 24, 39) else "word") for n in range(60)]
    found = find_calls(words, scores(self=range(12, 23), credits=range(36, 42)))
    assert [(call.first, call.last, call.kind) for call in found] == [(10, 25, "self")]


def test_nothing_inside_an_ad_and_nothing_short() -> None:
    assert not find_calls(WORDS, scores(self=range(10, 22)), without=[Span(0, 60)])
    assert not find_calls(WORDS, scores(credits=range(10, 13)))


def test_what_may_be_a_call_lies_outside_of_what_was_found() -> None:
    heard = scores(promo=range(10, 22), sponsor=range(40, 55))
    promo, sponsor = likely_calls(WORDS, heard)
    assert abs(promo.start - 10) < 3 and abs(promo.end - 22) < 3
    assert likely_calls(WORDS, heard, without=[Span(5, 25)]) == (sponsor,)
    assert not likely_calls(WORDS, scores())
