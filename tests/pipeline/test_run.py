"""The whole way with scripted networks: what is written, what is reused, and what a stop costs."""

from dataclasses import replace
from pathlib import Path

import pytest

from audio.probe import probe
from pipeline.batch.progress import Quiet
from pipeline.cache import EpisodeFolder, FolderBusy
from pipeline.formats.records.result_json import parse_result
from pipeline.library.recordings import describe_source
from pipeline.ports import Tool, Tools
from pipeline.run import Note, Run, nothing_to_note, run_episode
from pipeline.settings import Settings
from pipeline.timeline import Transcript
from pipeline.wiring import scripted_tools
from tests.trees import tree

STAGES = ("decode", "diarizer", "transcriber", "find_ads", "encoder", "cut_audio", "audition")
TEXTS = {
    *("result.json", "ads.json", "cuts.json", "chapters.json", "turns.rttm"),
    *(f"transcript.{kind}" for kind in ("json", "vtt", "srt", "txt", "md")),
}


class PowerCut(BaseException):
    """What a SIGKILL is to the code: nothing after it runs, no handler sees it."""


def run(
    case: Path,
    out: Path,
    *,
    tools: Tools | None = None,
    settings: Settings | None = None,
    note: Note = nothing_to_note,
):
    path = case / "audio.wav"
    episode = describe_source(path, title="The Slow Breath", show="Harbour")
    alone = replace(settings or Settings(), memory=False)  # the folders of other tests are no other episodes
    begun = Run(episode, path, EpisodeFolder(out), tools or scripted_tools(case), alone, Quiet())
    return run_episode(begun, note).result


def out_of_order(tool: Tool, error: BaseException) -> Tool:
    def make():
        raise error

    return Tool(tool.identity, make)


def test_every_output_is_written(harbour, tmp_path):
    result = run(harbour, tmp_path)
    assert set(tree(tmp_path)) >= TEXTS
    assert parse_result((tmp_path / "result.json").read_text()).transcript.text == result.transcript.text


def test_the_ad_is_gone_from_words_and_sound(harbour, tmp_path):
    result = run(harbour, tmp_path)
    said = (tmp_path / "transcript.txt").read_text()
    assert "Plank" not in said and "the tide saves fuel" in said and "must follow them" in said
    clean = probe(tmp_path / "clean.mp3")
    assert clean.duration == pytest.approx(result.cuts.clean_duration, abs=0.08)
    assert 40 < clean.duration < 45
    assert (clean.tags["title"], clean.tags["album"], clean.tags["artist"]) == ("The Slow Breath", "Harbour", "Harbour")


@pytest.mark.parametrize("mode", ["mark", "keep"])
def test_nothing_is_cut_unless_asked(harbour, tmp_path, mode):
    result = run(harbour, tmp_path, settings=Settings(ads=mode))
    assert result.cuts.removed == () and "Plank" in (tmp_path / "transcript.txt").read_text()
    assert len(result.ads) == (1 if mode == "mark" else 0)


def test_the_same_command_twice_gives_the_same_bytes(harbour, tmp_path):
    run(harbour, tmp_path / "one")
    run(harbour, tmp_path / "two")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert one == two


def test_what_is_noted_of_an_episode_is_noted_while_no_other_run_can_come_in(harbour, tmp_path):
    def note(folder: EpisodeFolder) -> None:
        assert (folder.path / "result.json").is_file()
        with pytest.raises(FolderBusy), EpisodeFolder(folder.path).locked():
            pass
        noted.append(folder)

    noted: list[EpisodeFolder] = []
    run(harbour, tmp_path, note=note)
    assert noted == [EpisodeFolder(tmp_path)]
    with EpisodeFolder(tmp_path).locked():
        pass


def test_a_finished_episode_asks_no_network(harbour, tmp_path):
    tools = scripted_tools(harbour)
    run(harbour, tmp_path, tools=tools)
    before = tree(tmp_path)
    broken = {name: out_of_order(getattr(tools, name), AssertionError(name)) for name in STAGES}
    run(harbour, tmp_path, tools=replace(tools, **broken))
    assert tree(tmp_path) == before


@pytest.fixture(scope="module")
def whole(harbour, tmp_path_factory) -> dict[str, bytes]:
    """Every file of an undisturbed run."""
    out = tmp_path_factory.mktemp("whole")
    run(harbour, out)
    return tree(out)


@pytest.mark.parametrize("stage", STAGES)
def test_a_power_cut_in_any_stage_costs_only_that_stage(harbour, whole, tmp_path, stage):
    tools = scripted_tools(harbour)
    with pytest.raises(PowerCut):
        run(harbour, tmp_path / "cut", tools=replace(tools, **{stage: out_of_order(getattr(tools, stage), PowerCut())}))
    run(harbour, tmp_path / "cut", tools=tools)
    assert tree(tmp_path / "cut") == whole


def test_a_lost_sound_file_is_cut_again(harbour, tmp_path):
    run(harbour, tmp_path)
    whole = tree(tmp_path)
    (tmp_path / "clean.mp3").unlink()
    run(harbour, tmp_path)
    assert tree(tmp_path).keys() == whole.keys()


def test_what_is_heard_again_is_heard_in_the_episodes_language(harbour, tmp_path):
    asked = []

    class Forgetful:
        """Misses a passage at first, and takes down in which language it is asked."""

        def transcribe(self, wave, speech, *, language=None, progress=None):
            asked.append(language)
            words = scripted_tools(harbour).transcriber().transcribe(wave, speech).words
            kept = words if len(asked) > 1 else tuple(w for w in words if not 34 <= w.start < 44)
            return Transcript(kept, "de", "forgetful")

    tools = replace(scripted_tools(harbour), transcriber=Tool("forgetful", Forgetful))
    run(harbour, tmp_path, tools=tools)
    assert asked[0] is None and set(asked[1:]) == {"de"}


def test_in_a_language_that_the_detector_has_not_learnt_nothing_is_cut_and_it_is_said(harbour, tmp_path):
    class German:
        """Takes what it hears for German."""

        def transcribe(self, wave, speech, *, language=None, progress=None):
            return Transcript(scripted_tools(harbour).transcriber().transcribe(wave, speech).words, "de", "german")

    tools = replace(scripted_tools(harbour), transcriber=Tool("german", German))
    result = run(harbour, tmp_path, tools=tools)
    assert [ad.verdict for ad in result.ads] == ["hold"] and not result.cuts.removed
    ads, notes = (w.text for w in result.warnings if w.kind == "language")
    assert "only learnt English" in ads and "in German" in ads and "a summary" in notes
    assert "only learnt English" in (tmp_path / "ads.json").read_text()
    assert "only learnt English" in (tmp_path / "episode.html").read_text()
