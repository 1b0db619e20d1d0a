"""The same batch on two machines of a Ray cluster, one of them lost on the way: nothing lost, the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.batch.rounds import pool_for, run_sources
from pipeline.errors import CleancastError
from pipeline.settings import Settings
from tests.paths import ROOT
from tests.pipeline.inline import in_process as in_process  # a fixture
from tests.trees import differing, tree

HERE = Path(__file__).parent
LEFT_OUT = ("batch.json", ".spots.sqlite")
"""How long things took; and the index over a show's spots, whose bytes depend on the order in which it took them in."""


def run(*command: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, *map(str, command)]
    return subprocess.run(
        words, capture_output=True, text=True, timeout=900, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed: pip install -e '.[ray]'")
@pytest.mark.usefixtures("in_process")
def test_a_machine_is_lost_and_nothing_else(library, tmp_path) -> None:
    case, sounds = library / "case", library / "in"
    assert run_sources([str(sounds)], Settings(out=tmp_path / "alone", scripted=case)) == 0
    both = run(HERE / "two_machines.py", case, sounds, tmp_path / "both", "--kill")
    assert both.returncode == 0, both.stdout + both.stderr
    talk = both.stdout + both.stderr
    assert "machines 3" in talk and "lost one after" in talk and "machines 2" in talk
    assert not differing(tree(tmp_path / "both", *LEFT_OUT), tree(tmp_path / "alone", *LEFT_OUT))
    counts = json.loads((tmp_path / "both/batch.json").read_text())["counts"]
    assert counts["failed"] == 0 and counts["done"] + counts["reused"] == 3, "reused: finished as its machine was lost"


@pytest.mark.parametrize("on", ["dask", "ray:", "http://x"])
def test_other_engines_are_refused_in_words(tmp_path, on) -> None:
    with pytest.raises(CleancastError, match="--on expects ray"):
        pool_for(Settings(out=tmp_path, on=on), 3)


@pytest.mark.skipif(bool(find_spec("ray")), reason="Ray is installed")
def test_without_ray_the_way_to_it_is_said(tmp_path) -> None:
    with pytest.raises(CleancastError, match="pip install"):
        pool_for(Settings(out=tmp_path, on="ray"), 3)
