"""Names, stage files and links as nobody would write them: words or healed, never an internal error."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from pipeline.batch.jobs import Job
from pipeline.batch.progress import Quiet
from pipeline.batch.sources import Recording, find_recordings
from pipeline.batch.workers.worker import work_on
from pipeline.cache import EpisodeFolder, read_json, write_atomic
from pipeline.errors import AudioError, CleancastError, StoreError
from pipeline.feeds.download import _name
from pipeline.formats.records.chapters_json import parse_chapters
from pipeline.library.recall import recall
from pipeline.library.recordings import describe_source, folder_for
from pipeline.settings import Settings
from tests.trees import tree


@pytest.fixture(scope="module")
def made(library, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("made")
    assert not outcome_of(library, library / "in/ep0.wav", out).failed
    return out


def outcome_of(library: Path, path: Path, out: Path):
    episode = describe_source(path, show="Show")
    folder = folder_for(episode, path, out)
    job = Job(0, episode, str(path), str(folder.path), str(path))
    return work_on(job, Settings(out=out, scripted=library / "case"), Quiet())


def test_a_name_that_is_not_utf8_goes_all_the_way(library, tmp_path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xff.wav"))
    shutil.copy(library / "in/ep0.wav", path)
    outcome = outcome_of(library, path, tmp_path / "out")
    assert not outcome.failed, outcome.reason
    folder = EpisodeFolder(Path(outcome.folder))
    assert recall(folder).path == path.resolve()
    for file in folder.path.rglob("*.json"):
        json.loads(file.read_bytes().decode())
    assert outcome_of(library, path, tmp_path / "out").status == "reused"


NASTY = {
    "deep": lambda text: "[" * 200_000,
    "NaN": lambda text: json.dumps({**json.loads(text), "data": float("nan")}),
    "a number that is none": lambda text: json.dumps({**json.loads(text), "data": 1}).replace(": 1}", ": 1e999}"),
    "bytes": lambda text: "\x00\x01",
    "another type": lambda text: json.dumps({**json.loads(text), "data": {"a": [None]}}),
}


@pytest.mark.parametrize("nasty", NASTY)
def test_whatever_stands_in_the_stage_files_is_made_again(library, made, tmp_path, nasty) -> None:
    out = tmp_path / "out"
    shutil.copytree(made, out)
    (folder,) = {file.parent.parent for file in out.glob("*/*/stages/transcribe.json")}
    before = tree(folder)
    for file in folder.glob("stages/*.json"):
        if file.name not in ("run.json", "matches.json", "recognised.json"):
            text = file.read_text()
            file.write_text(NASTY[nasty](text) if text.startswith('{"stage"') or nasty in ("deep", "bytes") else "[")
    outcome = outcome_of(library, library / "in/ep0.wav", out)
    assert not outcome.failed, outcome.reason
    assert tree(folder) == before


def test_nothing_infinite_is_read(tmp_path) -> None:
    for text in ("NaN", "[Infinity]", '{"a": -1e999}', "[" * 100_000):
        write_atomic(tmp_path / "x.json", text)
        with pytest.raises(ValueError):
            read_json(tmp_path / "x.json")


@pytest.mark.parametrize("name", ["a\0b.mp3", "n" * 300 + ".mp3", "/".join(["d" * 200] * 30), "x" * 5000])
def test_a_name_that_no_file_can_have_costs_itself_alone(tmp_path, name) -> None:
    (recording,) = find_recordings([name], leave_out=tmp_path)
    assert isinstance(recording, Recording)
    with pytest.raises(AudioError):
        describe_source(Path(recording.place))
    with pytest.raises(CleancastError), EpisodeFolder(tmp_path / name).locked():
        pass


@pytest.mark.parametrize("letter", ["a", "é", "漢", "\U00020000"])
def test_a_downloads_name_fits_on_any_disk(letter) -> None:
    assert len(_name(f"https://a.example/{letter * 400}.mp3", "").encode()) < 120


def test_a_folder_that_becomes_read_only_is_said(tmp_path, monkeypatch) -> None:
    folder = EpisodeFolder(tmp_path / "show/one")
    real = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if tmp_path in path.parents:
            raise OSError(30, "Read-only file system", str(path))
        real(path, missing_ok)

    with monkeypatch.context() as patch, pytest.raises(StoreError, match="Read-only file system"), folder.locked():
        patch.setattr(Path, "unlink", refuse)
        folder.forget("transcribe")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " javascript:x", "file:///etc", "//a.b", "http:///x"]
)
def test_only_links_to_the_web_come_out_of_chapters(url) -> None:
    text = json.dumps({"version": "1.2.0", "chapters": [{"startTime": 0, "title": "A", "url": url}]})
    assert parse_chapters(text)[0].url == ""
    good = text.replace(json.dumps(url), '"HTTPS://a.example/x"')
    assert parse_chapters(good)[0].url == "HTTPS://a.example/x"
