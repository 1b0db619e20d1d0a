"""What a user is told: one sentence on stderr, the right exit status, nothing half-written."""

import resource
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.help_text import HEADINGS
from tests.paths import ROOT


def cleancast(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", *map(str, words)]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(Path.home())}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600)


def told(*words: object) -> tuple[int, str]:
    """Exit status and output of the command, asked in this process."""
    ran = CliRunner().invoke(app, [str(word) for word in words])
    return ran.exit_code, ran.output


def write_wav(path: Path, samples: bytes, *, rate: int = 16000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return path


def test_help_comes_at_once(tmp_path):
    """Half a second of computing, whatever else keeps the machine busy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert cleancast("--help", cwd=tmp_path).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_the_version_is_said(tmp_path):
    assert cleancast("--version", cwd=tmp_path).stdout.startswith("cleancast ")


@pytest.mark.parametrize(
    "command", [["run"], ["ads"], ["eval"], ["models", "pull"], ["models", "list"], ["models", "verify"]]
)
def test_every_command_explains_itself(command):
    code, shown = told(*command, "--help")
    assert code == 0 and len(shown.splitlines()) > 4


def test_the_options_of_a_command_stand_in_groups_within_80_columns(tmp_path):
    shown = cleancast("run", "--help", cwd=tmp_path).stdout
    headings = [line for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == [f"{heading}:" for heading in ("Arguments", *HEADINGS.values()) if heading != "Options"]
    assert max(map(len, shown.splitlines())) <= 80
    assert all(shown.count(f" {flag}") == 1 for flag in ("--loudness", "--speaker ", "--jobs", "--quiet", "--help"))


def test_a_shell_completes_commands_and_options(tmp_path):
    typed = {"COMP_WORDS": "cleancast sc", "COMP_CWORD": "1"}
    code = "import sys; sys.argv = ['cleancast']; from pipeline.cli import main; main()"
    env = {"PATH": "/usr/bin:/bin", "_CLEANCAST_COMPLETE": "complete_bash", **typed, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert ran.stdout.split() == ["score"], ran.stderr


def broken_inputs(folder: Path) -> dict[str, tuple[Path, str]]:
    """Name of the fault: the file, and a word that the sentence must have."""
    text = folder / "text.mp3"
    text.write_text("This is no sound at all.\n" * 50)
    empty = folder / "empty.mp3"
    empty.write_bytes(b"")
    bare = folder / "bare"
    bare.mkdir()
    return {
        "missing": (folder / "nowhere.mp3", "no such file"),
        "folder without audio": (bare, "no audio file"),
        "text": (text, "not an audio file"),
        "empty": (empty, "empty"),
    }


@pytest.mark.parametrize("fault", ["missing", "folder without audio", "text", "empty"])
def test_a_file_that_is_no_episode_is_one_clear_sentence(tmp_path, fault):
    path, word = broken_inputs(tmp_path)[fault]
    ran = cleancast("run", path, "-o", tmp_path / "out", cwd=tmp_path)
    assert ran.returncode == 1 and ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 1 and ran.stderr.startswith("cleancast: ")
    assert path.name in ran.stderr and word in ran.stderr.lower()
    assert not (tmp_path / "out").exists()


def test_a_misspelt_option_is_a_usage_error():
    assert told("run", "x.mp3", "--ads", "burn")[0] == 2


@pytest.mark.weights
def test_silence_is_refused_in_words_and_leaves_nothing(tmp_path):
    silence = write_wav(tmp_path / "silence.wav", bytes(2 * 16000 * 5))
    ran = cleancast("run", silence, "-o", tmp_path / "out", cwd=tmp_path)
    assert ran.returncode == 1 and "no speech" in ran.stderr
    assert not (tmp_path / "out").exists()
