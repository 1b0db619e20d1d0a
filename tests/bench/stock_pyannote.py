"""pyannote.audio's own pipeline and network on the weights that this project uses, to be held against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from models.diarization.networks.campplus import SAMPLE_RATE, WIDTH, CamPlus, filterbank, load_campplus
from models.diarization.networks.torchaudio_standin import import_pyannote
from models.weights.installed import locate

import_pyannote()

from pyannote.audio import Model  # noqa: E402
from pyannote.audio.core.plda import PLDA  # noqa: E402
from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: E402
from pyannote.audio.models.segmentation import PyanNet  # noqa: E402
from pyannote.audio.pipelines import SpeakerDiarization  # noqa: E402

BATCH = 16
STEP, LEAST_WINDOWS = 0.1, 12
"""pyannote's own step, in windows, and the windows that make a cluster at it."""
SETTINGS: dict[str, dict[str, Any]] = {
    "segmentation": {"min_duration_off": 0.0},
    "clustering": {"method": "centroid", "threshold": 0.6, "min_cluster_size": LEAST_WINDOWS},
}
"""Of the stock pipeline on these networks: the cosine threshold is CAM++'s instead of WeSpeaker's."""


class CamPlusModel(Model):
    """CAM++ in the form that pyannote expects of an embedding network: sound and a mask in, one voice out."""

    dimension = WIDTH

    def __init__(self, network: CamPlus) -> None:
        super().__init__(sample_rate=SAMPLE_RATE, num_channels=1)
        self.network = network

    def forward(  # type: ignore[override]  # pyannote's own embedding networks take weights, its base class does not
        self, waveforms: torch.Tensor, weights: torch.Tensor | None = None
    ) -> torch.Tensor:
        """(batch, 1, samples), weights (batch, frames) or None -> (batch, 192)."""
        features = self.network.trunk(torch.stack([filterbank(wave[0]) for wave in waveforms]))
        if weights is None:
            weights = features.new_ones(len(features), 1)
        return self.network.pool(features, functional.interpolate(weights[:, None], features.shape[-1])[:, 0])


def stock_segmentation(folder: Path) -> Any:
    """pyannote's own segmentation network with the published weights."""
    with torch.serialization.safe_globals([torch.torch_version.TorchVersion, Problem, Resolution, Specifications]):
        stored = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    network = PyanNet(**stored["hyper_parameters"])
    network.specifications = stored["pyannote.audio"]["specifications"]
    network.build()
    network.setup()
    network.load_state_dict(stored["state_dict"], strict=True)
    return network.eval().requires_grad_(False)


def stock_pipeline() -> SpeakerDiarization:
    """``SpeakerDiarization`` on segmentation-3.0 and CAM++ with agglomerative clustering."""
    pipeline = SpeakerDiarization(
        segmentation=stock_segmentation(locate("segmentation-3.0")),
        segmentation_step=STEP,
        embedding=CamPlusModel(load_campplus(locate("campplus"))),
        embedding_exclude_overlap=True,
        plda=PLDA.__new__(PLDA),  # agglomerative clustering never asks it; the default would go and fetch one
        clustering="AgglomerativeClustering",
        segmentation_batch_size=BATCH,
        embedding_batch_size=BATCH,
    )
    return pipeline.instantiate(SETTINGS)
