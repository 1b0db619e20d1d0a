"""CAM++: its halves agree with the whole, and with real weights it tells voices apart."""

from __future__ import annotations

import pytest
import torch

from models.diarization.networks.campplus import WIDTH, CamPlus, filterbank


@pytest.fixture(scope="module")
def network() -> CamPlus:
    torch.manual_seed(0)
    return CamPlus().eval().requires_grad_(False)


def test_parameters_carry_the_names_of_the_published_weights(network: CamPlus) -> None:
    state = network.state_dict()
    assert sum(value.numel() for name, value in state.items() if "num_batches" not in name) > 6_800_000
    assert state["xvector.block2.tdnnd24.cam_layer.linear_local.weight"].shape == (32, 128, 3)
    assert state["xvector.dense.linear.weight"].shape == (WIDTH, 1024, 1)


def test_pooling_with_equal_weights_is_the_mean_and_the_unbiased_deviation(network: CamPlus) -> None:
    features = torch.randn(2, 512, 40)
    plain = torch.cat([features.mean(-1), features.std(-1)], dim=1)
    expected = network.xvector.dense(plain)
    assert torch.allclose(network.pool(features, torch.ones(2, 40)), expected, atol=1e-4)


def test_weights_choose_frames(network: CamPlus) -> None:
    features = torch.randn(1, 512, 40)
    weights = torch.zeros(1, 40)
    weights[:, 10:30] = 1
    chosen = network.pool(features[..., 10:30], torch.ones(1, 20))
    assert torch.allclose(network.pool(features, weights), chosen, atol=1e-4)


def test_the_trunk_gives_a_frame_every_20_ms(network: CamPlus) -> None:
    bands = filterbank(torch.randn(16_000 * 2))
    assert bands.shape == (198, 80)
    assert network.trunk(bands[None]).shape == (1, 512, 99)
    assert torch.allclose(bands.mean(0), torch.zeros(80), atol=1e-3)
