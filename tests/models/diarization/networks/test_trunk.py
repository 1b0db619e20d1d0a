"""The fast layout of CAM++'s trunk gives what the network as published gives."""

from __future__ import annotations

import pytest
import torch

from models.diarization.networks.campplus import CamPlus
from models.diarization.networks.trunk import Trunk


@pytest.fixture(scope="module")
def network() -> CamPlus:
    torch.manual_seed(0)
    network = CamPlus().eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):  # as after training: no norm does nothing
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return network


@pytest.mark.parametrize("frames", [2, 49, 50, 199, 200, 331])
def test_folding_the_norms_and_turning_the_axes_changes_no_value(network: CamPlus, frames: int) -> None:
    bands = torch.randn(frames, 80)
    expected = network.trunk(bands[None], near=True)[0].T
    assert torch.allclose(Trunk(network)(bands), expected, atol=1e-4 * float(expected.abs().max()))


def test_in_bfloat16_voices_stay_where_they_are(network: CamPlus) -> None:
    bands = torch.randn(331, 80)
    voices = []
    for dtype in (torch.float32, torch.bfloat16):
        features = Trunk(network, dtype)(bands).T[None]
        voices.append(network.pool(features, torch.ones(1, features.shape[-1])))
    assert torch.cosine_similarity(*voices).item() > 0.999
