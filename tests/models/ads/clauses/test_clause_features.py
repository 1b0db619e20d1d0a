import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.ads.clauses.clause_features import find_bursts, unit_features
from models.ads.clauses.clauses import spoken_units
from models.ads.clauses.copies import find_repeats
from models.ads.clauses.lexicon import LEXICON_SIZE, Lexicon
from pipeline.timeline import Word

BLANK = Lexicon(np.ones(LEXICON_SIZE), np.zeros(LEXICON_SIZE), np.zeros(LEXICON_SIZE), 0.0, 0.0)
COPY = "you should really try the new golden pear cider tonight."
TALK = "we drove north until the road simply ended at the water."


def spoken(text: str, start: float = 0.0) -> list[Word]:
    return [Word(start + i * 0.4, start + i * 0.4 + 0.3, t) for i, t in enumerate(text.split())]


@given(st.lists(st.sampled_from(["buy", "now.", "code", "acme.com", "river", "$5", "the"]), min_size=1, max_size=80))
def test_every_unit_has_a_row_and_only_missing_neighbours_are_unknown(texts: list[str]) -> None:
    units, words = spoken_units(spoken(" ".join(texts)))
    rows = unit_features(units, words, BLANK)
    assert rows.shape[0] == len(units)
    assert np.isfinite(np.delete(rows, [*range(9), 15], axis=1)).all() and not np.isinf(rows).any()


def test_copy_that_is_heard_twice_is_known_and_talk_is_not() -> None:
    words = spoken(COPY) + spoken(TALK, 100) + spoken(COPY, 200)
    assert find_repeats(spoken_units(words)[0]).tolist() == [1, 0, 1]


def test_a_word_said_over_and_over_is_not_copy() -> None:
    words = spoken("no no no no no no no no no no.") + spoken("no no no no no no no no no no.", 200)
    assert not find_repeats(spoken_units(words)[0]).any()


def test_a_name_that_is_dense_in_one_place_bursts() -> None:
    brand = spoken("zesto zesto is here. get zesto now today. zesto is good.")
    units, _ = spoken_units(brand + spoken(TALK, 300) + spoken(TALK, 400) + spoken(TALK, 500))
    bursts = find_bursts(units)
    assert bursts[0] > 0 and not bursts[-3:].any()
