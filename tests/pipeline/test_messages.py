"""What is said on stderr, as much as was asked for; bars never stand where data is printed."""

import io
import re
import sys

import pytest
from rich.console import Console

from pipeline.batch.jobs import Job
from pipeline.batch.rounds import next_look
from pipeline.batch.view import BarView, batch_view
from pipeline.errors import StoreError
from pipeline.messages import messages, note
from pipeline.result import Episode
from pipeline.settings import Settings
from tests.pipeline.test_cli import cleancast

JOB = Job(0, Episode("ep", "ep.mp3", 60.0, "0" * 64, title="Birds"), "ep.mp3", "out/ep", "ep.mp3")


def test_quiet_says_what_went_wrong_and_the_log_has_everything(tmp_path, monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with messages(Settings(quiet=True, log=tmp_path / "logs" / "run.log"), "cleancast run x"):
        print("ep1: done in 3 s", file=sys.stderr)
        print("cleancast: x: ", end="", file=sys.stderr)
        print("no such file", file=sys.stderr)
        sys.stderr.write("\x1b[2Ka frame of bars")
        note("said above the bars")
        assert not sys.stderr.isatty()
    assert sys.stderr is shown
    assert shown.getvalue() == "cleancast: x: no such file\n"
    lines = (tmp_path / "logs" / "run.log").read_text().splitlines()
    assert [line[20:] for line in lines] == [
        "cleancast run x",
        "ep1: done in 3 s",
        "cleancast: x: no such file",
        "said above the bars",
    ]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line) for line in lines)


def test_a_log_beside_loud_messages_leaves_them_alone(tmp_path, monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with messages(Settings(log=tmp_path / "run.log"), "cleancast run x"):
        sys.stderr.write("half a ")
        sys.stderr.write("line\n\x1b[2Kframe")
    assert shown.getvalue() == "half a line\n\x1b[2Kframe"


def test_a_log_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"), messages(Settings(log=tmp_path / "file" / "log"), ""):
        pass


def test_bars_are_away_while_data_is_printed():
    terminal = io.StringIO()
    view = BarView(Console(file=terminal, force_terminal=True, width=80), 2)

    class Data(io.StringIO):
        def write(self, text):
            assert not view.bars.live.is_started, "the next frame would be drawn over it"
            return super().write(text)

    data = Data()
    view.started(JOB)
    view.stage(JOB, "decode", 0.5)
    view.data("out/show/ep", data)
    assert data.getvalue() == "out/show/ep\n" and view.bars.live.is_started
    view.close()


def test_verbose_says_each_stage_once(capsys):
    view = batch_view(1, verbose=True)
    view.started(JOB)
    for share in (0.0, 0.5, 1.0):
        view.stage(JOB, "decode", share)
    view.stage(JOB, "diarize", 0.0)
    assert capsys.readouterr().err == "Birds: started\nBirds: decode\nBirds: diarize\n"


def test_a_command_says_as_much_as_it_is_asked_to(tmp_path):
    (tmp_path / "a.txt").write_text("Hello there.")
    quiet = cleancast("score", "a.txt", "-r", "a.txt", "-q", "--log", "run.log", cwd=tmp_path)
    assert (quiet.returncode, quiet.stderr) == (0, "") and "WER raw" in quiet.stdout
    assert "report.html shows the details" in (tmp_path / "run.log").read_text()
    failed = cleancast("score", "b.txt", "-r", "a.txt", "-q", "--log", "run.log", cwd=tmp_path)
    assert (failed.returncode, failed.stderr) == (1, "cleancast: b.txt: does not exist\n")


def test_a_watch_says_when_it_looked_and_will_look_again():
    told = re.fullmatch(
        r"looked at (\d\d):(\d\d):(\d\d); will look again at (\d\d):(\d\d):(\d\d)", next_look(1e9, 90.0)
    )
    first, second = (3600 * int(told[i]) + 60 * int(told[i + 1]) + int(told[i + 2]) for i in (1, 4))
    assert (second - first) % 86_400 == 90
