"""What the page on following says, and the service that runs it, are right."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import app
from pipeline.follow.config import read_config
from pipeline.follow.place import FILE
from tests.paths import ROOT

UNIT = ROOT / "docs/service/cleancast.service"


def test_the_example_is_a_file_that_can_be_followed(tmp_path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/follow.md").read_text(), re.DOTALL)
    (tmp_path / "field.jinja").write_text("")
    (tmp_path / FILE).write_text(example)
    found = read_config(tmp_path / FILE)
    assert [show.is_feed for show in found.shows] == [True, False] and found.notify.webhook and found.quiet


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_the_unit_is_one(tmp_path) -> None:
    (program,) = re.findall(r"^ExecStart=(\S+)", UNIT.read_text(), re.M)
    (tmp_path / UNIT.name).write_text(UNIT.read_text().replace(program, sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", tmp_path / UNIT.name], capture_output=True, text=True)
    assert done.returncode == 0 and UNIT.name not in done.stderr, done.stderr


@pytest.mark.parametrize("file", [UNIT, ROOT / "docs/service/Containerfile"], ids=lambda file: file.name)
def test_what_a_service_runs_is_a_command(file: Path) -> None:
    names = {command.name for command in app.registered_commands}
    text = file.read_text()
    run = re.findall(r"bin/cleancast (\w+)", text) + re.findall(r'CMD \["(\w+)"', text)
    assert run and set(run) <= names
    for copied in re.findall(r"^COPY (\S+) ", text, re.M):
        assert (ROOT / copied).exists()
