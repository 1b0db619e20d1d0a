"""Which engine runs Whisper, on which device, in which precision: decided from what the machine reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.machine import Machine

Engine = Literal["faster-whisper", "openai-whisper"]
Precision = Literal["float32", "bfloat16", "float16", "int8"]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """What ``auto`` stands for on one machine, and why, in a sentence."""

    device: str
    engine: Engine
    precision: Precision
    why: str


def choose_device(machine: Machine, device: str = "auto") -> str:
    """The device that ``auto`` stands for: cuda where there is one."""
    if device != "auto":
        return device
    return "cuda" if machine.cuda else "cpu"


def choose_engine(machine: Machine, *, engine: str = "auto", device: str = "auto") -> EngineChoice:
    """The device first, then the engine that was measured to be faster there.

    On a CPU that multiplies in bfloat16 openai-whisper takes 0.76 to 0.80 of faster-whisper's CPU seconds; on others
    int8 in CTranslate2 is ahead (``make bench``, the table of transcription). On a GPU openai-whisper, batched.

    >>> choose_engine(Machine(cuda=True)).engine
    'openai-whisper'
    """
    where = choose_device(machine, device)
    on_gpu = where != "cpu"
    if engine == "auto":
        if on_gpu:
            engine, why = "openai-whisper", f"batched on {where}"
        elif machine.bfloat16:
            engine, why = "openai-whisper", "this CPU supports bfloat16, in which openai-whisper is faster"
        else:
            engine, why = "faster-whisper", "this CPU has no bfloat16, so CTranslate2 in int8 is faster"
    else:
        why = "chosen with --engine"
    if engine == "openai-whisper":
        precision: Precision = "float16" if on_gpu else "bfloat16" if machine.bfloat16 else "float32"
        return EngineChoice(where, "openai-whisper", precision, why)
    return EngineChoice(where, "faster-whisper", "float16" if on_gpu else "int8", why)
