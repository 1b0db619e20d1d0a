"""Reads that announce themselves are found where the decoder leaves them out, and only where the model agrees."""

import numpy as np
import pytest

from pipeline.ads.finding.announced import announced_reads
from pipeline.ads.finding.segments import WordScores
from pipeline.timeline import Word

TALK = "We went on about the garden for a while. "
READ = "This episode is brought to you by Plank. Boards that float on any river. Go to plank.com slash garden. "


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(Word(n * 0.4, n * 0.4 + 0.3, word) for n, word in enumerate(text.split()))


def scored(words: tuple[Word, ...], chance: float) -> WordScores:
    """Every word with the same chance to be a sponsor's."""
    kinds = np.log(np.tile([1 - chance - 4e-6, chance, 1e-6, 1e-6, 1e-6, 1e-6], (len(words), 1)))
    return WordScores(kinds, np.zeros(len(words)), np.zeros(len(words)))


@pytest.mark.parametrize(("chance", "count"), [(0.7, 1), (0.1, 0)])
def test_an_announced_read_ends_with_its_address(chance, count):
    words = spoken(TALK + READ + TALK)
    found = announced_reads([], words, scored(words, chance))
    assert len(found) == count
    if found:
        said = " ".join(word.text for word in words[found[0].first : found[0].last])
        assert said == READ.strip()


def test_talk_about_sponsors_without_an_address_is_no_read():
    words = spoken(TALK + "Every podcast is sponsored by somebody these days, they say. " + TALK * 9)
    assert announced_reads([], words, scored(words, 0.7)) == ()


def test_what_a_segment_touches_is_not_found_again():
    words = spoken(TALK + READ + TALK)
    (read,) = announced_reads([], words, scored(words, 0.7))
    assert announced_reads([read], words, scored(words, 0.7)) == ()
