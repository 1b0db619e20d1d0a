"""torchaudio's Python half works, whether or not its compiled half loads."""

from __future__ import annotations

import torch

from models.diarization.networks.torchaudio_standin import import_torchaudio


def test_the_python_half_is_there() -> None:
    torchaudio = import_torchaudio()
    assert torchaudio is import_torchaudio()
    resampled = torchaudio.functional.resample(torch.zeros(1, 8000), 8000, 16000)
    assert resampled.shape == (1, 16000)
