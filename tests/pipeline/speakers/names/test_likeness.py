"""How much a name looks like a person's: by its vector alone, in bands that clues are weighed by."""

import numpy as np

from models.scripted import ScriptedEncoder, ScriptedLanguage
from pipeline.speakers.names.likeness import EDGES, likeness_features, likeness_of
from pipeline.speakers.names.mentions import find_mentions
from pipeline.speakers.names.model import VectorModel
from pipeline.speakers.names.people import list_people


def test_every_person_has_the_odds_of_the_vector_of_the_name() -> None:
    texts = ScriptedLanguage().analyse(["", "with Ada Holt and with Bo Lind"])
    people, encoder = list_people(find_mentions(texts), texts[:1]), ScriptedEncoder()
    model = VectorModel(0.5, tuple(encoder.encode(["Ada Holt"])[0].tolist()))
    odds = likeness_of(people, encoder=encoder, model=model)
    assert set(odds) == {("ada", "holt"), ("bo", "lind")}
    assert np.isclose(odds["ada", "holt"], 1.5) and odds["bo", "lind"] < 1.5


def test_nobody_is_named_and_nothing_is_encoded() -> None:
    assert likeness_of(list_people((), ()), encoder=ScriptedEncoder(), model=VectorModel(0.0, ())) == {}


def test_the_band_rises_with_the_odds_and_says_whether_the_name_is_tagged() -> None:
    (mention,) = find_mentions(ScriptedLanguage().analyse(["with Ada Holt"]))
    assert mention.person
    bands = [likeness_features(mention, edge + 0.5)[0] for edge in (EDGES[0] - 1, *EDGES)]
    assert bands == [f"like={band}" for band in range(len(EDGES) + 1)]
    assert likeness_features(mention, 9.0) == (f"like={len(EDGES)}", f"tagged like={len(EDGES)}")
