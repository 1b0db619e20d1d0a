"""What waits is counted while a run is there, and no longer."""

import os
import socket
import subprocess
import sys

from pipeline.batch.backlog import PREFIX, Backlog, count_backlog


def test_what_waits_is_noted_and_taken_away(tmp_path):
    backlog = Backlog(tmp_path)
    backlog.note(3)
    (tmp_path / f"{PREFIX}elsewhere-7").write_text("4\n")
    (tmp_path / f"{PREFIX}{socket.gethostname()}-999999999").write_text("5\n")
    (tmp_path / f"{PREFIX}{socket.gethostname()}-{os.getpid()}x").write_text("6\n")
    (tmp_path / f"{PREFIX}odd").write_text("seven")
    assert count_backlog(tmp_path) == 7
    backlog.note(0)
    assert not backlog.file.exists() and count_backlog(tmp_path) == 4
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"{PREFIX}elsewhere-7", f"{PREFIX}odd"]


def test_a_killed_process_waits_for_nothing_even_while_it_or_its_number_is_still_listed(tmp_path):
    killed = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    note = tmp_path / f"{PREFIX}{socket.gethostname()}-{killed.pid}"
    note.write_text("4\n")
    assert count_backlog(tmp_path) == 4
    os.utime(note, (1e9, 1e9))  # of another process that had this number before
    assert count_backlog(tmp_path) == 0
    note.write_text("4\n")
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    assert count_backlog(tmp_path) == 0
    Backlog(tmp_path).note(0)
    assert not note.exists()
    killed.communicate()


def test_a_folder_that_is_not_there_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    Backlog(tmp_path / "file").note(2)
    assert count_backlog(tmp_path / "none") == 0
