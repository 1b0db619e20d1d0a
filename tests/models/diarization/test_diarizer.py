"""The diarizer: the adapter without weights, and the edges with them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from audio.decode import decode
from models.diarization.diarizer import PyannoteDiarizer, _named, heard_from_pyannote
from pipeline.errors import WeightsError
from pipeline.timeline import Diarization, Span, Turn, Waveform
from tests.paths import SEED
from tests.weights import need

GATED = "pyannote/speaker-diarization-community-1"


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
    assert _named(heard_from_pyannote(output), duration=10.0) == Diarization(
        turns=(Turn(0.0, 5.0, "Speaker 1"), Turn(4.0, 10.0, "Speaker 2")),
        exclusive=(Turn(0.0, 5.0, "Speaker 1"), Turn(5.0, 10.0, "Speaker 2")),
        speech=(Span(0.0, 10.0),),
        voices={"Speaker 2": (0.0, 1.0), "Speaker 1": (1.0, 0.0)},
    )


def test_community_without_a_token_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
    with pytest.raises(WeightsError, match="token"):
        PyannoteDiarizer(GATED).diarize(Waveform(np.zeros(16_000, np.float32), 16_000))


@pytest.mark.weights
@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.4, 12.0])
def test_silence_of_any_length_has_no_turns(diarizer: PyannoteDiarizer, seconds: float) -> None:
    silence = Waveform(np.zeros(round(seconds * 16_000), np.float32), 16_000)
    assert diarizer.diarize(silence) == Diarization((), (), ())


@pytest.fixture(scope="module")
def diarizer() -> PyannoteDiarizer:
    need("campplus", "segmentation-3.0")
    return PyannoteDiarizer()


@pytest.mark.weights
def test_two_voices_are_told_apart_the_same_way_every_time(diarizer: PyannoteDiarizer) -> None:
    """The seed's sound from 20 s to 50 s: host and reporter."""
    sound = decode(SEED / "audio.mp3").slice(Span(20.0, 50.0))
    shares: list[float] = []
    first = diarizer.diarize(sound, progress=shares.append)
    assert first == diarizer.diarize(sound)
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert list(first.voices) == sorted({turn.speaker for turn in first.turns})
    assert all(a.end <= b.start for a, b in zip(first.exclusive, first.exclusive[1:], strict=False))
    assert {turn.speaker for turn in diarizer.diarize(sound, speakers=(1, 1)).turns} == {"Speaker 1"}
    assert len({turn.speaker for turn in diarizer.diarize(sound, speakers=(3, 3)).turns}) == 3


def test_community_that_cannot_be_fetched_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token, but no network: the hub's own library is told to stay offline."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="community-1"):
        PyannoteDiarizer(GATED, token="hf_none").diarize(Waveform(np.zeros(16_000, np.float32), 16_000))
