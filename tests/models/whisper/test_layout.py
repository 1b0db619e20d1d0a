"""The two layouts of Whisper's weights: each way and back, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from models.whisper.layout import read_variables, read_weights, write_ctranslate2
from pipeline.errors import WeightsError

DIMS = {"n_mels": 80, "n_audio_ctx": 20, "n_audio_state": 8, "n_audio_head": 2, "n_audio_layer": 1}
DIMS |= {"n_vocab": 51864, "n_text_ctx": 12, "n_text_state": 8, "n_text_head": 2, "n_text_layer": 2}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Whisper with random weights, stored as openai-whisper stores its own."""
    import whisper

    torch.manual_seed(1)
    model = whisper.model.Whisper(whisper.model.ModelDimensions(**DIMS))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    path = tmp_path_factory.mktemp("layout") / "toy.pt"
    state = {name: tensor.half() for name, tensor in model.state_dict().items()}
    torch.save({"dims": DIMS, "model_state_dict": state}, path)
    return path


def test_there_and_back_is_the_same_network(checkpoint: Path, tmp_path: Path) -> None:
    ours = read_weights(checkpoint)
    write_ctranslate2(ours, tmp_path)
    back = read_weights(tmp_path)
    assert dict(back.dims) == DIMS
    assert set(back.state) == set(ours.state)
    for name, array in ours.state.items():
        assert np.array_equal(back.state[name], array), name
    assert back.alignment_heads == ((1, 0), (1, 1))  # openai-whisper's own choice: the later half of the layers


def test_the_written_folder_runs(checkpoint: Path, tmp_path: Path) -> None:
    ctranslate2 = pytest.importorskip("ctranslate2")
    write_ctranslate2(read_weights(checkpoint), tmp_path)
    network = ctranslate2.models.Whisper(str(tmp_path), device="cpu", compute_type="float32")
    assert network.n_mels == 80 and not network.is_multilingual


def test_what_is_not_a_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="neither a CTranslate2 folder"):
        read_weights(tmp_path)
    (tmp_path / "model.bin").write_bytes(b"\x06\x00\x00\x00\x05\x00abc")
    with pytest.raises(WeightsError, match="truncated"):
        read_weights(tmp_path)
    (tmp_path / "x.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(WeightsError, match="not a checkpoint"):
        read_weights(tmp_path / "x.pt")


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "was-run",)  # type: ignore[return-value]

    torch.save({"dims": {}, "model_state_dict": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(WeightsError):
        read_weights(tmp_path / "trap.pt")
    assert not (tmp_path / "was-run").exists()


def test_a_truncated_model_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    write_ctranslate2(read_weights(checkpoint), tmp_path)
    whole = (tmp_path / "model.bin").read_bytes()
    (tmp_path / "model.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match="truncated"):
        read_variables(tmp_path / "model.bin")
    assert json.loads((tmp_path / "config.json").read_text())["alignment_heads"]
