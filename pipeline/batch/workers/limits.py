"""Whether a worker hangs: judged by what it computes and by its progress, never by the clock alone.

On a machine that is busy with other things a healthy stage takes as long as it takes; it still computes, and it still
makes progress. A stage hangs when it does neither for minutes, or when it has computed many times what its sound can
need. Stages that wait for a language model are left to the time limits of its endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

CPU_RTF = {"": 0.2, "decode": 0.2, "diarize": 0.6, "transcribe": 1.0, "ads": 0.2, "notes": 0.2, "clean": 0.4}
"""CPU seconds that a slow machine needs for a second of sound: ten times what ``make eval`` prints."""
MODEL_TIMES = {"tiny": 0.5, "base": 1.0, "small": 3.3, "medium": 10.0, "large": 21.0, "turbo": 10.0}
"""Bigger Whisper models take as many times longer as they have more weights to go through."""
START_CPU_S = 120.0
"""CPU seconds to load networks."""
SLOW, STOP = 3.0, 20.0
"""Times the expected CPU seconds: said to be slow; stopped, because it will not end today."""
STALL_S = 600.0
"""Seconds without progress and without computing after which a stage hangs: longer than any disk or swap takes."""
QUIET_SHARE = 0.25
"""Of STALL_S: from here on it is said that nothing moves."""
LIFE_CPU_S = 0.5
"""CPU seconds that count as a sign of life: a process that sleeps uses less in ten minutes."""
WAITS = frozenset({"opinion", "rewrite"})

Judgement = Literal["", "slow", "runaway", "quiet", "stalled"]


@dataclass(frozen=True, slots=True)
class Activity:
    """What is known of a worker's stage: CPU seconds at its beginning, and the last sign of life with its time."""

    stage: str
    began_cpu_s: float
    alive_s: float
    alive_cpu_s: float
    share: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StageWatch:
    """How a stage is judged; tests shrink the numbers."""

    rtf: Mapping[str, float] = field(default_factory=lambda: CPU_RTF)
    start_cpu_s: float = START_CPU_S
    stall_s: float = STALL_S
    life_cpu_s: float = LIFE_CPU_S

    def expected_cpu_s(self, stage: str, sound_s: float, *, model: str) -> float:
        """CPU seconds that a slow machine needs.

        >>> StageWatch().expected_cpu_s("transcribe", 3600, model="base") / 60
        62.0
        """
        times = model_times(model) if stage == "transcribe" else 1.0
        return self.start_cpu_s + self.rtf.get(stage, max(self.rtf.values())) * times * sound_s

    def seen(self, before: Activity, *, now_s: float, cpu_s: float, stage: str, share: float) -> Activity:
        """What is known after another look: a new stage, progress or computing are signs of life."""
        if stage != before.stage:
            return Activity(stage, cpu_s, now_s, cpu_s, share, cpu_s)
        alive = share > before.share or cpu_s - before.alive_cpu_s >= self.life_cpu_s
        if alive:
            return replace(before, alive_s=now_s, alive_cpu_s=cpu_s, share=share, cpu_s=cpu_s)
        return replace(before, cpu_s=cpu_s)

    def judge(self, activity: Activity, *, now_s: float, sound_s: float, model: str) -> Judgement:
        """What there is to do about a stage."""
        still_s = 0.0 if activity.stage in WAITS else now_s - activity.alive_s
        computed = (activity.cpu_s - activity.began_cpu_s) / self.expected_cpu_s(activity.stage, sound_s, model=model)
        if computed > STOP:
            return "runaway"
        if still_s > self.stall_s:
            return "stalled"
        if still_s > QUIET_SHARE * self.stall_s:
            return "quiet"
        return "slow" if computed > SLOW else ""


def model_times(model: str) -> float:
    """How many times slower than base a model is; one that is not known counts as the largest."""
    return next((times for name, times in MODEL_TIMES.items() if name in model), max(MODEL_TIMES.values()))
