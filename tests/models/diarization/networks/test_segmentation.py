"""The segmentation network beside pyannote's own code, on the published weights."""

from __future__ import annotations

import pytest
import torch

from models.diarization.networks.segmentation import POWERSET, STEP, WINDOW, load_segmentation
from models.weights.installed import locate
from tests.weights import need


def test_a_class_stands_for_no_voice_for_one_or_for_two() -> None:
    assert POWERSET.sum(1).tolist() == [0, 1, 1, 1, 2, 2, 2]
    assert len({tuple(row) for row in POWERSET.tolist()}) == 7


@pytest.mark.weights
def test_running_the_first_layer_once_over_overlapping_windows_gives_what_pyannote_gives() -> None:
    need("segmentation-3.0")
    folder = locate("segmentation-3.0")
    from tests.bench.stock_pyannote import stock_segmentation

    torch.manual_seed(1)
    sound = 0.1 * torch.randn(WINDOW + 2 * STEP) + 0.02  # an offset: the normalisation has to take it away
    sound[: WINDOW // 2] *= torch.linspace(0, 1, WINDOW // 2)
    ours = load_segmentation(folder)
    with torch.inference_mode():
        theirs = stock_segmentation(folder)
        windows = sound.unfold(0, WINDOW, STEP)[:, None]
        assert torch.allclose(ours.sincnet(sound), theirs.sincnet(windows), atol=1e-4)
        assert torch.equal(ours(sound), POWERSET[theirs(windows).argmax(-1)])
