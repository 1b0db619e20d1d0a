"""The episode folder keeps finished work, and nothing else."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass

import pytest

from pipeline.cache import EpisodeFolder, read_json, write_atomic
from pipeline.errors import StoreError
from pipeline.files import read_file, read_text
from pipeline.recording import hash_file
from pipeline.timeline import Span


@dataclass(frozen=True)
class Outcome:
    spans: tuple[Span, ...]
    share: float


VALUE = Outcome((Span(0.1, 0.30000000000000004), Span(1.0, 2.0)), 1 / 3)


def never() -> Outcome:
    raise AssertionError("a finished stage was computed again")


def test_a_stage_comes_back_as_it_was_and_is_not_computed_twice(tmp_path):
    folder = EpisodeFolder(tmp_path)
    fresh = folder.stage("find", Outcome, ["a", 1], lambda: VALUE)
    again = folder.stage("find", Outcome, ["a", 1], never)
    assert fresh.value == again.value == VALUE
    assert fresh.digest == again.digest
    assert (fresh.reused, again.reused) == (False, True)


@pytest.mark.parametrize("inputs", [["b", 1], ["a", 2], ["a"]])
def test_other_inputs_make_the_stage_run_again(tmp_path, inputs):
    folder = EpisodeFolder(tmp_path)
    folder.stage("find", Outcome, ["a", 1], lambda: VALUE)
    other = folder.stage("find", Outcome, inputs, lambda: Outcome((), 0.0))
    assert other.value == Outcome((), 0.0)


@pytest.mark.parametrize("damage", ["", "{", '{"key": 5}', "[]", '"text"', "\x00\x00"])
def test_a_damaged_stage_file_is_made_again(tmp_path, damage):
    folder = EpisodeFolder(tmp_path)
    folder.stage("find", Outcome, ["a"], lambda: VALUE)
    (folder.stages / "find.json").write_text(damage)
    assert folder.stage("find", Outcome, ["a"], lambda: VALUE).value == VALUE


def test_a_stage_that_fails_leaves_nothing_behind(tmp_path):
    folder = EpisodeFolder(tmp_path / "show" / "episode")
    with pytest.raises(RuntimeError), folder.locked():
        folder.stage("find", Outcome, [], lambda: (_ for _ in ()).throw(RuntimeError("no")))
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_is_told_to_wait(tmp_path):
    folder = EpisodeFolder(tmp_path / "episode")
    with folder.locked(), pytest.raises(StoreError, match="another cleancast run"), EpisodeFolder(folder.path).locked():
        pass


def test_a_file_in_the_way_of_the_folder_is_said_in_words(tmp_path):
    (tmp_path / "show").write_text("")
    with pytest.raises(StoreError, match="cannot be written"), EpisodeFolder(tmp_path / "show" / "episode").locked():
        pass


def test_an_interrupted_write_keeps_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "notes.md"
    write_atomic(target, "old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        write_atomic(target, "new")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["notes.md"]


def test_times_are_kept_apart_from_what_was_found(tmp_path):
    folder = EpisodeFolder(tmp_path)
    folder.note_time("find", 1.25)
    folder.note_time("hear", 2.0)
    assert folder.timings() == {"find": 1.25, "hear": 2.0}
    folder.stage("find", Outcome, [], lambda: VALUE)
    assert "1.25" not in json.dumps(json.loads((folder.stages / "find.json").read_text()))


def test_a_stage_with_a_bit_flipped_is_computed_again(tmp_path):
    folder = EpisodeFolder(tmp_path)
    folder.stage("find", Outcome, ["a", 1], lambda: VALUE)
    file = folder.stages / "find.json"
    whole = file.read_bytes()
    for at in range(whole.index(b'"data"'), len(whole) - 1):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with suppress(ValueError, KeyError, TypeError):
            assert folder.load("find", Outcome).value == VALUE, "a last digit that makes no other number"
        assert folder.stage("find", Outcome, ["a", 1], lambda: VALUE).value == VALUE


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for read in (read_file, read_text, read_json, hash_file):
        with pytest.raises(OSError, match="no regular file"):
            read(pipe)
    with pytest.raises(IsADirectoryError):
        read_file(tmp_path)
    EpisodeFolder(tmp_path).write("pipe", "words")
    assert read_text(pipe) == "words"
    (tmp_path / "stages").mkdir()
    os.mkfifo(tmp_path / "stages/.lock")
    with pytest.raises(StoreError, match="cannot be written"), EpisodeFolder(tmp_path).locked():
        pass


def test_a_file_is_written_though_a_run_that_begins_sweeps_the_folder(tmp_path, monkeypatch) -> None:
    sync, begun = os.fsync, []

    def swept(handle: int) -> None:
        sync(handle)
        if not begun:
            begun.append(1)
            with EpisodeFolder(tmp_path).locked():
                pass

    monkeypatch.setattr(os, "fsync", swept)
    write_atomic(tmp_path / "edits.json", "words")
    assert read_text(tmp_path / "edits.json") == "words" and begun
    assert [path.name for path in tmp_path.iterdir()] == ["edits.json"]
