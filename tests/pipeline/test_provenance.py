"""What decides an outcome besides its inputs: the code that is used, its data files, the packages it runs on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import parsed
from pipeline import provenance as module
from pipeline.provenance import provenance

LOW = "A = 1\nB = 2\n\ndef unused():\n    return 0\n"
HIGH = '''"""Docs."""
import numpy as np
from pipeline.low import A

FILE = "numbers.json"

def helper():
    return A

def f():
    """Says so."""
    return helper(), np, FILE

def g():
    import torch
    return torch
'''


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The provenance of ``pipeline.high:f`` with some files as they are told."""
    monkeypatch.setattr(module, "ROOT", tmp_path)

    def at(target: str = "pipeline.high:f", **files: str) -> str:
        (tmp_path / "pipeline").mkdir(exist_ok=True)
        for name, text in ({"low_py": LOW, "high_py": HIGH, "numbers_json": "[1]"} | files).items():
            (tmp_path / "pipeline" / name.replace("_", ".")).write_text(text)
        for cached in (module._module, module._path, module._files_in, module._file_hash, module._version, provenance):
            cached.cache_clear()
        return provenance(target)

    yield at  # type: ignore[misc]
    for cached in (module._module, module._path, module._files_in, module._file_hash, module._version, provenance):
        cached.cache_clear()


def test_a_name_that_is_used_counts_wherever_it_stands(changed):
    before = changed()
    assert changed(low_py=LOW.replace("A = 1", "A = 3")) != before
    assert changed(high_py=HIGH.replace("return A", "return A + 1")) != before
    assert changed() == before


def test_what_is_not_used_does_not_count(changed):
    before = changed()
    assert changed(low_py=LOW.replace("B = 2", "B = 3").replace("return 0", "return 1")) == before
    assert changed(high_py=HIGH.replace("return torch", "return None")) == before


def test_comments_and_docstrings_do_not_count(changed):
    assert changed(high_py=HIGH.replace("Says so.", "Says it otherwise.") + "# the end\n") == changed()


def test_a_data_file_that_the_code_names_counts_with_its_content(changed):
    assert changed(numbers_json="[2]") != changed()


def test_a_new_version_of_a_package_counts_where_it_is_used(changed, monkeypatch):
    before, other = changed(), changed("pipeline.high:g")
    real = module.version
    monkeypatch.setattr(module, "version", lambda name: "99" if name == "numpy" else real(name))
    assert changed() != before and changed("pipeline.high:g") == other


@pytest.mark.parametrize(
    ("target", "package"),
    [
        ("models.whisper.openai_engine", "openai-whisper"),
        ("models.whisper.openai_engine", "torch"),
        ("models.whisper.ctranslate2_engine", "ctranslate2"),
        ("models.diarization.diarizer", "pyannote-audio"),
        ("models.diarization.diarizer", "torch"),
    ],
)
def test_the_packages_that_decide_a_network_are_known(target, package):
    assert package in dict(module._versions(module._reach([target])[1]))


def test_a_value_type_that_a_stage_does_not_use_does_not_matter():
    reached = {(where, name) for where, name, _ in module._reach(["models.diarization.diarizer:PyannoteDiarizer"])[0]}
    assert ("pipeline.timeline", "Turn") in reached
    assert not {name for where, name in reached if where == "pipeline.result"} & {"Notes", "Chapter", "Speaker"}


def test_what_was_read_is_kept_and_read_again_when_it_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(parsed, "cache_folder", lambda: tmp_path)
    first, calls = parsed.Parsed("reader"), []

    def parse(source: bytes) -> dict[str, str]:
        calls.append(source)
        return {"text": source.decode()}

    assert first.module(b"a = 1", parse) == {"text": "a = 1"} and first.distributions()["pytest"] == ["pytest"]
    first.keep()
    again = parsed.Parsed("reader")
    assert again.module(b"a = 1", parse) == {"text": "a = 1"} and calls == [b"a = 1"]
    assert again.distributions() == first.distributions() and not again.changed
    assert parsed.Parsed("another reader").modules == {}
    (tmp_path / parsed.FILE).write_text("[1")
    assert parsed.Parsed("reader").modules == {}


def test_a_cache_that_cannot_be_written_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(parsed, "cache_folder", lambda: tmp_path / "file")
    kept = parsed.Parsed("reader")
    kept.module(b"a = 1", lambda source: {})
    kept.keep()
