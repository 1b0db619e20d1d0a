"""Batches on bad days: killed anywhere, stopped, broken episodes, a second run beside; networks are scripted.

What is about worker processes runs the real command; the rest runs in a program that is warm already.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.jobs import Outcome
from pipeline.batch.schedule import batch_report
from pipeline.batch.view import Pace, end_table, told
from tests.pipeline.batch.warm import WarmProgram, warm_program
from tests.trees import differing, tree

HERE = Path(__file__).parent
STAGES = ("decode", "diarize", "transcribe", "ads", "notes", "clean")


def start(library: Path, out: Path, *words: object, **mishaps: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "mishaps.py"), "run", "--scripted", library / "case", "-o", out, *words]
    return subprocess.Popen(
        [str(word) for word in command],
        env={**os.environ, **mishaps},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(library: Path, out: Path, *words: object, **mishaps: str) -> tuple[int, str, str]:
    process = start(library, out, *words, **mishaps)
    said, talk = process.communicate(timeout=900)
    return process.returncode, said, talk


@pytest.fixture(scope="module")
def warm(tmp_path_factory) -> Iterator[WarmProgram]:
    with warm_program(tmp_path_factory.mktemp("warm")) as program:
        yield program


def run_here(warm: WarmProgram, library: Path, out: Path, *words: object, **mishaps: str) -> tuple[int, str, str]:
    """As ``run``, in the program that is warm."""
    return warm.run("run", "--scripted", library / "case", "-o", out, *words, **mishaps)


def outputs(out: Path) -> dict[str, bytes]:
    """Every file of an output folder but those that hold how long things took, and the index over a show's spots."""
    return tree(out, "batch.json", ".spots.sqlite")


