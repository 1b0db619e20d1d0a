"""How long a stage may take: when it is said that one is slow, and when it is stopped.

What is expected is what a slow machine needs, so that nobody is told of slowness that is only their machine's: ten
times the seconds that `make eval` prints for a second of sound on two cores, and a minute to load networks from a slow
disk. Bigger Whisper models take as many times longer as they have more weights to go through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SLOW_RTF = {"": 0.1, "decode": 0.1, "diarize": 0.3, "transcribe": 0.5, "ads": 0.1, "notes": 0.1, "clean": 0.2}
MODEL_TIMES = {"tiny": 0.5, "base": 1.0, "small": 3.3, "medium": 10.0, "large": 21.0, "turbo": 10.0}
START_S = 60.0
SLOW = 3.0  # times what is expected, before it is said
STOP = 20.0  # times, before it is stopped: it hangs, or will not end today


@dataclass(frozen=True, slots=True)
class StageWatch:
    """Seconds that a stage takes on a slow machine; ``rtf`` a second of sound, ``start_s`` whatever the sound."""

    rtf: Mapping[str, float] = field(default_factory=lambda: SLOW_RTF)
    start_s: float = START_S

    def expected_s(self, stage: str, sound_s: float, *, model: str) -> float:
        """
        >>> StageWatch().expected_s("transcribe", 3600, model="base") / 60
        31.0
        """
        share = self.rtf.get(stage, max(self.rtf.values()))
        times = model_times(model) if stage == "transcribe" else 1.0
        return self.start_s + share * times * sound_s

    def judge(self, stage: str, took_s: float, sound_s: float, *, model: str) -> Literal["", "slow", "stop"]:
        """What there is to do about a stage that has taken so long."""
        expected = self.expected_s(stage, sound_s, model=model)
        return "stop" if took_s > STOP * expected else "slow" if took_s > SLOW * expected else ""

    def whole_s(self, sound_s: float, *, model: str) -> float:
        """The most that all stages together may take."""
        return STOP * sum(self.expected_s(stage, sound_s, model=model) for stage in self.rtf)


def model_times(model: str) -> float:
    """How many times slower than base a model is; one that is not known counts as the largest."""
    return next((times for name, times in MODEL_TIMES.items() if name in model), max(MODEL_TIMES.values()))
