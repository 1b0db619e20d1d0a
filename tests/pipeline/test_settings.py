"""Every option is declared once: it has a help text, and what is chosen prints as the command that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.batch import rounds
from pipeline.cli import app
from pipeline.settings import Settings, flags_of, option_of

CHOSEN: dict[str, Any] = {
    "out": Path("somewhere/else"),
    "loudness": True,
    "notes_template": Path("notes.jinja"),
    "title": 'Two "words", and a dash -- so',
    "show": "-x",
    "description": "One line\nand another: ü",
    "stream": 2,
    "tracks": True,
    "track_start": (("Ann = Lee", 3.5), ("2", -0.25)),
    "speaker": (("Speaker 1", "Ann = Lee"), ("Speaker 2", "Bo")),
    "language": "de",
    "model": "large-v3",
    "engine": "openai-whisper",
    "device": "cuda:1",
    "diarizer": "someone/pipeline",
    "scripted": Path("case"),
    "ads": "mark",
    "remove": ("sponsor", "self"),
    "memory": False,
    "speakers": 3,
    "min_speakers": 2,
    "max_speakers": 5,
    "second_opinion": ("http://127.0.0.1:1/v1", "a model"),
    "rewrite_notes": ("https://models.example/v1", "b"),
    "jobs": 4,
    "on": "ray://head:10001",
    "time_limit": 7.5,
    "watch": 30.0,
    "allow_private": True,
    "quiet": True,
    "verbose": True,
    "log": Path("run.log"),
    "debug": True,
}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[list[str]], Settings]:
    """What ``cleancast run`` makes of a command's words."""
    found: list[Settings] = []
    monkeypatch.setattr(rounds, "run_sources", lambda _sources, settings: found.append(settings) or 0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.jinja").write_text("")
    (tmp_path / "case").mkdir()

    def parse(words: list[str]) -> Settings:
        done = CliRunner().invoke(app, words[1:])
        assert done.exit_code == 0, done.output
        return found.pop()

    return parse


def test_every_option_is_tried():
    assert list(CHOSEN) == [declared.name for declared in fields(Settings)]
    assert not [declared.name for declared in fields(Settings) if CHOSEN[declared.name] == declared.default]


@pytest.mark.parametrize("name", CHOSEN)
def test_an_option_is_parsed_back_as_it_was_printed(parsed, name):
    settings = Settings(**{name: CHOSEN[name]})
    words = settings.command("run", "a.mp3")
    assert len(words) > 3 and parsed(words) == settings


def test_all_options_at_once_are_parsed_back(parsed):
    settings = Settings(**CHOSEN)
    assert parsed(settings.command("run", "a.mp3")) == settings


def test_defaults_are_not_printed(parsed):
    words = Settings().command("run", "a.mp3")
    assert words == ["cleancast", "run", "a.mp3"] and parsed(words) == Settings()


@pytest.mark.parametrize("declared", fields(Settings), ids=lambda declared: declared.name)
def test_every_option_has_a_help_text_and_a_flag_of_its_own(declared):
    how = option_of(declared)
    assert how.help.strip() and how.help[-1] in ".)"
    others = [
        flag for other in fields(Settings) if other is not declared for flag in flags_of(other.name, option_of(other))
    ]
    assert flags_of(declared.name, how) and not set(flags_of(declared.name, how)) & set(others)


def test_a_command_prints_only_the_groups_it_takes():
    chosen = Settings(**CHOSEN)
    assert chosen.command("doctor", groups=()) == ["cleancast", "doctor"]
    words = chosen.command("feed", groups=("output", "networks"))
    assert "--title" not in words and {"-o", "--loudness", "--model"} <= set(words)
