"""Reads that announce themselves are found where the decoder leaves them out, and only where the model agrees."""

import numpy as np
import pytest

from pipeline.ads.finding.announced import announced_ads
from pipeline.ads.finding.segments import WordScores
from pipeline.timeline import Word

TALK = "We went on about the garden for a while. "
READ = "This episode is brought to you by Plank. Boards that float on any river. Go to plank.com slash garden. "
OTHER_ENDING = READ.replace(".com", ".coop")


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(Word(n * 0.4, n * 0.4 + 0.3, word) for n, word in enumerate(text.split()))


def scored(words: tuple[Word, ...], chance: float) -> WordScores:
    """Every word between the talk at both ends with the same chance to be a sponsor's."""
    talk = len(TALK.split())
    chances = [chance if talk <= n < len(words) - talk else 0.02 for n in range(len(words))]
    kinds = np.log([[1 - c - 4e-6, c, 1e-6, 1e-6, 1e-6, 1e-6] for c in chances])
    return WordScores(kinds, np.zeros(len(words)), np.zeros(len(words)), kinds)


@pytest.mark.parametrize("read", [READ, OTHER_ENDING])
@pytest.mark.parametrize(("chance", "count"), [(0.7, 1), (0.9999, 1), (0.3, 1), (0.1, 0)])
def test_an_announced_read_ends_with_its_address(chance, count, read):
    words = spoken(TALK + read + TALK)
    found = announced_ads([], words, scored(words, chance))
    assert len(found) == count
    if found:
        said = " ".join(word.text for word in words[found[0].first : found[0].last])
        assert said == read.strip()


@pytest.mark.parametrize(
    "line",
    [
        "The Garden Hour is supported in part by the Elm Foundation.",
        "Support for The Garden Hour comes from Plank.",
        "This episode is brought to you today by Plank, Elm and Reed.",
        "Thanks again to our sponsors, Plank and Elm.",
        "Have a look at our sponsor's website, Plank sells boards.",
        "A big thank you to Plank for sponsoring today's episode.",
    ],
)
def test_a_line_without_an_address_is_found_where_the_model_takes_it_for_credits(line):
    words = spoken(TALK + line + " " + TALK)
    credits_only = np.log(np.tile([0.3, 0.05, 0.01, 0.01, 0.03, 0.6], (len(words), 1)))
    scores = WordScores(credits_only, np.zeros(len(words)), np.zeros(len(words)), credits_only)
    (found,) = announced_ads([], words, scores)
    assert " ".join(word.text for word in words[found.first : found.last]) == line


@pytest.mark.parametrize(
    ("line", "chance"),
    [
        ("Every podcast is sponsored by somebody these days, they say.", 0.1),
        ("This show is brought to you by me, and it is supported by listeners like you.", 0.7),
        ("His work was funded by the state for years.", 0.1),
        ("They all say it is brought to you by, then some name, then use code and a word.", 0.7),
    ],
)
def test_talk_about_sponsors_is_no_ad(line, chance):
    words = spoken(TALK + line + " " + TALK)
    assert announced_ads([], words, scored(words, chance)) == ()


def test_a_late_address_closes_only_what_the_model_takes_for_a_read():
    words = spoken(TALK + READ.replace(" Go to", " It is light and strong." * 10 + " Go to") + TALK)
    (whole,) = announced_ads([], words, scored(words, 0.7))
    assert words[whole.last - 1].text == "garden."
    assert announced_ads([], words, scored(words, 0.3)) == ()


def test_what_a_segment_touches_is_not_found_again():
    words = spoken(TALK + READ + TALK)
    (read,) = announced_ads([], words, scored(words, 0.7))
    assert announced_ads([read], words, scored(words, 0.7)) == ()
