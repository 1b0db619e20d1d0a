import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ads.clauses.clauses import LONGEST_UNIT_WORDS, join_spoken, split_units, tokens_of
from pipeline.timeline import Word


def spoken(text: str, pause: float = 0.0) -> list[Word]:
    return [Word(i * (0.3 + pause), i * (0.3 + pause) + 0.3, t) for i, t in enumerate(text.split())]


words = st.lists(st.tuples(st.text(min_size=1, max_size=8), st.floats(0, 3), st.floats(0, 1)), max_size=60)


@given(words)
def test_every_word_is_in_exactly_one_unit(drawn: list[tuple[str, float, float]]) -> None:
    said, time = [], 0.0
    for text, gap, length in drawn:
        said.append(Word(time + gap, time + gap + length, text))
        time += gap + length
    units = split_units(said)
    assert [i for unit in units for i in range(unit.first, unit.last)] == list(range(len(said)))
    assert all(unit.last - unit.first <= LONGEST_UNIT_WORDS for unit in units)


def test_numbers_and_addresses_are_read_by_kind() -> None:
    said = spoken("Save 20 % or $50 at acme .com or acme dot com today, ages 1-800-555-0100.")
    assert tuple(token for unit in split_units(said) for token in unit.tokens) == (
        *("save", "<percent>", "or", "<money>", "at", "acme", "<dotcom>"),
        *("or", "acme", "<dotcom>", "today", "ages", "<long-number>"),
    )


def test_case_and_punctuation_do_not_change_what_is_read() -> None:
    assert tokens_of("Visit,") == tokens_of("visit") == ("visit",)
    assert tokens_of("-powered") == ("powered",)
    assert tokens_of("—") == ()


def test_text_without_stops_is_cut_at_pauses() -> None:
    said = spoken("one two three four")
    later = [Word(w.start + 5, w.end + 5, w.text) for w in said]
    assert [unit.first for unit in split_units([*said, *later])] == [0, 4]


def test_an_abbreviation_does_not_end_a_unit() -> None:
    assert len(split_units(spoken("I asked her why Dr. Smith had left"))) == 1
    assert split_units([]) == ()


def test_the_tail_of_a_long_sentence_does_not_join_the_next() -> None:
    long = " ".join(["on"] * (LONGEST_UNIT_WORDS + 1)) + " home."
    assert [unit.tokens[0] for unit in split_units(spoken(f"{long} This show is sponsored."))] == ["on", "on", "this"]


@pytest.mark.parametrize(
    ("spoken_as", "written_as"),
    [
        ("twenty five percent off", "25% off"),
        ("five thousand dollars", "$5 ,000"),
        ("two hundred million people", "200 million people"),
        ("ten dollars a month", "$10 a month"),
    ],
)
def test_a_number_in_words_is_read_as_its_digits(spoken_as: str, written_as: str) -> None:
    def read(text: str) -> list[str]:
        return join_spoken([token for word in text.split() for token in tokens_of(word)])

    assert read(spoken_as) == read(written_as)


def test_a_small_number_alone_stays_a_word() -> None:
    assert join_spoken(["one", "of", "the", "two"]) == ["one", "of", "the", "two"]
