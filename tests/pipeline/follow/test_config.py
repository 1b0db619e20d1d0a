"""cleancast.toml: what it says, what it refuses, and who wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import pipeline.cli
from pipeline.errors import FormatError
from pipeline.feeds.subscriptions import Choice
from pipeline.follow.config import Config, Keep, read_config
from pipeline.follow.describe import print_config
from pipeline.follow.place import FILE
from pipeline.settings import Settings

WHOLE = """
[follow]
every = 30
quiet = "23:00-06:30"
free_gb = 5.5
keep = 50
base_url = "https://my.host/pod"
log = "cleancast.log"
metrics = "cleancast.prom"

[notify]
webhook = "https://me:pw@hook.example/x?token=1"
command = ["notify-send", "cleancast"]
on = ["held", "failed"]

[defaults]
language = "en"
loudness = true
remove = ["sponsor", "spot"]

[[show]]
name = "Tides"
feed = "https://me:pw@a.example/feed?token=s3cret"
model = "small"
speakers = 2
new = 3
since = 2026-09-01
every = 120
keep = 20
keep_days = 90
drop = "originals"

[[show]]
folder = "recordings"
language = "de"
remove = "spot"
min-speakers = 2
speaker = { "Speaker 1" = "Ada Holm" }
"""


def write(folder: Path, text: str) -> Path:
    file = folder / FILE
    file.write_text(text)
    return file


def test_everything_it_can_say(tmp_path) -> None:
    found = read_config(write(tmp_path, WHOLE))
    assert (found.out, found.quiet, found.free_bytes) == (tmp_path, (1380, 390), 5_500_000_000)
    assert (found.log, found.metrics) == (tmp_path / "cleancast.log", tmp_path / "cleancast.prom")
    assert found.notify.on == ("held", "failed") and found.notify.command == ("notify-send", "cleancast")
    tides, folder = found.shows
    assert tides.is_feed and tides.every_s == 7200 and tides.keep == Keep(20, 90, "originals")
    assert tides.choice == Choice(3, "2026-09-01", "")
    of_tides = Settings(
        out=tmp_path, language="en", loudness=True, remove=("sponsor", "spot"), model="small", speakers=2
    )
    assert tides.settings == of_tides
    assert (folder.source, folder.every_s, folder.keep) == (str(tmp_path / "recordings"), 1800, Keep(50, None, "both"))
    assert folder.settings.language == "de" and folder.settings.remove == ("spot",)
    assert folder.settings.speaker == (("Speaker 1", "Ada Holm"),) and folder.settings.min_speakers == 2


def test_its_description_holds_no_secret_and_the_options_of_the_command_line(tmp_path) -> None:
    said = print_config(read_config(write(tmp_path, WHOLE)))
    assert "s3cret" not in said and "pw" not in said and "token=1" not in said
    assert "--language de" in said and "--model small" in said and "originals of others are removed" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[follow", "is not TOML"),
        ("a = " + "[" * 20_000, "is not TOML"),
        ("[folow]\nevery = 1", "'folow' is no table of it; did you mean 'follow'"),
        ("[follow]\nevry = 1", r"\[follow\] evry: there is no such key; did you mean 'every'"),
        ("[follow]\nevery = '1'", r"\[follow\] every: Input should be a valid number"),
        ("[follow]\nevery = 0", r"\[follow\] every: Input should be greater than 0"),
        ("[follow]\nquiet = '25:00-26:00'", "expected two times of the day"),
        ("[follow]\nquiet = '²1:00-06:00'", "expected two times of the day"),
        ("[follow]\nbase_url = 'javascript:x'", "begins with http"),
        ("[notify]\non = ['dawn']", r"\[notify\] on.0: Input should be"),
        ("[defaults]\nlanguge = 'en'", r"\[defaults\] languge: there is no such setting; did you mean 'language'"),
        ("[defaults]\nout = 'x'", "there is no such setting"),
        ("[defaults]\ntitle = 'x'", "there is no such setting"),
        ("[defaults]\nremove = ['all']", r"\[defaults\] remove: --remove expects"),
        ("[defaults]\nspeakers = 0", r"\[defaults\] speakers: should be at least 1"),
        ("[defaults]\nmin_speakers = 3\nmax_speakers = 2", r"\[defaults\]: at least 3 and at most 2 speakers"),
        ("[defaults]\nspeakers = true", r"\[defaults\] speakers: Input should be"),
        ("[defaults]\nads = 'burn'", r"\[defaults\] ads: Input should be"),
        ("[defaults]\nnotes_template = 'none.md'", "none.md does not exist"),
        ("[[show]]\nname = 'x'", "either feed = an address or folder = a path"),
        ("[[show]]\nfeed = 'ftp://x'", r"\[\[show\]\] 1 feed: expected an address"),
        ("[[show]]\nfeed = 'http://['", "expected an address"),
        ("[[show]]\nfolder = 'x'\nmatch = '('", "match a regular expression"),
        ("[[show]]\nfolder = 'x'\nsince = 'May'", "since is a date"),
        ("[[show]]\nfolder = 'x'\n[[show]]\nfolder = 'x'", r"two \[\[show\]\] have the source"),
        ("[follow]\nfree_gb = inf", r"\[follow\] free_gb: Input should be less"),
        ("[follow]\nevery = 1e300", r"\[follow\] every: Input should be less"),
        (f"[follow]\nkeep = {'9' * 5000}", "is not TOML"),
        ("[follow]\nlog = 'a\\u0000b'".replace("'", '"'), "zero character"),
        ("show = 5", r"written as \[\[show\]\]"),
        ("follow = 5", r"\[follow\] is a table"),
        ("out = 5", "expected a folder"),
    ],
)
def test_what_it_cannot_say_is_refused_with_its_place(tmp_path, text, says) -> None:
    with pytest.raises(FormatError, match=says) as error:
        read_config(write(tmp_path, text))
    assert "\n" not in str(error.value) and FILE in str(error.value)


@pytest.fixture
def ran(monkeypatch) -> list[Settings]:
    """The settings that run and feed were given."""
    seen: list[Settings] = []
    monkeypatch.setattr("pipeline.batch.rounds.run_sources", lambda sources, settings: seen.append(settings) or 0)
    monkeypatch.setattr("pipeline.batch.rounds.run_feeds", lambda urls, settings, *_, **__: seen.append(settings) or 0)
    return seen


def test_defaults_then_the_file_then_the_show_then_the_command_line(tmp_path, ran) -> None:
    write(tmp_path, WHOLE.replace("https://me:pw@a.example/feed?token=s3cret", "https://a.example/feed"))
    out = ["-o", str(tmp_path)]
    for words in (
        ["run", "a.mp3", *out],
        ["run", "a.mp3", *out, "--language", "fr", "--remove", "promo"],
        ["feed", "https://a.example/feed", *out],
        ["feed", "https://a.example/feed", *out, "--model", "tiny"],
        ["feed", "https://b.example/feed", *out],
    ):
        done = CliRunner().invoke(pipeline.cli.app, words)
        assert done.exit_code == 0, done.output
    assert [(s.language, s.model, s.remove, s.speakers) for s in ran] == [
        ("en", "base", ("sponsor", "spot"), None),
        ("fr", "base", ("promo",), None),
        ("en", "small", ("sponsor", "spot"), 2),
        ("en", "tiny", ("sponsor", "spot"), 2),
        ("en", "base", ("sponsor", "spot"), None),
    ]
    assert all(settings.loudness and settings.out == tmp_path for settings in ran)


def test_of_several_feeds_each_has_the_settings_of_its_show_under_those_of_the_command_line(
    tmp_path, monkeypatch
) -> None:
    seen: list[dict[str, Settings]] = []
    monkeypatch.setattr("pipeline.batch.rounds.run_feeds", lambda *_, of_shows, **__: seen.append(of_shows) or 0)
    feeds = ["https://a.example/feed", "https://b.example/feed"]
    write(tmp_path, "".join(f"[[show]]\nfeed = '{feed}'\nmodel = 'm{n}'\n" for n, feed in enumerate(feeds)))
    for words in ([], ["--model", "tiny"]):
        done = CliRunner().invoke(pipeline.cli.app, ["feed", *feeds, "-o", str(tmp_path), *words])
        assert done.exit_code == 0, done.output
    models = [[own[feed].model for feed in feeds] for own in seen]
    assert models == [["m0", "m1"], ["tiny", "tiny"]] and all(own[feeds[0]].out == tmp_path for own in seen)


def test_a_file_that_cannot_be_used_is_a_usage_error(tmp_path, ran) -> None:
    write(tmp_path, "[defaults]\nlanguge = 'en'")
    done = CliRunner().invoke(pipeline.cli.app, ["run", "a.mp3", "-o", str(tmp_path)])
    assert done.exit_code == 2 and "languge" in done.output and not ran


def test_config_check(tmp_path) -> None:
    write(tmp_path, WHOLE)
    done = CliRunner().invoke(pipeline.cli.app, ["config", "check", str(tmp_path)])
    assert done.exit_code == 0 and "2 shows" in done.output
    assert CliRunner().invoke(pipeline.cli.app, ["config", "check", str(tmp_path / "none")]).exit_code == 1


def test_a_file_elsewhere_names_the_output_folder(tmp_path) -> None:
    file = write(tmp_path, 'out = "pods"\n')
    assert read_config(file) == Config(
        file, tmp_path / "pods", defaults=Settings(out=tmp_path / "pods"), free_bytes=2 * 10**9
    )
