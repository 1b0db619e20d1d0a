"""Libraries imported without a part of them lack nothing: what they took from it is loaded when it is called."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("whisper")

WHISPER = """
import sys
import numpy as np
from models.lean_imports import without_numba
with without_numba():
    from whisper import timing
assert "numba" not in sys.modules
path = timing.dtw_cpu(np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]))
assert path.tolist() == [[0, 1, 1], [0, 1, 2]], path
assert sys.modules["numba"].__file__
assert not hasattr(timing.backtrace, "compiled")
"""
SPACY = """
import sys
from models.lean_imports import without_spacy_commands
with without_spacy_commands():
    import spacy
assert "spacy.cli" not in sys.modules
assert spacy.info(silent=True)["spacy_version"] == spacy.__version__
assert sys.modules["spacy.cli"].__file__
"""


@pytest.mark.parametrize("program", [WHISPER, SPACY], ids=["whisper", "spaCy"])
def test_what_was_left_out_is_loaded_when_it_is_called(program: str) -> None:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}  # what numba makes of it is not the point, and takes 5 s
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
