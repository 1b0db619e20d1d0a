import numpy as np
import pytest

from models.ads.clauses.clause_model import UNLIKELY, ClauseModel
from models.ads.clauses.lexicon import LEXICON_SIZE, Lexicon
from models.ads.clauses.trees import Forest
from models.ads.model import combine
from pipeline.ads.finding.segments import KINDS, WordScores
from pipeline.timeline import Word

BLANK = Lexicon(np.ones(LEXICON_SIZE), np.zeros(LEXICON_SIZE), np.zeros(LEXICON_SIZE), 0.0, 0.0)


def leaf(value: float) -> Forest:
    zeros = np.zeros(1, np.int32)
    return Forest(zeros, zeros, zeros.astype(float), zeros, zeros, zeros.astype(bool), zeros.astype(float), value, 0)


MODEL = ClauseModel(BLANK, (leaf(1.0), leaf(2.0), leaf(3.0)))


def spoken(text: str) -> list[Word]:
    return [Word(n * 0.4, n * 0.4 + 0.3, word) for n, word in enumerate(text.split())]


def test_a_clause_gives_its_words_its_score_and_its_edges_theirs() -> None:
    scores = MODEL.score(spoken("We went home. ... Then it was late."))
    assert scores[:, 0].tolist() == [1.0, 1.0, 1.0, UNLIKELY, 1.0, 1.0, 1.0, 1.0]
    assert scores[[0, 4], 1].tolist() == [2.0, 2.0] and scores[1, 1] == UNLIKELY
    assert scores[3, 2] == 3.0 and scores[7, 2] == UNLIKELY
    assert MODEL.score([]).shape == (0, 3)


def test_what_is_stored_comes_back() -> None:
    again = ClauseModel.of(MODEL.arrays())
    words = spoken("Go to acme.com today. Then it was late.")
    np.testing.assert_array_equal(again.score(words), MODEL.score(words))


def test_the_mean_of_two_readers() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.normal(size=(5, len(KINDS)))
    read = WordScores(kinds - np.logaddexp.reduce(kinds, axis=1)[:, None], np.ones(5), np.zeros(5))
    both = combine(read, np.column_stack([np.full(5, 2.0), np.full(5, 3.0), np.zeros(5)]))
    np.testing.assert_allclose(both.paid, (read.paid + 2.0) / 2)
    np.testing.assert_allclose(np.exp(both.kinds).sum(1), 1.0)
    assert both.starts.tolist() == [2.0] * 5
    assert np.argmax(both.kinds[:, 1:4], 1).tolist() == np.argmax(read.kinds[:, 1:4], 1).tolist()


def test_the_flat_forest_is_scikit_learns() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble", reason="scikit-learn is needed for training only")
    from models.ads.clauses.forests import flatten

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 5)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    truth = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 1]) ** 2 > 0.7
    fitted = ensemble.HistGradientBoostingClassifier(max_iter=12, min_samples_leaf=5, random_state=0).fit(rows, truth)
    np.testing.assert_allclose(flatten([fitted]).score(rows), fitted.decision_function(rows), atol=1e-5)
