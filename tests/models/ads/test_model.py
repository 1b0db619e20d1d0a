from pathlib import Path

import numpy as np
import pytest

from models.ads.model import ARTIFACT, Calibration, TrainedAdModel, scores_of
from pipeline.timeline import Word

LARGE_BYTES = 9_500_000


def words_of(text: str) -> list[Word]:
    return [Word(i * 0.4, i * 0.4 + 0.3, t) for i, t in enumerate(text.split())]


def test_the_artifact_is_small_and_holds_numbers_only() -> None:
    assert ARTIFACT.stat().st_size < LARGE_BYTES
    with np.load(ARTIFACT, allow_pickle=False) as data:
        assert all(data[name].dtype.kind in "bif" for name in data.files)


def test_a_saved_model_holds_the_same(tmp_path: Path) -> None:
    model = TrainedAdModel.load()
    model.save(tmp_path / "again.npz")
    again = TrainedAdModel.load(tmp_path / "again.npz")
    assert again.settings == model.settings and again.calibration == model.calibration
    assert again.learnt.keys() == model.learnt.keys()
    assert all((again.learnt[name] == model.learnt[name]).all() for name in model.learnt)


def test_a_longer_and_surer_segment_is_at_least_as_likely() -> None:
    model = TrainedAdModel.load()
    assert model.chance(0.95, 160) >= model.chance(0.6, 160)
    assert 0 <= model.chance(0.0, 1) <= model.chance(1.0, 200) <= 1


def test_chances_follow_the_score() -> None:
    assert Calibration().chance(0.7, 50) == pytest.approx(0.7)


def test_kinds_are_probabilities() -> None:
    scores = scores_of(np.random.default_rng(0).normal(size=(9, 8)))
    np.testing.assert_allclose(np.exp(scores.kinds).sum(1), 1.0)
    assert len(scores_of(np.zeros((0, 8)))) == 0


@pytest.mark.weights
def test_every_word_has_a_score_the_same_each_time() -> None:
    words = words_of("Go to acme.com today and use code PEAR. Then we walked home in the rain. " * 200)
    model = TrainedAdModel.load()
    first, again = model.score(words), TrainedAdModel.load().score(words)
    assert len(first) == len(words)
    np.testing.assert_array_equal(first.kinds, again.kinds)
    assert len(model.score([])) == 0
