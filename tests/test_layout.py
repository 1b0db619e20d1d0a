"""Three plain package names are ours alone, and the guard says so in words when they are not."""

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.paths import ROOT


@pytest.mark.parametrize("name", ["pipeline", "models", "audio"])
def test_no_dependency_ships_our_names(name):
    assert set(packages_distributions().get(name, [])) <= {"cleancast"}


def test_a_strangers_models_module_is_refused_in_words(tmp_path):
    (tmp_path / "models.py").write_text("")
    run = subprocess.run(
        [sys.executable, "-c", "import sys; from pipeline.cli import main; main()", "models", "list"],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "'models' was found at" in run.stderr and "PYTHONPATH" in run.stderr
    assert "Traceback" not in run.stderr
