"""Who speaks when, behind our port: our diarization on pyannote's networks, or a pipeline of pyannote.audio."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from models.weights.installed import locate
from pipeline.errors import WeightsError
from pipeline.ports import Progress, silent
from pipeline.timeline import Diarization, Turn, Waveform, merge_spans

if TYPE_CHECKING:
    from models.diarization.shared_trunk import Heard

LOCAL = "segmentation-3.0+campplus"
SHORTEST_S = 0.1
"""Sound shorter than this holds no word and no voice."""
PADDED_S = 1.0
"""Shorter recordings are padded with silence to this, enough for one voice."""
SHARES = {"segmentation": (0.0, 0.4), "embeddings": (0.4, 0.95)}
"""The part of the whole that each step of pyannote's pipeline takes, for the progress shown."""


class PyannoteDiarizer:
    """The ``Diarizer`` port on pyannote's networks.

    ``source`` is the local pair of networks (no token, the default, computed in ``precision``), or a pipeline of
    pyannote.audio on Hugging Face, such as ``pyannote/speaker-diarization-community-1``, for which ``token`` (or
    ``HF_TOKEN``) is needed.
    """

    def __init__(
        self, source: str = LOCAL, *, device: str = "cpu", token: str | None = None, precision: str = "float32"
    ) -> None:
        self.source, self.device, self.token, self.precision = source, device, token, precision
        self._pipeline: Callable[..., Heard] | None = None

    def diarize(
        self,
        wave: Waveform,
        *,
        speakers: tuple[int | None, int | None] = (None, None),
        progress: Progress = silent,
    ) -> Diarization:
        """Turns, exclusive turns, speech and voices of mono 16 kHz sound; the same sound gives the same answer."""
        if wave.duration < SHORTEST_S:
            return Diarization((), (), ())
        from models.parallel import return_memory

        padding = max(0, round(PADDED_S * wave.sample_rate) - len(wave.samples))
        padded = Waveform(np.pad(wave.samples, (0, padding)), wave.sample_rate) if padding else wave
        heard = self.load()(padded, least=speakers[0], most=speakers[1], report=_report(progress))
        return_memory()
        progress(1.0)
        return _named(heard, duration=wave.duration)

    def load(self) -> Callable[..., Heard]:
        """The networks and what is done with them, loaded the first time. Raises WeightsError."""
        if self._pipeline is None:
            local = self.source == LOCAL
            self._pipeline = (
                _local_pipeline(self.device, self.precision)
                if local
                else _hub_pipeline(self.source, self.token, self.device)
            )
        return self._pipeline


def _named(heard: Heard, *, duration: float) -> Diarization:
    """Our types: inside the recording, labels "Speaker 1", "Speaker 2" by first appearance."""
    turns, exclusive = (_within(found, duration) for found in (heard.turns, heard.exclusive))
    names: dict[str, str] = {}
    for turn in (*turns, *exclusive):
        names.setdefault(turn.speaker, f"Speaker {len(names) + 1}")
    return Diarization(
        turns=_renamed(turns, names),
        exclusive=_renamed(exclusive, names),
        speech=merge_spans(turns),
        voices={names[label]: tuple(map(float, voice)) for label, voice in heard.voices.items() if label in names},
    )


def _within(turns: tuple[Turn, ...], duration: float) -> tuple[Turn, ...]:
    found = (
        Turn(max(0.0, turn.start), min(duration, turn.end), turn.speaker)
        for turn in turns
        if turn.start < duration and turn.end > 0
    )
    return tuple(sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker)))


def _renamed(turns: tuple[Turn, ...], names: Mapping[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.start, turn.end, names[turn.speaker]) for turn in turns)


def _report(progress: Progress) -> Callable[[str, int, int], None]:
    def report(step: str, done: int, of: int) -> None:
        first, last = SHARES[step]
        progress(first + (last - first) * min(1.0, done / of))

    return report


def _local_pipeline(device: str, precision: str) -> Callable[..., Heard]:
    import torch

    from models.diarization.clustering import import_scipy
    from models.diarization.networks.campplus import load_campplus
    from models.diarization.networks.segmentation import load_segmentation
    from models.diarization.shared_trunk import SharedTrunkDiarization

    segmentation, voices = load_segmentation(locate("segmentation-3.0")), load_campplus(locate("campplus"))
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    Thread(target=import_scipy, name="scipy", daemon=True).start()
    return SharedTrunkDiarization(segmentation.compute_in(dtype).to(device), voices.to(device), dtype)


def heard_from_pyannote(output: Any) -> Heard:
    """What pyannote's ``DiarizeOutput`` says; the rows of its embeddings are in the order of its labels."""
    from models.diarization.shared_trunk import Heard

    whole = output.speaker_diarization
    return Heard(
        _turns(whole),
        _turns(output.exclusive_speaker_diarization),
        dict(zip(map(str, whole.labels()), output.speaker_embeddings, strict=False)),
    )


def _turns(annotation: Any) -> tuple[Turn, ...]:
    tracks = annotation.itertracks(yield_label=True)
    return tuple(Turn(segment.start, segment.end, str(label)) for segment, _, label in tracks)


def _hub_pipeline(source: str, token: str | None, device: str) -> Callable[..., Heard]:
    """The named pipeline from Hugging Face or a local folder, or a ``WeightsError`` that says what is missing."""
    from models.diarization.networks.torchaudio_standin import import_pyannote

    token = token or os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN")
    if not token and not Path(source).exists():
        raise WeightsError(source, "needs a Hugging Face token: set HF_TOKEN, or use the local networks (no token)")
    import_pyannote()
    import torch
    from pyannote.audio import Pipeline

    try:
        pipeline: Any = Pipeline.from_pretrained(source, token=token)
    except Exception as error:  # the hub raises a family of its own for refused, absent and unreachable
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(source, f"could not be fetched ({reason}); the local networks need no network") from error
    if pipeline is None:
        raise WeightsError(source, "was refused: accept its conditions on Hugging Face with the account of the token")
    pipeline.to(torch.device(device))

    def hear(wave: Waveform, *, least: int | None, most: int | None, report: Callable[[str, int, int], None]) -> Heard:
        def hook(step: str, _artefact: Any, **state: Any) -> None:
            if step in SHARES and state.get("total"):
                report(step, state["completed"], state["total"])

        samples = torch.from_numpy(np.ascontiguousarray(wave.samples, dtype=np.float32))
        sound = {"waveform": samples[None], "sample_rate": wave.sample_rate, "uri": "episode"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # counts outside the bounds, pooling over one frame: said by our result
            return heard_from_pyannote(pipeline(sound, min_speakers=least, max_speakers=most, hook=hook))

    return hear
