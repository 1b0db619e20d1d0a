"""A child that is killed, hangs or gives less than there is: an error that says so, and nothing of it is kept."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from audio.audition import write_audition
from audio.cut import cut_audio
from audio.decode import decode
from audio.ffmpeg import check_readable, ffmpeg_program, running
from audio.listening import facts
from pipeline.errors import AudioError, CleancastError, ProgramError, StoreError
from pipeline.timeline import CutList, Span
from tests.audio.made import tone, write_wav

SECONDS = 20.0
CUTS = CutList.of([Span(2.0, 8.0)], duration=SECONDS)
PASSED = 200_000  # bytes that come through before the fault

FAULTS = {
    "killed": f'"$real" "$@" 2>/dev/null | head -c {PASSED}; kill -9 $$',
    "a shell that says killed": f'"$real" "$@" 2>/dev/null | head -c {PASSED}; exit 137',
    "crashed": f'"$real" "$@" 2>/dev/null | head -c {PASSED}; kill -SEGV $$',
    "less, and status 0": f'"$real" "$@" 2>/dev/null | head -c {PASSED}; exit 0',
    "less, and status 1": f'"$real" "$@" 2>/dev/null | head -c {PASSED}; exit 1',
    "talk, less, and status 0": f'"$real" "$@" | head -c {PASSED}; exit 0',
}
FILE_FAULTS = {
    "killed": "kill -9 $$",
    "half a file, and killed": '"$real" "$@"; truncate -s 20000 "$file"; kill -9 $$',
    "half a file, and status 0": '"$real" "$@"; truncate -s 20000 "$file"; exit 0',
    "an empty file": '"$real" "$@"; truncate -s 0 "$file"; exit 0',
    "no room": 'echo "x: No space left on device" >&2; exit 228',
}
Plant = Callable[[str, str], None]


@pytest.fixture
def plant(tmp_path, monkeypatch) -> Iterator[Plant]:
    """``plant(words, fault)``: an ffmpeg that does as ``fault`` says when its arguments hold ``words``."""
    real = ffmpeg_program()

    def put(words: str, fault: str) -> None:
        program = tmp_path / "bin" / "ffmpeg"
        program.parent.mkdir()
        last = 'for word; do case "$word" in file:*) file="${word#file:}";; esac; done'
        program.write_text(
            f'#!/bin/sh\nreal="{real}"\n{last}\ncase "$*" in *"{words}"*) {fault};; esac\nexec "$real" "$@"\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        ffmpeg_program.cache_clear()
        assert ffmpeg_program() == str(program)

    yield put
    monkeypatch.undo()
    ffmpeg_program.cache_clear()


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return write_wav(tmp_path_factory.mktemp("source") / "x.wav", tone(SECONDS))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_decoder_that_gives_less_than_there_is(source, plant, fault):
    plant("pcm_f32le -ar", FAULTS[fault])
    with pytest.raises(ProgramError, match=r"x\.wav: .*(decoded|examined)"):
        decode(source)


@pytest.mark.parametrize(
    ("fault", "loudness"),
    [
        ("killed", None),
        ("crashed", None),
        ("less, and status 0", None),
        ("killed", -16.0),
        ("less, and status 0", -16.0),
    ],
)
def test_a_cut_whose_decoder_gives_less_than_there_is(source, plant, tmp_path, fault, loudness):
    plant("-f f32le -ac", FAULTS[fault])
    with pytest.raises(ProgramError):
        cut_audio(source, CUTS, tmp_path / "clean.mp3", loudness=loudness)
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


@pytest.mark.parametrize(
    ("fault", "ending"), [*((fault, "mp3") for fault in FILE_FAULTS), ("half a file, and status 0", "m4a")]
)
def test_an_encoder_that_writes_less_than_there_is(source, plant, tmp_path, fault, ending):
    plant({"mp3": "libmp3lame", "m4a": "-c:a aac"}[ending], FILE_FAULTS[fault])
    (tmp_path / f"clean.{ending}").write_bytes(b"old")
    with pytest.raises(StoreError if fault == "no room" else ProgramError, match=f"clean.{ending}: "):
        cut_audio(source, CUTS, tmp_path / f"clean.{ending}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", f"clean.{ending}"]
    assert (tmp_path / f"clean.{ending}").read_bytes() == b"old"


@pytest.mark.parametrize("words", ["pcm_s16le", "b:a 96k"])
def test_an_audition_whose_children_are_killed(source, plant, tmp_path, words):
    plant(words, "kill -9 $$")
    with pytest.raises(ProgramError, match="SIGKILL"):
        write_audition(source, CUTS, tmp_path / "removed.mp3")
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


@pytest.mark.parametrize(
    ("child", "why"),
    [
        ("import os; os.kill(os.getpid(), 9)", "memory runs out"),
        ("raise SystemExit(3)", "ended with status 3"),
        ("input(); print('{')", "gave no answer"),
        ("input(); import time; time.sleep(300)", "stopped responding"),
    ],
)
def test_a_probe_that_is_killed_is_no_verdict_on_the_file(source, monkeypatch, child, why):
    real = facts.COMMAND
    examiner = facts._Examiner()
    monkeypatch.setattr(facts, "COMMAND", (sys.executable, "-c", child))
    with pytest.raises(ProgramError, match=f"could not be examined .*{why}"):
        examiner.ask(str(source), stall_s=1.0)
    monkeypatch.setattr(facts, "COMMAND", real)
    assert examiner.ask(str(source))["container"] == "wav"
    assert examiner.process is not None
    examiner.process.kill()
    examiner.process.wait()
    assert examiner.ask(str(source))["container"] == "wav", "one that died between two files is started again"
    assert examiner.ask(str(source.parent))["error"] and examiner.ask(str(source))["duration"] == SECONDS
    examiner.end()


def _ends(pid: int) -> bool:
    for _ in range(100):
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
                continue
        return True
    return False


@pytest.mark.parametrize("ends", [True, False], ids=["wrapper ends first", "wrapper waits"])
def test_what_a_child_started_is_ended_with_it(tmp_path, ends):
    note = tmp_path / "pid"
    inner = "import os, time, pathlib; pathlib.Path(os.environ['NOTE']).write_text(str(os.getpid())); time.sleep(300)"
    wait = "" if ends else "wait"
    script = f'NOTE={note} {sys.executable} -c "{inner}" & while [ ! -s {note} ]; do sleep 0.02; done; {wait}'
    with running(["/bin/sh", "-c", script], stall_s=60.0 if ends else 1.0) as run:
        while run.read(1 << 10):
            pass
    assert run.stalled == (not ends), "what a program that ended well has left behind is no reason to wait"
    assert _ends(int(note.read_text()))


def test_a_pipe_as_source_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "x.mp3")
    with pytest.raises(AudioError, match="is a pipe, a socket or a device"):
        check_readable(tmp_path / "x.mp3")
    with pytest.raises(CleancastError):
        decode(tmp_path / "x.mp3")