@pytest.fixture(scope="module")
def undisturbed(library, tmp_path_factory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    code, said, _ = run(library, out, library / "in")
    assert code == 0 and len(said.splitlines()) == 3
    return outputs(out)


def test_killed_in_every_stage_and_run_again_gives_the_same_bytes(library, undisturbed, warm, tmp_path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    codes = [
        run_here(warm, library, tmp_path / "out", library / "in", DIE_IN=",".join(STAGES), DIE_NOTES=str(notes))[0]
        for _ in range(len(STAGES) + 1)
    ]
    assert codes == [-signal.SIGKILL] * len(STAGES) + [0] and len(list(notes.iterdir())) == len(STAGES)
    assert not differing(outputs(tmp_path / "out"), undisturbed)


@pytest.mark.slow
def test_six_episodes_two_of_them_broken_killed_twice_give_the_same_bytes(library, warm, tmp_path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(4):
        sound = bytearray((library / f"in/ep{number % 3}.wav").read_bytes())
        sound[1000:1002] = bytes((number, 0))  # four recordings, none the same
        (folder / f"part{number}.wav").write_bytes(sound)
    (folder / "a-text.mp3").write_text("no sound\n")
    (folder / "part2-cut.m4a").write_bytes(b"\0\0\0 ftypM4A " + bytes(200))
    code, said, talk = run_here(warm, library, tmp_path / "whole", folder)
    assert code == 1 and len(said.splitlines()) == 4 and "6 episodes: 4 done, 2 FAILED" in talk
    for write in ("40", "61"):
        assert run(library, tmp_path / "killed", folder, DIE_AT_WRITE=write)[0] == -signal.SIGKILL
    code, said, talk = run(library, tmp_path / "killed", folder)
    assert code == 1 and len(said.splitlines()) == 4 and "reused" in talk
    assert not differing(outputs(tmp_path / "killed"), outputs(tmp_path / "whole"))


def test_killed_every_few_writes_and_run_again_gives_the_same_bytes(library, undisturbed, warm, tmp_path) -> None:
    out, kills = tmp_path / "out", 0
    for folder in (out, out / "episodes"):  # what a program was writing there when it was killed
        folder.mkdir()
        (folder / ".writing-index.html.half").write_text("<!doctype")
    while (code := run_here(warm, library, out, library / "in", DIE_AT_WRITE=str(7 + kills % 4))[0]) != 0:
        assert code == -signal.SIGKILL
        kills += 1
        assert kills < 100
    assert kills > 10
    assert not differing(outputs(out), undisturbed)


def test_two_jobs_give_the_same_bytes_and_a_second_run_reuses_all(library, undisturbed, tmp_path) -> None:
    out = tmp_path / "out"
    assert run(library, out, library / "in", "--jobs", 2)[0] == 0
    assert not differing(outputs(out), undisturbed)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file() and p.name != "batch.json"}
    code, said, talk = run(library, out, library / "in", "--jobs", 2)
    assert code == 0 and len(said.splitlines()) == 3 and "3 reused" in talk
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file() and p.name != "batch.json"} == before
    assert json.loads((out / "batch.json").read_text())["counts"] == {"done": 0, "reused": 3, "held": 0, "failed": 0}


def test_bad_episodes_never_stop_the_rest(library, tmp_path) -> None:
    (tmp_path / "text.mp3").write_text("no sound\n")
    listed = tmp_path / "list.txt"
    names = [tmp_path / "text.mp3", library / "in/ep0.wav", tmp_path / "missing.mp3", library / "in/ep1.wav"]
    listed.write_text("\n".join(map(str, names)))
    code, said, talk = run(library, tmp_path / "out", listed)
    assert code == 1 and [Path(line).name for line in said.splitlines()] == ["ep0", "ep1"]
    report = json.loads((tmp_path / "out/batch.json").read_text())
    assert [e["status"] for e in report["episodes"]] == ["failed", "done", "failed", "done"]
    assert "no such file" in report["episodes"][2]["reason"] and "Traceback" not in talk
    assert f"again: cleancast run {tmp_path / 'text.mp3'} -o {tmp_path / 'out'} --scripted {library / 'case'}" in talk
    assert "4 episodes: 2 done, 2 FAILED" in talk


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_is_killed_costs_one_episode(library, undisturbed, warm, tmp_path, jobs) -> None:
    """As the kernel does when memory runs out."""
    code, said, talk = run(library, tmp_path / "out", library / "in", "--jobs", jobs, CRASH="ep1")
    assert code == 1 and {Path(line).name for line in said.splitlines()} == {"ep0", "ep2"}
    assert "memory ran out" in talk and "2 done, 1 FAILED" in talk
    assert run_here(warm, library, tmp_path / "out", library / "in")[0] == 0
    assert not differing(outputs(tmp_path / "out"), undisturbed)


@pytest.mark.slow
def test_what_hangs_is_stopped_and_reported(library, tmp_path) -> None:
    code, _, talk = run(library, tmp_path / "out", library / "in/ep0.wav", "--time-limit", "0.03", HANG_IN="diarize")
    assert code == 1 and "--time-limit" in talk and len(talk.splitlines()) == 1


@pytest.mark.slow
def test_a_stage_that_hangs_is_called_slow_then_stopped_and_the_batch_goes_on(
    library, undisturbed, warm, tmp_path
) -> None:
    out, notes = tmp_path / "out", tmp_path / "notes"
    notes.mkdir()
    mishaps = {"HANG_IN": "transcribe", "HANG_ONCE": str(notes), "TINY_LIMITS": "1"}
    code, said, talk = run(library, out, library / "in", **mishaps)
    assert code == 1 and len(said.splitlines()) == 2 and "Traceback" not in talk
    assert "ep0: stage 'transcribe' has made no progress for" in talk
    assert "ep0.wav: stopped: stage 'transcribe' made no progress for" in talk and "2 done, 1 FAILED" in talk
    assert run_here(warm, library, out, library / "in")[0] == 0
    assert not differing(outputs(out), undisturbed)


def test_memory_that_runs_out_costs_one_episode(library, undisturbed, warm, tmp_path) -> None:
    code, said, talk = run_here(warm, library, tmp_path / "out", library / "in", NO_MEMORY="ep1")
    assert code == 1 and {Path(line).name for line in said.splitlines()} == {"ep0", "ep2"}
    assert "ep1.wav: out of memory; close other programs" in talk and "Traceback" not in talk
    assert run_here(warm, library, tmp_path / "out", library / "in")[0] == 0
    assert not differing(outputs(tmp_path / "out"), undisturbed)


@pytest.mark.parametrize(
    ("sent", "jobs", "stage"), [(signal.SIGINT, 1, "transcribe"), (signal.SIGTERM, 2, "clean")], ids=["one", "two"]
)
def test_a_stop_takes_under_five_seconds_and_says_how_to_go_on(
    library, undisturbed, warm, tmp_path, sent, jobs, stage
) -> None:
    out, hung = tmp_path / "out", tmp_path / "hung"
    process = start(library, out, library / "in", "--jobs", jobs, HANG_IN=stage, HANG_NOTE=str(hung))
    wait_for(hung.exists, at_most_s=60)
    began = time.monotonic()
    process.send_signal(sent)
    _, talk = process.communicate(timeout=300)
    assert time.monotonic() - began < 5 and process.returncode == 128 + sent
    assert "run the same command again" in talk and "Traceback" not in talk
    wait_for(lambda: not workers_on(out))
    assert run_here(warm, library, out, library / "in")[0] == 0
    assert not differing(outputs(out), undisturbed)


def test_workers_end_with_a_parent_that_is_killed(library, tmp_path) -> None:
    out = tmp_path / "out"
    process = start(library, out, library / "in", HANG_IN="transcribe")
    wait_for(lambda: list(out.glob("*/*/stages/diarize.json")))
    group = os.getpgid(process.pid)
    children = children_of(process.pid)
    process.kill()
    process.communicate()
    assert children and group == process.pid
    wait_for(lambda: not [pid for pid in children if alive(pid)])


@pytest.mark.slow
def test_two_runs_on_one_folder_do_not_hurt_each_other(library, undisturbed, tmp_path) -> None:
    out = tmp_path / "out"
    both = [start(library, out, library / "in") for _ in range(2)]
    talks = [process.communicate(timeout=900)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], talks
    assert not differing(outputs(out), undisturbed)


@pytest.mark.slow
def test_equal_titles_get_folders_of_their_own_in_any_order_of_finishing(library, warm, tmp_path) -> None:
    names = [library / f"in/ep{n}.wav" for n in range(3)]
    assert run_here(warm, library, tmp_path / "one", *names, "--title", "Same")[0] == 0
    assert run(library, tmp_path / "two", *names, "--title", "Same", "--jobs", 2)[0] == 0
    assert len([entry for entry in (tmp_path / "one/episodes").iterdir() if entry.is_dir()]) == 3
    assert not differing(outputs(tmp_path / "one"), outputs(tmp_path / "two"))


@pytest.mark.slow
def test_a_folder_is_watched(library, tmp_path) -> None:
    watched, out = tmp_path / "in", tmp_path / "out"
    watched.mkdir()
    settled = time.time() - 60

    def add(name: str) -> None:
        (watched / "half").write_bytes((library / "in" / name).read_bytes())
        os.utime(watched / "half", (settled, settled))
        (watched / "half").rename(watched / name)

    add("ep0.wav")
    process = start(library, out, watched, "--watch", "0.02")
    wait_for(lambda: (out / "episodes/ep0/result.json").exists())
    add("ep1.wav")
    (watched / "now.wav").write_bytes(b"still being written")
    wait_for(lambda: (out / "episodes/ep1/turns.rttm").exists())
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    said, talk = process.communicate(timeout=10)
    assert len(said.splitlines()) == 2 and "now" not in talk


def test_the_report_counts_and_the_table_says_it_all() -> None:
    outcomes = [
        Outcome(0, "a.mp3", "done", "A", folder="/o/s/a", audio_s=100.0, took_s=10.0),
        Outcome(1, "b.mp3", "held", "B\x1b[31m", folder="/o/s/b", audio_s=50.0, took_s=5.0),
        Outcome(2, "c.mp3", "failed", reason="c.mp3: broken", retry="cleancast run c.mp3 -o /o"),
    ]
    report = batch_report(outcomes, out=Path("/o"), took_s=15.0)
    assert report["counts"] == {"done": 1, "reused": 0, "held": 1, "failed": 1}
    assert [e.get("folder") for e in report["episodes"]] == ["s/a", "s/b", None]
    table = end_table(outcomes, took_s=15.0)
    assert "10.0 hours of sound an hour" in table
    assert "for review" in table and "again: cleancast run c.mp3 -o /o" in table and "\x1b" not in table
    assert "10.0x" in told(outcomes[0]) and "review" in told(outcomes[1])


def test_the_time_left_follows_the_sound_not_the_count() -> None:
    pace = Pace(3)
    pace.sound_s = {0: 100.0, 1: 300.0}  # the third is not known yet: it counts as 200
    pace.shares = {0: 1.0, 1: 0.5}
    assert pace.share() == pytest.approx(250 / 600)
    pace.began -= 50
    assert pace.left_s() == pytest.approx(70, rel=0.05) and pace.speed() == pytest.approx(5, rel=0.05)


@given(st.dictionaries(st.integers(5, 20), st.floats(1.0, 1e5)))
def test_what_was_done_before_or_failed_changes_no_time_left(others) -> None:
    pace, with_others = Pace(3), Pace(3 + len(others))
    with_others.began = pace.began = pace.began - 50
    pace.sound_s, pace.shares = {0: 100.0, 1: 300.0}, {0: 1.0, 1: 0.5}
    with_others.sound_s, with_others.shares = {0: 100.0, 1: 300.0, **others}, {0: 1.0, 1: 0.5}
    for number in others:
        with_others.leave_out(number)
    assert with_others.left_s() == pytest.approx(pace.left_s(), rel=0.01)
    for number in range(3):
        with_others.leave_out(number)
    assert with_others.share() == 1.0


def wait_for(what, *, at_most_s: float = 20.0) -> None:
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < at_most_s
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def workers_on(out: Path) -> Iterator[int] | list[int]:
    """Processes that still hold a file below a folder."""
    found = []
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(fd.readlink()).startswith(str(out)):
                found.append(int(fd.parts[2]))
        except OSError:
            continue
    return found
