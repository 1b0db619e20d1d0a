from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ads.finding.segments import (
    KINDS,
    SegmentSettings,
    WordScores,
    best_path,
    find_segments,
    is_spoken,
    runs_of,
)
from pipeline.timeline import Word

COUNT = 120
values = st.lists(st.floats(-5, 5), min_size=1, max_size=7)


def spoken(stops: tuple[int, ...] = ()) -> list[Word]:
    return [Word(n * 0.4, n * 0.4 + 0.3, "word." if n + 1 in stops else "word") for n in range(COUNT)]


def scores(ads: tuple[range, ...], kind: str = "sponsor", sure: float = 5.0) -> WordScores:
    logits = np.zeros((COUNT, len(KINDS)))
    logits[:, 0] = sure
    starts, ends = np.full(COUNT, -6.0), np.full(COUNT, -6.0)
    for places in ads:
        logits[places, 0], logits[places, KINDS.index(kind)] = 0.0, sure  # type: ignore[arg-type]
        starts[places[0]], ends[places[-1]] = 3.0, 3.0
    kinds = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    return WordScores(kinds, starts, ends, kinds)


def edges(words: list[Word], given_scores: WordScores) -> list[tuple[int, int]]:
    return [(s.first, s.last) for s in find_segments(words, given_scores, SegmentSettings())]


def test_segments_are_where_the_scores_say() -> None:
    assert edges(spoken(), scores((range(20, 50), range(80, 100)))) == [(20, 50), (80, 100)]
    assert edges(spoken(), scores(())) == []
    nothing = WordScores(np.zeros((0, 6)), np.zeros(0), np.zeros(0), np.zeros((0, 6)))
    assert find_segments([], nothing, SegmentSettings()) == ()


def test_an_edge_never_splits_a_sentence() -> None:
    assert edges(spoken(stops=(22, 47)), scores((range(20, 50),))) == [(22, 47)]


def test_kind_and_times() -> None:
    words = spoken()
    (found,) = find_segments(words, scores((range(20, 50),), "promo"), SegmentSettings())
    assert found.kind == "promo" and found.score > 0.9
    assert (found.start, found.end) == (words[20].start, words[49].end)


def test_a_doubtful_word_within_does_not_part_an_ad() -> None:
    given_scores = scores((range(20, 50),))
    given_scores.kinds[35] = scores(()).kinds[0]
    assert edges(spoken(), given_scores) == [(20, 50)]


def test_the_shows_own_words_are_no_paid_ad() -> None:
    assert edges(spoken(), scores((range(20, 50),), "self")) == []


def test_fillers_are_not_spoken() -> None:
    assert [is_spoken(Word(0, 1, text)) for text in ("...", "-", "a", "5%", "é")] == [False, False, True, True, True]


@given(values, st.data())
def test_the_best_path_is_the_best_of_all(gain: list[float], data: st.DataObject) -> None:
    sides = st.lists(st.floats(-5, 5), min_size=len(gain), max_size=len(gain))
    enter, leave = data.draw(sides), data.draw(sides)

    def worth(path: tuple[bool, ...]) -> float:
        total, before = 0.0, False
        for n, ad in enumerate(path):
            total += gain[n] * ad + enter[n] * (ad and not before) + leave[n] * (before and not ad)
            before = ad
        return total

    found = best_path(np.array(gain), enter=np.array(enter), leave=np.array(leave))
    best = max(worth(path) for path in product((False, True), repeat=len(gain)))
    assert abs(worth(tuple(found.tolist())) - best) < 1e-9


@given(st.lists(st.booleans()))
def test_runs_tile_the_true_places(path: list[bool]) -> None:
    runs = runs_of(np.array(path, bool))
    assert [n for first, last in runs for n in range(first, last)] == [n for n, ad in enumerate(path) if ad]
