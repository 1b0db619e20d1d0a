"""What episodes of a show tell each other of their voices: names pass on, guesses do not, order makes no difference."""

import shutil
from pathlib import Path

import pytest

from pipeline.batch.single import run_one
from pipeline.cache import EpisodeFolder
from pipeline.library.voices import knows_voices
from pipeline.settings import Settings
from tests.pipeline.library.test_spot_index import write_case

SAYS = {
    "named": "Welcome to Harbour. I'm Ada Park and today we look at tides. They follow the moon at some distance.",
    "nameless": "Boats need water under them. Every captain looks at the table before leaving the quay at dawn.",
    "second": "Welcome to Harbour. I'm Ada Park and this time we go out with the pilots before the sun is up.",
    "other": "I'm Eve Long and this week it is my turn. Lamps turn twice in a minute and then they rest.",
    "another": "I'm Eve Long and here I am once more. Fog has to be heard, and so there are horns on the pier.",
}


@pytest.fixture
def cases(tmp_path) -> dict[str, Path]:
    """Recordings of one voice, which says its name in two, no name in one, and another name in two."""
    for name, said in SAYS.items():
        write_case(tmp_path / "in" / name, said, None)
    return {name: tmp_path / "in" / name for name in SAYS}


def run(case: Path, out: Path, **options):
    return run_one(case / f"{case.name}.wav", Settings(out=out, scripted=case, **{"show": "Harbour", **options}))


def name_ada(cases, out, **options):
    """Two episodes in which the voice says that it is Ada Park."""
    return [run(cases[name], out, **options)[0] for name in ("named", "second")]


def names(result) -> list[str]:
    return [speaker.name for speaker in result.speakers]


def test_a_voice_named_in_one_episode_is_named_in_the_next_with_the_reason(cases, tmp_path):
    assert names(run(cases["nameless"], tmp_path / "alone")[1]) == [""]
    name_ada(cases, tmp_path / "out")
    folder, result = run(cases["nameless"], tmp_path / "out")
    assert names(result) == ["Ada Park"]
    (speaker,) = result.speakers
    assert speaker.evidence[0].kind == "voice" and "named" in speaker.evidence[0].text
    assert "Ada Park" in (folder.path / "transcript.vtt").read_text()


def test_what_was_only_told_is_not_told_on(cases, tmp_path):
    out = tmp_path / "out"
    named = name_ada(cases, out)
    assert names(run(cases["nameless"], out)[1]) == ["Ada Park"]
    for folder in named:
        shutil.rmtree(folder.path)
    shutil.copytree(cases["nameless"], tmp_path / "in" / "again")
    (tmp_path / "in" / "again" / "nameless.wav").rename(tmp_path / "in" / "again" / "again.wav")
    with (tmp_path / "in" / "again" / "again.wav").open("ab") as file:
        file.write(b"\0\0")  # another recording
    assert names(run(tmp_path / "in" / "again", out)[1]) == [""]


def test_an_episode_believes_itself_before_the_book(cases, tmp_path):
    name_ada(cases, tmp_path / "out")
    assert names(run(cases["other"], tmp_path / "out")[1]) == ["Eve Long"]


def test_a_voice_that_two_episodes_name_differently_stays_nameless(cases, tmp_path):
    name_ada(cases, tmp_path / "out")
    assert names(run(cases["nameless"], tmp_path / "out")[1]) == ["Ada Park"]
    run(cases["other"], tmp_path / "out")
    run(cases["another"], tmp_path / "out")
    assert names(run(cases["nameless"], tmp_path / "out")[1]) == [""]


def test_neither_another_show_nor_a_run_without_memory_is_asked(cases, tmp_path):
    out = tmp_path / "out"
    name_ada(cases, out, show="Lighthouse")
    assert names(run(cases["nameless"], out)[1]) == [""]
    name_ada(cases, out)
    assert names(run(cases["nameless"], out, memory=False)[1]) == [""]
    assert names(run(cases["nameless"], out)[1]) == ["Ada Park"]


def test_a_damaged_page_of_the_book_is_an_empty_one(cases, tmp_path):
    for folder in name_ada(cases, tmp_path / "out"):
        (folder.stages / "voices.json").write_bytes(b"\xff{")
    assert names(run(cases["nameless"], tmp_path / "out")[1]) == [""]


def test_the_first_of_a_batch_learns_from_the_last(cases, tmp_path):
    out = tmp_path / "out"
    (tmp_path / "in" / "nameless" / "nameless.wav").rename(tmp_path / "in" / "a-nameless.wav")
    folder, result = run_one(
        tmp_path / "in" / "a-nameless.wav", Settings(out=out, scripted=cases["nameless"], show="Harbour")
    )
    assert names(result) == [""] and not knows_voices(folder)
    name_ada(cases, out)
    assert knows_voices(EpisodeFolder(folder.path))
