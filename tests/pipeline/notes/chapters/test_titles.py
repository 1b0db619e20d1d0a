from __future__ import annotations

from collections import Counter

import pytest

from pipeline.notes.chapters.titles import TERM, terms
from pipeline.notes.topics.phrases import Phrase


@pytest.mark.parametrize(
    ("said", "described", "named", "kept"),
    [(1, True, False, False), (TERM, True, False, True), (1, False, False, True), (1, True, True, True)],
    ids=["said once", "a term", "no adjective", "a name"],
)
def test_an_adjective_belongs_to_a_title_if_it_is_said_with_its_noun_again(said, described, named, kept):
    phrase = Phrase(("sour", "dough"), 0, Counter({"sour dough": said}), float(said), named, described)
    assert bool(terms({phrase.key: phrase})) is kept
