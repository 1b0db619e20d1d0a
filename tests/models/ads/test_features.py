import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ads.features import CONTENT, PAUSES, PLACE, REPEAT_APART, SIDE, comparable, read_features
from pipeline.timeline import Word

COPY = "you should really try the new golden pear cider tonight"


class OnePiece:
    """A tokenizer with one piece for a word and one for each mark."""

    def encode(self, text: str, *, add_special_tokens: bool) -> "OnePiece":
        word = text.strip(".,?!")
        self.tokens = [word, *text[len(word) :]] if word else list(text)
        self.ids = [1000 + len(token) for token in self.tokens]
        return self


def spoken(text: str, start: float = 0.0) -> list[Word]:
    return [Word(start + n * 0.4, start + n * 0.4 + 0.3, t) for n, t in enumerate(text.split())]


def read(words: list[Word], *, timed: bool | None = None) -> np.ndarray:
    return read_features(words, OnePiece(), timed=timed).side  # type: ignore[arg-type]


@given(
    st.lists(st.sampled_from(["buy", "now.", "code", "acme.com", "river", "$5", "...", "the"]), min_size=1, max_size=60)
)
def test_every_word_has_its_row_and_its_pieces(texts: list[str]) -> None:
    features = read_features(spoken(" ".join(texts)), OnePiece())  # type: ignore[arg-type]
    assert features.side.shape == (len(texts), SIDE) and np.isfinite(features.side).all()
    assert len(features.first) == len(texts) + 1 and features.first[-1] == len(features.pieces)


def test_punctuation_is_no_piece() -> None:
    plain, marked = spoken("so we went home"), spoken("So, we went... home!")
    pieces = [read_features(words, OnePiece()).pieces.tolist() for words in (plain, marked)]  # type: ignore[arg-type]
    assert len(pieces[0]) == len(pieces[1]) == 4


def test_copy_that_is_said_again_later_is_repeated() -> None:
    between = " ".join(f"word{n}" for n in range(2 * REPEAT_APART))
    repeated = read(spoken(f"{COPY} {between} {COPY}"))[:, CONTENT - 1]
    assert repeated[:10].all() and repeated[-10:].all() and not repeated[12:-12].any()


def test_a_name_said_often_in_one_place_only_bursts() -> None:
    filler = " ".join(f"word{n}" for n in range(600))
    side = read(spoken(f"{filler} Zestora is good. Zestora is quick. Try Zestora. {filler}"))
    names = [600, 603, 607]
    assert (side[names, 0] == 1.0).all()
    assert not (side[:500, 0] == 1.0).any()


def test_pauses_are_known_only_where_there_are_any() -> None:
    even = spoken("one two three four")
    held = [*even[:2], Word(9.0, 9.3, "three"), Word(9.4, 9.7, "four")]
    assert not read(even)[:, -PAUSES:].any()
    assert read(held)[2, -PAUSES] == 4.0 and (read(held)[:, -1] == 1.0).all()
    assert not read(held, timed=False)[:, -PAUSES:].any()


def test_place_counts_from_both_ends() -> None:
    place = read(spoken("word " * 100))[:, CONTENT : CONTENT + PLACE]
    assert place[0, 0] == 1.0 and place[-1, PLACE // 2] == 1.0
    np.testing.assert_allclose(place[:, : PLACE // 2], place[::-1, PLACE // 2 :])


@pytest.mark.parametrize(("written", "read_as"), [("Acme.", "acme"), ("acme.com", "<site>"), ("It’s", "it's")])
def test_words_are_compared_without_case_and_marks(written: str, read_as: str) -> None:
    assert comparable(written) == read_as
