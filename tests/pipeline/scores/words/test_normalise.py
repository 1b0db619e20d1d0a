"""What Whisper's normaliser does to words, and which word each token came from."""

import itertools
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.words.normalise import NORMALISER_VERSION, normalise, normaliser_version, tokenise

SPOKEN = [
    "It's",
    "Mr.",
    "Smith's",
    "uh",
    "twenty",
    "five",
    "$3.50",
    "per-cent",
    "(laughs)",
    "[music]",
    "can't",
    "colour,",
    "2nd",
    "1,000",
    "O'Brien",
    "—",
    "é",
    "⁇",
    "I'ma",
    "go",
]


@given(st.lists(st.sampled_from(SPOKEN), max_size=30))
def test_tokens_are_the_words_of_the_normalised_text(words):
    tokens = tokenise(words)
    assert [token.text for token in tokens] == normalise(" ".join(words)).split()
    assert all(0 <= token.first <= token.last < len(words) for token in tokens)
    assert all(a.first <= b.first for a, b in itertools.pairwise(tokens))


@given(st.lists(st.text(max_size=8).map(lambda text: "".join(text.split())), max_size=20))
def test_any_text_has_tokens_in_order(words):
    tokens = tokenise(words)
    assert [token.text for token in tokens] == normalise(" ".join(word for word in words if word)).split()
    assert all(0 <= token.first <= token.last < len(words) for token in tokens)


def test_a_number_of_two_words_knows_both():
    (token,) = [t for t in tokenise(["about", "twenty", "five", "people"]) if t.text == "25"]
    assert (token.first, token.last) == (1, 2)


def test_another_language_keeps_its_words():
    assert normalise("Das ist Mr. Müllers Haus!", "de") == "das ist mr müllers haus"
    assert normalise("東京です。", "ja") == "東 京 で す"
    assert normalise("That is Mr. Miller!", "en-GB") == "that is mister miller"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said okay, um, let's go.", "he said okay let us go"),
        ("The U.S. economy grew 2.5%.", "the u s economy grew 2.5%"),
        ("In nineteen eighty four", "in 1984"),
        ("Fifty dollars and ten cents", "$50.10"),
    ],
)
def test_the_rules_of_the_pinned_release(text, expected):
    """If one of these changes, every published rate changes with it: raise NORMALISER_VERSION knowingly."""
    assert normaliser_version() == NORMALISER_VERSION
    assert normalise(text) == expected


def test_it_comes_without_torch():
    light = (
        "import sys; from pipeline.scores.words.normalise import normalise;"
        "print(normalise('Twenty-one colours'), 'torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True).stdout
    assert out == "21 colors False\n"
