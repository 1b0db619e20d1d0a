"""The doctor finds each fault that is planted, names the fix, and says nothing of what is well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from audio.examine import examine_ffmpeg
from audio.memory import free_memory
from models.machine import Machine as Computer
from models.whisper.choice import choose_engine
from pipeline.commands.doctor import Machine, examine, print_checks, print_checks_json
from pipeline.wiring import this_machine
from tests.paths import ROOT


@pytest.fixture
def well(tmp_path: Path) -> Machine:
    return Machine(
        weights=lambda: [("whisper-base", ""), ("minilm", "")],
        ffmpeg=lambda: ("/usr/bin/ffmpeg", "7.1", ()),
        device=lambda: "cpu",
        cache=tmp_path,
        packages=("torch",),
        version=lambda name: "1.0",
        free_disk=lambda path: 10**12,
        free_memory=lambda: 10**11,
    )


def raising(error: BaseException):
    def call(*_: object):
        raise error

    return call


FAULTS = {
    "package": ({"version": raising(PackageNotFoundError("x"))}, "torch", "pip install"),
    "weights": (
        {"weights": lambda: [("minilm", "model.bin is damaged")]},
        "weights minilm",
        "cleancast models pull minilm",
    ),
    "no ffmpeg": ({"ffmpeg": raising(RuntimeError("none"))}, "ffmpeg", "pip install imageio-ffmpeg"),
    "ffmpeg is dead": ({"ffmpeg": lambda: ("/bin/false", "", ())}, "ffmpeg", "another ffmpeg"),
    "ffmpeg lacks": ({"ffmpeg": lambda: ("/f", "4", ("encoders: libmp3lame",))}, "ffmpeg", "another ffmpeg"),
    "torch": ({"device": raising(ImportError("libc10.so"))}, "device", "pip install"),
    "memory": ({"free_memory": lambda: 10**8}, "memory", "--jobs 1"),
    "disk": ({"free_disk": lambda path: 10**6}, "output folder", "choose another with -o"),
    "cache": ({"cache": Path("/proc/nowhere")}, "cache folder", "CLEANCAST_CACHE"),
}


def test_a_machine_that_is_well(well, tmp_path) -> None:
    checks = examine(well, out=tmp_path / "not/yet/there")
    assert all(check.good for check in checks) and not list(tmp_path.iterdir())
    assert json.loads(print_checks_json(checks))["good"] is True
    assert print_checks(checks).endswith("this machine has everything a run needs")


@pytest.mark.parametrize(("change", "name", "fix"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found_with_its_fix(well, tmp_path, change, name, fix) -> None:
    checks = examine(replace(well, **change), out=tmp_path)
    wrong = {check.name: check for check in checks if not check.good}
    assert fix in wrong[name].fix and wrong[name].problem
    assert name in print_checks(checks) and fix in print_checks(checks)
    listed = json.loads(print_checks_json(checks))
    assert listed["good"] is False and {c["name"] for c in listed["checks"] if not c["good"]} == set(wrong)


@pytest.mark.parametrize(
    ("machine", "engine", "why"),
    [
        (Computer(), "faster-whisper", "int8"),
        (Computer(frozenset({"avx512_bf16"})), "openai-whisper", "bfloat16"),
        (Computer(cuda=True), "openai-whisper", "batched"),
    ],
)
def test_the_engine_of_this_machine_is_said_and_why(well, tmp_path, monkeypatch, machine, engine, why) -> None:
    monkeypatch.setattr("models.machine.read_machine", lambda: machine)
    asked = replace(well, device=this_machine().device)
    found = {check.name: check for check in examine(asked, out=tmp_path)}["device"].found
    assert engine in found and choose_engine(machine).why in found and why in found


def test_the_ffmpeg_that_is_used_can_do_what_is_asked() -> None:
    path, version, lacking = examine_ffmpeg()
    assert Path(path).exists() and version and lacking == ()


def test_an_ffmpeg_that_lacks_an_encoder_is_told(tmp_path) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text(
        '#!/bin/sh\ncase "$*" in *-version*) echo "ffmpeg version 4.0 x";; *-encoders*) echo " A..... aac AAC";; '
        "*) for n in mp3 aac vorbis opus flac alac wmav2 pcm_s16le pcm_f32le atrim afade asplit concat aresample "
        'mov,mp4 ogg wav matroska,webm; do echo " D $n x"; done;; esac\n'
    )
    poor.chmod(0o755)
    assert examine_ffmpeg(str(poor)) == (str(poor), "4.0", ("encoders: libmp3lame, pcm_f32le",))


def test_free_memory_is_what_is_left_of_the_machine_or_of_the_container(tmp_path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9000 kB\nMemAvailable: 5000 kB\n")
    assert free_memory(meminfo, tmp_path) == 5_120_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("900000\n")
    assert free_memory(meminfo, tmp_path) == 5_120_000
    (tmp_path / "memory.max").write_text("1000000\n")
    assert free_memory(meminfo, tmp_path) == 100_000
    assert free_memory(tmp_path / "none", tmp_path / "none") == 0


def test_the_command_fails_where_weights_are_missing_and_says_so_in_json(tmp_path) -> None:
    environment = {**os.environ, "CLEANCAST_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "pipeline", "doctor", "--json", "-o", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    listed = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 1 and done.stderr == ""
    assert listed["weights whisper-base"]["fix"] == "cleancast models pull whisper-base"
    assert listed["ffmpeg"]["good"] and listed["output folder"]["good"]
