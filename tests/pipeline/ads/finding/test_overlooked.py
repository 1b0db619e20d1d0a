import numpy as np

from pipeline.ads.finding.overlooked import overlooked_ads
from pipeline.ads.finding.segments import KINDS, WordScores
from pipeline.result import AdKind
from pipeline.timeline import Span, Word

WORDS = [Word(n, n + 0.9, "word." if n % 10 == 9 else "word") for n in range(60)]
CALL = range(20, 40)


def likely(kind: AdKind, places: range, *, by: float = 6.0) -> np.ndarray:
    logits = np.zeros((len(WORDS), len(KINDS)))
    logits[:, 0] = 6.0
    logits[places, 0], logits[places, KINDS.index(kind)] = 0.0, by
    kinds: np.ndarray = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    return kinds


def scores(first: np.ndarray, second: np.ndarray) -> WordScores:
    none = np.full(len(WORDS), -6.0)
    return WordScores(first, none, none, second)


def test_a_call_is_an_ad_where_the_second_reading_takes_it_for_one() -> None:
    (found,) = overlooked_ads(WORDS, scores(likely("self", CALL), likely("promo", CALL)), without=())
    assert (found.first, found.last, found.kind) == (20, 40, "promo")
    assert overlooked_ads(WORDS, scores(likely("self", CALL), likely("self", CALL)), without=()) == ()


def test_the_second_reading_alone_finds_nothing() -> None:
    show = np.log(np.full((len(WORDS), len(KINDS)), 1e-3))
    show[:, 0] = np.log(1 - 5e-3)
    assert overlooked_ads(WORDS, scores(show, likely("promo", CALL)), without=()) == ()


def test_part_of_a_call_is_found_and_what_is_found_already_is_left() -> None:
    both = likely("self", range(10, 50))
    (found,) = overlooked_ads(WORDS, scores(both, likely("sponsor", CALL)), without=())
    assert (found.first, found.last) == (20, 40)
    assert overlooked_ads(WORDS, scores(both, likely("sponsor", CALL)), without=[Span(20, 40)]) == ()
