"""pyannote's segmentation-3.0 network, loaded without running any code that is stored in its file."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import torch

from models.diarization.torchaudio_standin import import_torchaudio

# Set before the first import of pyannote.audio: nothing here phones home.
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"


def import_pyannote() -> None:
    """Import pyannote.audio (about 5 s), without its metrics and without its warning that it cannot decode files.

    Sound is always handed over in memory, so the missing decoder does not matter.
    """
    import_torchaudio()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyannote.audio.pipelines  # noqa: F401


def load_segmentation(folder: Path) -> Any:
    """The network (a ``pyannote.audio.Model``): 10 s of sound to who of up to three local speakers is active when."""
    import_pyannote()
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.segmentation import PyanNet
    from torch.torch_version import TorchVersion

    with torch.serialization.safe_globals([TorchVersion, Problem, Resolution, Specifications]):
        stored = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    network = PyanNet(**stored["hyper_parameters"])
    network.specifications = stored["pyannote.audio"]["specifications"]
    network.build()
    network.setup()
    network.load_state_dict(stored["state_dict"], strict=True)
    return network.eval().requires_grad_(False)
