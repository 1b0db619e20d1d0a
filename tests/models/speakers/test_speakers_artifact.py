"""The fitted naming model: what is in it, and that it comes back as it was written."""

from models.speakers.artifact import ARTIFACT, load_model, read_model, write_model
from pipeline.speakers.names.clues import RELATIONS


def test_the_artifact_is_what_is_read_and_written() -> None:
    text = ARTIFACT.read_text(encoding="utf-8")
    assert write_model(read_model(text)) == text


def test_every_relation_has_a_model() -> None:
    model = load_model()
    assert set(model.clues) == set(RELATIONS)
    assert 0.5 <= model.least_name < 1


def test_saying_i_am_points_at_oneself() -> None:
    own = load_model().clues["self"].coefficients
    assert own["l2 l1=i 'm"] > 0
