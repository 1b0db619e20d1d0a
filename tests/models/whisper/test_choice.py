"""Which engine ``auto`` stands for, over a table of machines; what a CPU can do, from what Linux lists of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.machine import Machine, cpu_flags
from models.whisper.choice import choose_device, choose_engine

PLAIN = Machine(frozenset({"avx2", "avx512f"}))
AVX512_BF16 = Machine(frozenset({"avx512f", "avx512_bf16"}))
AMX_BF16 = Machine(frozenset({"amx_tile", "amx_bf16"}))
UNKNOWN = Machine()
GPU = Machine(frozenset({"avx2"}), cuda=True)
OPENAI, FASTER = "openai-whisper", "faster-whisper"

CPUINFO = """processor\t: 0
model name\t: A processor
flags\t\t: fpu sse2 {flags}
bugs\t\t: none

processor\t: 1
flags\t\t: fpu sse2 other
"""


@pytest.mark.parametrize(
    ("machine", "engine", "device", "chosen"),
    [
        (PLAIN, "auto", "auto", ("cpu", FASTER, "int8")),
        (UNKNOWN, "auto", "auto", ("cpu", FASTER, "int8")),
        (AVX512_BF16, "auto", "auto", ("cpu", OPENAI, "bfloat16")),
        (AMX_BF16, "auto", "auto", ("cpu", OPENAI, "bfloat16")),
        (GPU, "auto", "auto", ("cuda", OPENAI, "float16")),
        (GPU, "auto", "cuda:1", ("cuda:1", OPENAI, "float16")),
        (GPU, "auto", "cpu", ("cpu", FASTER, "int8")),
        (PLAIN, OPENAI, "auto", ("cpu", OPENAI, "float32")),
        (AVX512_BF16, OPENAI, "auto", ("cpu", OPENAI, "bfloat16")),
        (AVX512_BF16, FASTER, "auto", ("cpu", FASTER, "int8")),
        (GPU, FASTER, "auto", ("cuda", FASTER, "float16")),
        (GPU, OPENAI, "cpu", ("cpu", OPENAI, "float32")),
    ],
)
def test_the_engine_follows_from_the_machine(machine, engine, device, chosen):
    found = choose_engine(machine, engine=engine, device=device)
    assert (found.device, found.engine, found.precision) == chosen


@pytest.mark.parametrize("engine", [OPENAI, FASTER])
def test_a_named_engine_is_taken_on_every_machine(engine):
    for machine in (PLAIN, AVX512_BF16, AMX_BF16, GPU, UNKNOWN):
        found = choose_engine(machine, engine=engine)
        assert found.engine == engine and "--engine" in found.why


@pytest.mark.parametrize("machine", [PLAIN, AVX512_BF16, GPU])
def test_every_choice_has_a_reason_and_the_device_is_resolved(machine):
    found = choose_engine(machine)
    assert found.why and found.device == choose_device(machine) != "auto"


def test_the_reason_is_the_machines_own():
    assert "bfloat16" in choose_engine(AVX512_BF16).why
    assert len({choose_engine(machine).why for machine in (PLAIN, AVX512_BF16, GPU)}) == 3


@pytest.mark.parametrize(
    ("flags", "bfloat16"),
    [("avx2", False), ("avx2 avx512_bf16", True), ("amx_bf16 amx_tile", True), ("avx512_bf16x", False), ("", False)],
)
def test_the_features_of_a_cpu_are_read_from_what_linux_lists(tmp_path: Path, flags: str, bfloat16: bool):
    file = tmp_path / "cpuinfo"
    file.write_text(CPUINFO.format(flags=flags))
    found = cpu_flags(file)
    assert found == {"fpu", "sse2", *flags.split()}, "those of the first CPU"
    assert Machine(found).bfloat16 is bfloat16


@pytest.mark.parametrize("text", ["", "Features\t: fp asimd bf16\n", "flags\n"])
def test_a_system_that_lists_no_features_has_none(tmp_path: Path, text: str):
    file = tmp_path / "cpuinfo"
    file.write_text(text)
    assert cpu_flags(file) == frozenset()
    assert cpu_flags(tmp_path / "missing") == frozenset()
