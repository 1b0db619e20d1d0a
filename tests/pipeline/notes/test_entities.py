from __future__ import annotations

from dataclasses import replace

from pipeline.language import AnalysedText, Entity, Token
from pipeline.notes.entities import find_mentions
from pipeline.notes.material import Material
from pipeline.result import Speaker
from pipeline.timeline import Segment, Word


def material(*sentences: tuple[str, dict[str, str]]) -> Material:
    """Sentences with the label of each name in them; words with a capital are proper nouns."""
    import numpy as np

    segments, texts = [], []
    for number, (text, labels) in enumerate(sentences):
        words = text.split()
        begins = [len(" ".join(words[:i])) + (i > 0) for i in range(len(words))]
        tokens = tuple(
            Token(w, at, True, i, w.lower(), "PROPN" if w[0].isupper() else "NOUN", "NNP")
            for i, (w, at) in enumerate(zip(words, begins, strict=True))
        )
        entities = []
        for name, label in labels.items():
            first = begins.index(text.index(name))
            entities.append(Entity(first, first + len(name.split()), label))
        texts.append(AnalysedText(text, tokens, (), (), tuple(entities), parsed=True))
        spoken = tuple(Word(number * 10.0 + i, number * 10.0 + i + 1, w) for i, w in enumerate(words))
        segments.append(Segment(spoken[0].start, spoken[-1].end, spoken, "A"))
    return Material(tuple(segments), tuple(texts), np.zeros((len(texts), 4)))


def mentions(*sentences: tuple[str, dict[str, str]], voices: tuple[str, ...] = ()) -> list[tuple[str, str, int]]:
    speakers = [Speaker(f"Speaker {i}", name) for i, name in enumerate(voices)]
    return [(m.kind, m.text, len(m.at)) for m in find_mentions(material(*sentences), speakers)]


ADA = ("then Ada Park spoke", {"Ada Park": "PERSON"})
SHORT = ("then Park left", {"Park": "PERSON"})


def test_a_last_name_alone_counts_with_the_full_one():
    assert mentions(ADA, SHORT) == [("person", "Ada Park", 2)]


def test_a_name_that_is_heard_once_is_in_doubt():
    assert mentions(ADA) == []


def test_voices_are_no_mentions():
    assert mentions(ADA, SHORT, voices=("Ada Park",)) == []


def test_a_name_of_common_words_is_no_person():
    assert mentions(("then Cloud Project spoke", {"Cloud Project": "PERSON"}), ADA, SHORT, ("the cloud", {})) == [
        ("person", "Ada Park", 2)
    ]


def test_a_name_with_several_kinds_is_in_doubt():
    assert mentions(("at Millstone", {"Millstone": "ORG"}), ("so Millstone said", {"Millstone": "GPE"})) == []
    assert mentions(("at Millstone", {"Millstone": "ORG"}), ("so Millstone said", {"Millstone": "ORG"})) == [
        ("organisation", "Millstone", 2)
    ]


def test_a_name_that_mostly_has_no_label_is_in_doubt():
    bare = ("so Millstone said", {})
    labelled = ("at Millstone", {"Millstone": "ORG"})
    assert mentions(labelled, labelled, bare, bare, bare) == []


def test_spoken_addresses_are_links():
    assert mentions(("see bread.org slash rye.", {})) == [("link", "bread.org/rye", 1)]


def heard(found: Material, **chances: float) -> Material:
    """The material with these probabilities of words."""
    segments = [
        replace(s, words=tuple(replace(w, probability=chances.get(w.text.strip(".,"), 1.0)) for w in s.words))
        for s in found.segments
    ]
    return replace(found, segments=tuple(segments))


def test_names_that_were_never_heard_surely_are_in_doubt():
    said = material(ADA, SHORT)
    assert [m.text for m in find_mentions(heard(said, Park=0.5), [])] == []
    assert [m.text for m in find_mentions(heard(said, then=0.1, Park=0.7), [])] == ["Ada Park"]


def test_an_address_that_was_never_heard_surely_is_no_link():
    said = material(("see bread.org slash rye", {}))
    assert [m.text for m in find_mentions(heard(said, **{"bread.org": 0.5}), [])] == []


def test_nothing_of_a_sentence_that_may_be_an_ad_is_mentioned():
    said = material(ADA, SHORT, ("see bread.org slash rye", {}))
    assert [m.text for m in find_mentions(said, [], left_out={2})] == ["Ada Park"]
    assert [m.text for m in find_mentions(said, [], left_out={0, 1})] == ["bread.org/rye"]
