"""Who speaks when: pyannote.audio's diarization behind our port."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.weights.installed import locate
from pipeline.errors import WeightsError
from pipeline.ports import Progress, silent
from pipeline.timeline import Diarization, Turn, Waveform, merge_spans

LOCAL = "segmentation-3.0+campplus"
SHORTEST_S = 0.1
"""Sound shorter than this holds no word and no voice."""
PADDED_S = 1.0
"""Shorter recordings are padded with silence to this, enough for one voice."""
SHARES = {"segmentation": (0.0, 0.4), "embeddings": (0.4, 0.95)}
"""The part of the whole that each step of pyannote's pipeline takes, for the progress shown."""


class PyannoteDiarizer:
    """The ``Diarizer`` port on pyannote.audio 4.

    ``source`` is the local pair of networks (no token, the default) or a pipeline on Hugging Face, such as
    ``pyannote/speaker-diarization-community-1``, for which ``token`` (or ``HF_TOKEN``) is needed.
    """

    def __init__(self, source: str = LOCAL, *, device: str = "cpu", token: str | None = None) -> None:
        self.source, self.device, self.token = source, device, token
        self._pipeline: Any = None

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
        import torch

        pipeline = self._load()
        samples = np.ascontiguousarray(wave.samples, dtype=np.float32)
        samples = np.pad(samples, (0, max(0, round(PADDED_S * wave.sample_rate) - len(samples))))
        sound = {"waveform": torch.from_numpy(samples)[None], "sample_rate": wave.sample_rate, "uri": "episode"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # counts outside the bounds, pooling over one frame: said by our result
            output = pipeline(sound, min_speakers=speakers[0], max_speakers=speakers[1], hook=_hook(progress))
        progress(1.0)
        return diarization_from_pyannote(output, duration=wave.duration)

    def _load(self) -> Any:
        if self._pipeline is None:
            self._pipeline = _local_pipeline() if self.source == LOCAL else _hub_pipeline(self.source, self.token)
            if self.device != "cpu":
                import torch

                self._pipeline.to(torch.device(self.device))
        return self._pipeline


def diarization_from_pyannote(output: Any, *, duration: float) -> Diarization:
    """Our types from pyannote's ``DiarizeOutput``: labels "Speaker 1", "Speaker 2" by first appearance."""
    turns = _turns(output.speaker_diarization, duration)
    names: dict[str, str] = {}
    for turn in turns:
        names.setdefault(turn.speaker, f"Speaker {len(names) + 1}")
    exclusive = _turns(output.exclusive_speaker_diarization, duration)
    for turn in exclusive:
        names.setdefault(turn.speaker, f"Speaker {len(names) + 1}")
    voices = dict(zip(output.speaker_diarization.labels(), output.speaker_embeddings, strict=False))
    return Diarization(
        turns=_renamed(turns, names),
        exclusive=_renamed(exclusive, names),
        speech=merge_spans(turns),
        voices={names[label]: tuple(map(float, voice)) for label, voice in voices.items() if label in names},
    )


def _turns(annotation: Any, duration: float) -> tuple[Turn, ...]:
    found = (
        Turn(max(0.0, segment.start), min(duration, segment.end), str(label))
        for segment, _, label in annotation.itertracks(yield_label=True)
        if segment.start < duration and segment.end > 0
    )
    return tuple(sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker)))


def _renamed(turns: tuple[Turn, ...], names: Mapping[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.start, turn.end, names[turn.speaker]) for turn in turns)


def _hook(progress: Progress) -> Callable[..., None]:
    def hook(step: str, _artefact: Any, **state: Any) -> None:
        if step in SHARES and state.get("total"):
            first, last = SHARES[step]
            progress(first + (last - first) * min(1.0, state["completed"] / state["total"]))

    return hook


def _local_pipeline() -> Any:
    from models.diarization.campplus import load_campplus
    from models.diarization.segmentation import load_segmentation
    from models.diarization.shared_trunk import assemble

    return assemble(load_segmentation(locate("segmentation-3.0")), load_campplus(locate("campplus")))


def _hub_pipeline(source: str, token: str | None) -> Any:
    """The named pipeline from Hugging Face or a local folder, or a ``WeightsError`` that says what is missing."""
    from models.diarization.segmentation import import_pyannote

    import_pyannote()
    from pyannote.audio import Pipeline

    token = token or os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN")
    if not token and not Path(source).exists():
        raise WeightsError(source, "needs a Hugging Face token: set HF_TOKEN, or use the local networks (no token)")
    try:
        pipeline = Pipeline.from_pretrained(source, token=token)
    except Exception as error:  # the hub raises a family of its own for refused, absent and unreachable
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(source, f"could not be fetched ({reason}); the local networks need no network") from error
    if pipeline is None:
        raise WeightsError(source, "was refused: accept its conditions on Hugging Face with the account of the token")
    return pipeline
