from pathlib import Path

import numpy as np
import pytest

from models.encoder import MiniLmEncoder, batches_by_length, pad

FOLDER = Path.home() / ".cache/cleancast/weights/minilm"


@pytest.fixture(scope="module")
def encoder() -> MiniLmEncoder:
    if not (FOLDER / "model.safetensors").exists():
        pytest.skip(f"the weights of minilm are not in {FOLDER} (cleancast models pull minilm)")
    return MiniLmEncoder(FOLDER)


def test_padding_marks_what_is_real() -> None:
    padded, mask = pad([[7, 8, 9], [5]])
    assert padded.tolist() == [[7, 8, 9], [5, 0, 0]]
    assert mask.tolist() == [[True, True, True], [True, False, False]]


def test_batches_hold_each_index_once_and_keep_the_budget() -> None:
    lengths = [5, 1, 40, 7, 7, 7, 2]
    groups = batches_by_length(lengths, 20)
    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    assert all(len(group) == 1 or len(group) * max(lengths[i] for i in group) <= 20 for group in groups)


@pytest.mark.weights
def test_vectors_have_unit_length_and_know_meaning(encoder: MiniLmEncoder) -> None:
    vectors = encoder.encode(["A man is eating food.", "Someone eats a meal.", "The stock market fell.", ""])
    assert vectors.shape == (4, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.6 > 0.2 > vectors[0] @ vectors[2]


@pytest.mark.weights
def test_a_sentence_means_the_same_in_any_company(encoder: MiniLmEncoder) -> None:
    alone = encoder.encode(["Short."])
    crowd = encoder.encode(["A much longer sentence stands beside it, so that the short one is padded.", "Short."])
    np.testing.assert_allclose(alone[0], crowd[1], atol=1e-5)
    assert encoder.encode([]).shape == (0, 384)
