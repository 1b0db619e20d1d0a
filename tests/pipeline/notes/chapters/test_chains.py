from __future__ import annotations

import numpy as np

from models.scripted import ScriptedEncoder, ScriptedLanguage
from pipeline.notes.chapters.chains import chain_features
from pipeline.notes.material import Material, read_material
from pipeline.timeline import Word
from pipeline.words.sentences import group_segments

TALK = "Bread needs Flour. " * 8 + "Boats need Sails. " * 8


def features(common: dict[str, float]) -> dict[str, np.ndarray]:
    words = [Word(i * 0.5, i * 0.5 + 0.4, text, 1.0, "A") for i, text in enumerate(TALK.split())]
    material: Material = read_material(group_segments(words), encoder=ScriptedEncoder(), analysis=ScriptedLanguage())
    said = np.concatenate([[0.0], np.cumsum(material.lengths)])
    return chain_features(material, said, common)


def test_no_chain_crosses_where_the_subject_changes():
    crossing = features({})["chains 200"]
    assert crossing[0] == crossing[8] == 0 and (np.delete(crossing, [0, 8]) > 0).all()


def test_nouns_that_every_episode_says_count_for_nothing():
    crossing = features(dict.fromkeys(("bread", "flour", "boats", "need", "needs", "sails"), 1.0))["chains 200"]
    assert not crossing.any()
