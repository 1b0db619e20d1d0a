"""One episode on bad days: a disk that fills, files of other versions, a clock that runs back, networks gone astray."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import pipeline.cache
from pipeline.batch.jobs import Job
from pipeline.batch.progress import Quiet
from pipeline.batch.rounds import Many
from pipeline.batch.sources import Recording
from pipeline.batch.workers.worker import work_on
from pipeline.cache import EpisodeFolder
from pipeline.errors import AudioError, CleancastError, StoreError
from pipeline.formats.records.result_json import parse_result
from pipeline.library.recordings import describe_source
from pipeline.ports import Tool, Tools
from pipeline.result import Result
from pipeline.run import Run, run_episode
from pipeline.settings import Settings
from pipeline.timeline import Diarization, Transcript, Turn, Waveform, Word
from pipeline.wiring import scripted_tools
from tests.trees import tree

STAGES = ("decoded", "diarize", "transcribe", "ads", "described", "clean", "removed")
OUTPUTS = ("result.json", "episode.html")


def run(library: Path, out: Path, tools: Tools | None = None, settings: Settings | None = None) -> Result:
    path = library / "in/ep0.wav"
    episode = describe_source(path, title="Birds", show="Show")
    tools = tools or scripted_tools(library / "case")
    return run_episode(Run(episode, path, EpisodeFolder(out), tools, settings or Settings(), Quiet())).result


@pytest.fixture(scope="module")
def whole(library, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("whole")
    run(library, out)
    return out


@pytest.mark.parametrize("name", [*(f"stages/{stage}.json" for stage in STAGES), *OUTPUTS])
def test_a_disk_that_fills_keeps_finished_work_and_says_which_file(library, whole, tmp_path, monkeypatch, name) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    (out / name).unlink()
    real = os.fsync

    def full(handle: int) -> None:
        if f".writing-{Path(name).name}" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(StoreError, match=rf"{Path(name).name}: cannot be written \(No space left .*run again"):
            run(library, out)
    assert not list(out.rglob(".writing-*")) and not list(out.rglob(".*.part*"))
    run(library, out)
    assert tree(out) == tree(whole)


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 4 MB of its own; only root may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "t", disk], capture_output=True).returncode
    ):
        pytest.skip("a file system of its own needs root")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("name", ["clean.mp3", "removed.mp3"])
def test_sound_that_does_not_fit_on_the_disk_leaves_no_half_file(library, whole, small_disk, monkeypatch, name) -> None:
    out = small_disk / "out"
    shutil.copytree(whole, out)
    (out / name).unlink()
    monkeypatch.setattr(pipeline.cache, "NEEDED_BYTES", 0)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    with pytest.raises(CleancastError) as error:
        run(library, out)
    assert "\n" not in str(error.value) and "written" in str(error.value)
    assert not (out / name).exists() and not list(out.rglob(".*.part*"))
    filler.unlink()
    run(library, out)
    assert tree(out) == tree(whole)


def test_an_almost_full_disk_is_said_before_anything_is_begun(library, small_disk) -> None:
    with pytest.raises(StoreError, match=r"almost full .* free some space and run again"):
        run(library, small_disk / "show/birds")
    assert list(small_disk.iterdir()) == []


def test_a_folder_that_is_read_only_is_said(library, whole, small_disk) -> None:
    shutil.copytree(whole, small_disk / "out")
    before = tree(small_disk / "out")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreError, match=r"cannot be written .* choose another with -o"):
        run(library, small_disk / "out")
    assert tree(small_disk / "out") == before


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "change",
    [
        lambda record: record | {"version": 99, "key": "of a newer version", "data": {"new": "shape"}},
        lambda record: record | {"data": {"new": "shape"}},
        lambda record: record | {"data": [[None]]},
    ],
    ids=["newer", "the same key, another shape", "nonsense"],
)
def test_a_stage_file_of_another_version_is_made_again(library, whole, tmp_path, stage, change) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    file = out / "stages" / f"{stage}.json"
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    run(library, out)
    assert (
        tree(out).keys() == tree(whole).keys()
        and file.read_bytes() == (whole / f"stages/{stage}.json").read_bytes()
    )


def test_a_result_of_a_newer_version_is_made_again(library, whole, tmp_path) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    (out / "result.json").write_text('{"version": 2}')
    run(library, out)
    assert tree(out) == tree(whole)


def test_a_clock_that_runs_backwards_changes_nothing(library, whole, tmp_path, monkeypatch) -> None:
    now = [2e9]

    def back() -> float:
        now[0] -= 1000
        return now[0]

    monkeypatch.setattr(time, "time", back)
    run(library, tmp_path / "out")
    assert tree(tmp_path / "out") == tree(whole)


def test_a_watched_file_from_the_future_is_taken_once_it_keeps_still(library, tmp_path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"x")
    os.utime(file, (time.time() + 10**6,) * 2)
    many, entry = Many(lambda: (), None), Recording(str(file))  # type: ignore[arg-type]
    assert [many._is_fresh(entry) for _ in range(3)] == [False, True, False]


# ---- networks gone astray


def tools_with(library: Path, **heard: object) -> Tools:
    given = {name: Tool(f"astray {name}", lambda thing=thing: thing) for name, thing in heard.items()}
    return replace(scripted_tools(library / "case"), **given)


class Hearing:
    """A transcriber that hears the same in whatever it is given, spread over it; ``asked`` counts."""

    def __init__(self, words: list[str], language: str = "en", probability: float = 0.9) -> None:
        self.words, self.language, self.probability, self.asked = words, language, probability, 0

    def transcribe(self, wave, speech, *, language=None, progress=None) -> Transcript:
        self.asked += 1
        start, end = speech[0].start, speech[-1].end
        step = (end - start) / len(self.words)
        times = [start + n * step for n in range(len(self.words))]
        words = tuple(Word(t, t + step * 0.9, w, self.probability) for t, w in zip(times, self.words, strict=True))
        return Transcript(words, self.language, "astray")


class Talking:
    """A diarizer that finds one voice all along, or nobody."""

    def __init__(self, silent: bool = False) -> None:
        self.silent = silent

    def diarize(self, wave, *, speakers=(None, None), progress=None) -> Diarization:
        turns = () if self.silent else (Turn(0.0, wave.duration, "Speaker 1"),)
        return Diarization(turns, turns, tuple(t for t in turns), {})


def test_whisper_in_a_loop_is_taken_out_and_said(library, tmp_path) -> None:
    hearing = Hearing(["thank", "you", "for", "watching"] * 60)
    began = time.process_time()
    try:
        result = run(library, tmp_path, tools_with(library, transcriber=hearing, diarizer=Talking()))
    except AudioError as error:
        assert "no words were recognised" in str(error)
    else:
        assert len(result.transcript.words) < 60 and result.warnings
    assert hearing.asked < 20 and time.process_time() - began < 10


@pytest.mark.parametrize("language", ["xx", "", "klingon"])
def test_a_language_that_nothing_here_knows_goes_all_the_way(library, tmp_path, language) -> None:
    words = [f"qapla{n}" for n in range(13)]
    result = run(library, tmp_path, tools_with(library, transcriber=Hearing(words, language), diarizer=Talking()))
    assert len(result.transcript.words) == len(words)
    assert parse_result((tmp_path / "result.json").read_text()).transcript.language == language


def test_a_language_that_whisper_does_not_know_is_refused_before_any_work(library, tmp_path) -> None:
    path = library / "in/ep0.wav"
    job = Job(0, describe_source(path), str(path), str(tmp_path / "out"), str(path))
    outcome = work_on(job, Settings(out=tmp_path, language="klingon"), Quiet())
    assert outcome.failed and "Whisper does not know the language 'klingon'; give a code such as" in outcome.reason
    assert not (tmp_path / "out").exists()


def test_applause_is_no_episode_and_leaves_nothing(library, tmp_path) -> None:
    with pytest.raises(AudioError, match=r"no speech was found in its 12\.0 s of sound; is it the right file"):
        run(library, tmp_path / "out", tools_with(library, diarizer=Talking(silent=True)))
    assert not (tmp_path / "out").exists()


def test_a_network_that_hears_nothing_in_speech_is_said(library, tmp_path) -> None:
    hearing = Hearing(["x"])
    hearing.transcribe = lambda *_, **__: Transcript((), "en", "deaf")  # type: ignore[method-assign]
    with pytest.raises(AudioError, match="no words were recognised in it; is the language right"):
        run(library, tmp_path, tools_with(library, transcriber=hearing, diarizer=Talking()))


@pytest.mark.weights
@pytest.mark.parametrize("kind", ["applause", "noise"])  # silence: tests/pipeline/test_cli.py
def test_the_real_diarizer_finds_nobody_in_it(kind) -> None:
    from models.diarization.diarizer import PyannoteDiarizer

    random, size = np.random.default_rng(3), 30 * 16_000
    samples = random.normal(size=size) * {"applause": 0.001, "noise": 0.1}[kind]
    if kind == "applause":
        clap = np.exp(-np.arange(800) / 120)
        for at in random.integers(0, size - 800, 30 * 160):
            samples[at : at + 800] += random.normal(size=800) * clap * random.uniform(0.2, 1)
        samples *= 0.7 / np.abs(samples).max()
    assert PyannoteDiarizer().diarize(Waveform(samples.astype(np.float32), 16_000)).speech == ()
