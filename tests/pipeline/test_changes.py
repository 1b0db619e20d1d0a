"""A recording that changes under a run, and two recordings that want one folder: nothing is kept of the wrong one."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline.locks
from pipeline.batch.jobs import Job
from pipeline.batch.progress import Quiet
from pipeline.batch.workers.worker import work_on
from pipeline.cache import EpisodeFolder, FolderBusy, FolderTaken
from pipeline.errors import ChangedError, StoreError
from pipeline.library.recordings import describe_source, folder_for
from pipeline.ports import Tool
from pipeline.run import Run, run_episode
from pipeline.settings import Settings
from pipeline.wiring import scripted_tools
from tests.trees import tree


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def touched(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-2, 2)
        file.write(b"xy")


CHANGES: dict[str, Callable[[Path], None]] = {"cut short": truncated, "changed": touched, "gone": Path.unlink}


@pytest.mark.parametrize(
    ("tool", "when", "change"),
    [
        ("decode", "before", "cut short"),
        ("decode", "after", "changed"),
        ("cut_audio", "before", "changed"),
        ("cut_audio", "after", "gone"),
        ("audition", "after", "changed"),
    ],
)
def test_a_recording_that_changes_under_a_run(library, tmp_path, change, tool, when) -> None:
    path, out, tools = tmp_path / "ep.wav", tmp_path / "out", scripted_tools(library / "case")
    shutil.copy(library / "in/ep0.wav", path)
    adapter = getattr(tools, tool)

    def make():
        def call(*given, **named):
            if when == "before":
                CHANGES[change](path)
            made = adapter()(*given, **named)
            if when == "after":
                CHANGES[change](path)
            return made

        return call

    run = Run(describe_source(path), path, EpisodeFolder(out), tools, Settings(memory=False), Quiet())
    with pytest.raises(ChangedError):
        run_episode(replace(run, tools=replace(tools, **{tool: Tool(adapter.identity, make)})))
    stored = tree(out)
    assert not any(name in stored for name in ("result.json", "episode.html", "stages/removed.json"))
    if tool != "audition":
        assert not any(name.startswith(("clean.", "stages/clean")) for name in stored)
    assert not (tool == "decode" and "stages/decoded.json" in stored)
    shutil.copy(library / "in/ep0.wav", path)
    run_episode(run)
    assert "result.json" in tree(out)


def test_a_recording_of_the_same_title_gets_a_folder_of_its_own_though_both_began_at_once(library, tmp_path) -> None:
    jobs = []
    for number in range(2):  # both are prepared before either is worked on, as by two programs
        path = library / f"in/ep{number}.wav"
        episode = describe_source(path, title="Same", show="Show")
        folder = folder_for(episode, path, tmp_path)
        jobs.append(Job(number, episode, str(path), str(folder.path), str(path)))
    assert jobs[0].folder == jobs[1].folder
    settings = Settings(out=tmp_path, scripted=library / "case", memory=False)
    outcomes = [work_on(job, settings, Quiet()) for job in jobs]
    assert not any(outcome.failed for outcome in outcomes)
    assert len({outcome.folder for outcome in outcomes}) == 2
    for job, outcome in zip(jobs, outcomes, strict=True):
        owner = EpisodeFolder(Path(outcome.folder)).owner()
        assert owner and owner["sha256"] == job.episode.sha256
    assert folder_for(jobs[1].episode, Path(jobs[1].path), tmp_path).path == Path(outcomes[1].folder)


def test_a_folder_is_claimed_before_work_and_known_by_its_result_too(tmp_path) -> None:
    folder, path = EpisodeFolder(tmp_path / "show/episode"), tmp_path / "a.wav"
    with folder.locked():
        folder.claim(sha256="one", path=path, source="a.wav")
    with folder.locked(), pytest.raises(FolderTaken):
        folder.claim(sha256="two", path=tmp_path / "elsewhere/a.wav", source="a.wav")
    assert folder.is_for(sha256="two", path=path, source="a.wav")  # the same place: a better export
    assert folder.is_for(sha256="one", path=tmp_path / "moved.wav", source="moved.wav")
    (folder.stages / "episode.json").write_text("{")
    (folder.path / "result.json").write_text('{"version": 1, "episode": {"sha256": "one", "source": "a.wav"}}')
    assert not folder.is_for(sha256="two", path=tmp_path / "b.wav", source="b.wav")


# ---- storage without locks


def without(monkeypatch, number: int, *kinds: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    for kind in kinds:
        monkeypatch.setattr(f"pipeline.locks.fcntl.{kind}", refuse)


NO_LOCKS = [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL]


@pytest.mark.parametrize("number", NO_LOCKS, ids=errno.errorcode.get)
@pytest.mark.parametrize("kinds", [("flock",), ("flock", "lockf")])
def test_storage_without_a_kind_of_lock_is_worked_on_with_another(tmp_path, monkeypatch, number, kinds) -> None:
    without(monkeypatch, number, *kinds)
    folder = EpisodeFolder(tmp_path / "show/episode")
    with folder.locked():
        folder.write("notes.md", "x")
        if "lockf" in kinds:  # the record locks of POSIX do not hold within one process
            with pytest.raises(FolderBusy), EpisodeFolder(folder.path).locked():
                pass
    assert [file.name for file in folder.path.rglob("*") if file.is_file()] == ["notes.md"]
    with folder.locked():
        pass


def test_a_lock_that_a_dead_process_left_is_taken_over(tmp_path, monkeypatch) -> None:
    code = (
        "import os, sys, pathlib; import pipeline.locks as l\n"
        "def no(*_): raise OSError(38, 'none')\n"
        "l.fcntl.flock = l.fcntl.lockf = no\n"
        "from pipeline.cache import EpisodeFolder\n"
        "with EpisodeFolder(pathlib.Path(sys.argv[1])).locked(): os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "e")], check=True, cwd=Path(__file__).parents[2])
    assert list((tmp_path / "e/stages").glob(f"*{pipeline.locks.SUFFIX}"))
    without(monkeypatch, errno.ENOSYS, "flock", "lockf")
    with EpisodeFolder(tmp_path / "e").locked():
        pass


@pytest.mark.parametrize("kind", ["flock", "lockf"])
def test_a_lock_that_is_held_elsewhere_is_busy(tmp_path, monkeypatch, kind) -> None:
    if kind == "lockf":
        without(monkeypatch, errno.ENOLCK, "flock")
    without(monkeypatch, errno.EAGAIN, kind)
    with pytest.raises(FolderBusy, match="another cleancast run"), EpisodeFolder(tmp_path / "e").locked():
        pass


def test_a_folder_that_cannot_be_made_is_no_busy_one(tmp_path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "nowhere" / "at all")
    with (
        pytest.raises(StoreError, match=r"cannot be (made|written)") as error,
        EpisodeFolder(tmp_path / "out/show/episode").locked(),
    ):
        pass
    assert not isinstance(error.value, FolderBusy)
