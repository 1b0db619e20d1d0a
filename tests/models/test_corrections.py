from __future__ import annotations

import numpy as np
import pytest
import torch

from models.corrections import Corrected, CorrectedMatrices, name_corrections, pack, unpack

NAME = "encoder.layer.0.output.dense"


def test_packing_costs_less_than_half_a_percent_of_a_row() -> None:
    weights = torch.randn(7, 5, 3, generator=torch.Generator().manual_seed(0))
    again = unpack(pack({"conv": weights}))["conv"]
    largest = np.abs(weights.numpy()).max(axis=(1, 2), keepdims=True)
    assert (np.abs(again - weights.numpy()) <= 0.005 * largest).all()


@pytest.mark.parametrize("beside", [False, True])
def test_what_is_learnt_and_stored_is_what_was_applied_in_training(beside: bool) -> None:
    torch.manual_seed(0)
    weights = {f"{NAME}.weight": torch.randn(6, 4), f"{NAME}.bias": torch.randn(6)}
    matrices = CorrectedMatrices(2, beside=beside)
    matrix = matrices.make(weights, NAME, torch.float32)
    states = torch.randn(3, 4)
    untouched = states @ weights[f"{NAME}.weight"].T + weights[f"{NAME}.bias"]
    torch.testing.assert_close(matrix(states), untouched)  # nothing is learnt yet
    torch.nn.init.normal_(matrix.up)
    learnt = {
        name: torch.from_numpy(array) for name, array in unpack(pack(name_corrections(matrices.corrections))).items()
    }
    stored = Corrected(weights, learnt)
    again = states @ stored[f"{NAME}.weight"].T + stored[f"{NAME}.bias"]
    torch.testing.assert_close(matrix(states), again, atol=0.1, rtol=0.02)
    assert not torch.allclose(again, untouched, atol=0.5) and list(stored) == list(weights)
