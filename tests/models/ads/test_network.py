from pathlib import Path

import numpy as np
import pytest

from models.ads.network import ARTIFACT, TrainedAdModel
from models.ads.trees import Forest
from pipeline.ads.clauses import spoken_units
from pipeline.timeline import Word

SMALL_BYTES = 5_000_000


def words_of(text: str) -> list[Word]:
    return [Word(i * 0.4, i * 0.4 + 0.3, t) for i, t in enumerate(text.split())]


def test_the_artifact_is_small_and_holds_numbers_only() -> None:
    assert ARTIFACT.stat().st_size < SMALL_BYTES
    with np.load(ARTIFACT, allow_pickle=False) as data:
        assert all(data[name].dtype.kind in "bif" for name in data.files)


def test_a_saved_model_says_the_same(tmp_path: Path) -> None:
    model = TrainedAdModel.load()
    model.save(tmp_path / "again.npz")
    units, words = spoken_units(words_of("Go to acme.com today and use code PEAR. Then we walked home in the rain."))
    again = TrainedAdModel.load(tmp_path / "again.npz")
    np.testing.assert_array_equal(model.score(units, words), again.score(units, words))
    assert again.settings == model.settings and again.calibration == model.calibration


def test_a_longer_and_surer_stretch_is_at_least_as_likely() -> None:
    model = TrainedAdModel.load()
    assert model.chance(0.95, 60) >= model.chance(0.6, 60)
    assert 0 <= model.chance(0.0, 1) <= model.chance(1.0, 90) <= 1


def test_the_flat_forest_is_scikit_learns() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble", reason="scikit-learn is needed for training only")
    from models.ads.fitting import flatten

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 5)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    truth = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 1]) ** 2 > 0.7
    fitted = ensemble.HistGradientBoostingClassifier(max_iter=12, min_samples_leaf=5, random_state=0).fit(rows, truth)
    np.testing.assert_allclose(flatten([fitted]).score(rows), fitted.decision_function(rows), atol=1e-5)


def test_a_forest_of_one_leaf_is_its_base() -> None:
    zeros = np.zeros(1, np.int32)
    leaf = Forest(zeros, zeros, zeros.astype(float), zeros, zeros, zeros.astype(bool), zeros.astype(float), 0.5, 0)
    assert leaf.score(np.zeros((3, 2))).tolist() == [0.5, 0.5, 0.5]
