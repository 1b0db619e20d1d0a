"""The diarizer: the adapter without weights, and the edges with them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from models.pyannote_diarizer import COMMUNITY, PyannoteDiarizer, diarization_from_pyannote
from pipeline.errors import WeightsError
from pipeline.timeline import Diarization, Span, Turn, Waveform


class Tracks(list):  # type: ignore[type-arg]
    """The two methods of pyannote's Annotation that are used."""

    def itertracks(self, yield_label: bool) -> list[tuple[SimpleNamespace, int, str]]:
        return [(SimpleNamespace(start=a, end=b), i, label) for i, (a, b, label) in enumerate(self)]

    def labels(self) -> list[str]:
        return sorted({label for *_, label in self})


def test_speakers_are_numbered_by_first_appearance_and_clipped_to_the_recording() -> None:
    output = SimpleNamespace(
        speaker_diarization=Tracks([(4.0, 11.0, "SPEAKER_00"), (-0.1, 5.0, "SPEAKER_01"), (12.0, 13.0, "SPEAKER_00")]),
        exclusive_speaker_diarization=Tracks([(5.0, 11.0, "SPEAKER_00"), (0.0, 5.0, "SPEAKER_01")]),
        speaker_embeddings=np.array([[0.0, 1.0], [1.0, 0.0]]),
    )
    assert diarization_from_pyannote(output, duration=10.0) == Diarization(
        turns=(Turn(0.0, 5.0, "Speaker 1"), Turn(4.0, 10.0, "Speaker 2")),
        exclusive=(Turn(0.0, 5.0, "Speaker 1"), Turn(5.0, 10.0, "Speaker 2")),
        speech=(Span(0.0, 10.0),),
        voices={"Speaker 2": (0.0, 1.0), "Speaker 1": (1.0, 0.0)},
    )


def test_community_without_a_token_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
    with pytest.raises(WeightsError, match="token"):
        PyannoteDiarizer(COMMUNITY).diarize(Waveform(np.zeros(16_000, np.float32), 16_000))


@pytest.mark.weights
@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.4, 12.0])
def test_silence_of_any_length_has_no_turns(diarizer: PyannoteDiarizer, seconds: float) -> None:
    silence = Waveform(np.zeros(round(seconds * 16_000), np.float32), 16_000)
    assert diarizer.diarize(silence) == Diarization((), (), ())


@pytest.fixture(scope="module")
def diarizer() -> PyannoteDiarizer:
    folder = Path("~/.cache/cleancast/weights").expanduser()
    if not (folder / "campplus").is_dir() or not (folder / "segmentation-3.0").is_dir():
        pytest.skip("weights are not here: run `cleancast models pull`")
    return PyannoteDiarizer()
