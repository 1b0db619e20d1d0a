"""A cut taken back and made again: the decision stays, and the outputs are those of a run that always knew it."""

import json
import shutil
from pathlib import Path

import pytest

from audio.probe import probe
from pipeline.batch.single import run_one
from pipeline.cache import EpisodeFolder
from pipeline.commands.uncut import decide, show_ads
from pipeline.errors import CleancastError, WeightsError
from pipeline.feeds.publishing import publish, publish_index
from pipeline.formats.records.result_json import parse_result
from pipeline.library.edits.history import FILE, History
from pipeline.library.edits.store import read_history
from pipeline.library.recall import FILE as RUN
from pipeline.settings import Settings
from tests.trees import tree


@pytest.fixture
def done(harbour, tmp_path):
    """An episode that was run, its recording beside it: the folder, its options, its recording."""
    source = tmp_path / "in" / "tides.wav"
    source.parent.mkdir()
    shutil.copy(harbour / "audio.wav", source)
    options = Settings(out=tmp_path / "out", scripted=harbour, title="The Slow Breath", show="Harbour")
    folder, _ = run_one(source, options)
    return folder.path, options, source


def result_of(folder: Path):
    return parse_result((folder / "result.json").read_text())


def uncut(folder, *spans, every=False, audio=None):
    decide(folder, spans, "keep", every=every, audio=audio)


def recut(folder, *spans, every=False, audio=None):
    decide(folder, spans, "cut", every=every, audio=audio)


@pytest.mark.parametrize("named", ["1", "0:25", "25.5"])
def test_a_cut_comes_back_with_its_words_and_its_sound(done, named):
    folder, _, _ = done
    assert "Plank" not in (folder / "transcript.txt").read_text()
    uncut(folder, named)
    result = result_of(folder)
    assert result.cuts.removed == () and [ad.verdict for ad in result.ads] == ["keep"]
    for name in ("transcript.txt", "transcript.vtt", "transcript.json", "episode.html"):
        assert "Plank" in (folder / name).read_text(), name
    assert probe(folder / "clean.mp3").duration == pytest.approx(result.cuts.duration, abs=0.08)
    assert not (folder / "removed.mp3").exists()


def test_no_weights_are_asked_for(done, monkeypatch):
    def missing(name: str, *_more: object) -> str:
        raise WeightsError(name, "is missing")

    monkeypatch.setattr("models.weights.installed.fingerprint", missing)
    before = tree(done[0])
    uncut(done[0], "1")
    recut(done[0], "1")
    assert tree(done[0]) == before


def test_what_an_edit_does_not_read_is_made_again_where_it_is_damaged(done):
    folder = done[0]
    uncut(folder, "1")
    wanted = tree(folder)
    for name, damaged in (("ads", b"garbage"), ("episode", b"[]"), ("diarize", b"")):
        (folder / f"stages/{name}.json").write_bytes(damaged)
        recut(folder, "1")
        uncut(folder, "1")
        assert tree(folder) == wanted


def test_a_later_run_keeps_to_the_decision(done):
    folder, options, source = done
    uncut(folder, every=True)
    before = tree(folder)
    run_one(source, options)
    assert tree(folder) == before


def test_cut_again_is_as_if_nothing_had_been(done):
    folder, _, _ = done
    before = tree(folder)
    uncut(folder, "1")
    recut(folder, "1")
    assert tree(folder) == before


def test_a_stretch_named_by_hand_is_cut_and_taken_back(done):
    folder, _, _ = done
    recut(folder, "0:34-0:44")
    assert "saves fuel" not in (folder / "transcript.txt").read_text()
    assert len(result_of(folder).ads) == 2
    uncut(folder, "2")
    assert "saves fuel" in (folder / "transcript.txt").read_text()
    assert "Plank" not in (folder / "transcript.txt").read_text()


def test_the_list_numbers_what_there_is(done):
    folder, _, _ = done
    (line,) = show_ads(folder).splitlines()
    assert line.split()[:3] == ["1", "cut", "0:21-0:32"]
    uncut(folder, "1")
    assert show_ads(folder).split()[1] == "kept" and "taken back" in show_ads(folder)


def test_a_recording_that_is_gone_is_said_and_nothing_changes(done):
    folder, _, source = done
    before = tree(folder)
    moved = source.rename(source.with_name("moved.wav"))
    with pytest.raises(CleancastError, match=r"no longer there.*--audio"):
        uncut(folder, "1")
    assert tree(folder) == before
    uncut(folder, "1", audio=moved)
    assert result_of(folder).cuts.removed == ()


def test_another_recording_is_refused(done, library):
    folder, _, _ = done
    before = tree(folder)
    with pytest.raises(CleancastError, match="not the recording"):
        uncut(folder, "1", audio=library / "in" / "ep0.wav")
    assert tree(folder) == before


def test_what_cannot_be_carried_out_is_not_remembered(done, monkeypatch):
    folder, _, _ = done
    with pytest.raises(CleancastError, match="everything"):
        recut(folder, "0:00-9:00")
    assert not (folder / FILE).exists()


@pytest.mark.parametrize("named", ["2", "0", "0:05", "nine", "0:30-0:20", "5:00-6:00", "-3"])
def test_a_span_that_means_nothing_is_said(done, named):
    with pytest.raises(CleancastError, match="--span"):
        uncut(done[0], named)


def test_a_folder_that_is_no_episodes_is_said(tmp_path):
    with pytest.raises(CleancastError, match="not an episode's folder"):
        uncut(tmp_path, "1")


def test_settings_of_another_version_are_not_called_damaged(done):
    folder, options, source = done
    record = json.loads((folder / RUN).read_text())
    (folder / RUN).write_text(json.dumps({**record, "settings": {**record["settings"], "ads": "of then"}}))
    with pytest.raises(CleancastError, match="another version of cleancast; run the episode again"):
        uncut(folder, "1")
    run_one(source, options)
    uncut(folder, "1")


def test_a_result_that_cannot_be_read_now_is_not_called_damaged(done):
    folder, _, _ = done
    (folder / "result.json").unlink()
    (folder / "result.json").mkdir()
    with pytest.raises(IsADirectoryError):
        uncut(folder, "1")


def test_what_was_marked_only_has_nothing_to_take_back(harbour, tmp_path):
    options = Settings(out=tmp_path, scripted=harbour, title="T", show="S", ads="mark")
    folder, _ = run_one(harbour / "audio.wav", options)
    with pytest.raises(CleancastError, match="--ads mark"):
        uncut(folder.path, "1")


def test_edits_of_another_recording_mean_nothing(done):
    folder, _, _ = done
    uncut(folder, "1")
    assert read_history(EpisodeFolder(folder), sha256="another") == History()


def test_a_damaged_edits_file_stops_the_run_in_words(done):
    folder, options, source = done
    (folder / FILE).write_text("{")
    with pytest.raises(CleancastError, match=f"{FILE}, line 1: .*; repair it, or delete it"):
        run_one(source, options)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"version": 1}', b'{"version": "\xff"}'])
def test_a_damaged_result_is_said_with_what_to_do(done, data):
    folder, options, source = done
    (folder / "result.json").write_bytes(data)
    with pytest.raises(CleancastError, match=r"is damaged .*run the episode again"):
        show_ads(folder)
    run_one(source, options)
    assert "0:21-0:32" in show_ads(folder)


def test_the_feed_and_the_shelf_follow(done):
    folder, options, _ = done
    publish(folder.parent, base_url="https://pod.example/here")
    publish_index(options.out)
    feed, index = folder.parent / "feed.xml", options.out / "index.html"
    before = feed.read_text(), index.read_text()
    uncut(folder, "1")
    assert feed.read_text() != before[0] and index.read_text() != before[1]
    assert "https://pod.example/here/harbour/feed.xml" in feed.read_text()
    assert feed.read_text().count("127.0.0.1") == 0


def test_kinds_that_are_not_removed_stay(harbour, tmp_path):
    options = Settings(out=tmp_path, scripted=harbour, title="T", show="S", remove=("promo",))
    folder, result = run_one(harbour / "audio.wav", options)
    assert result.cuts.removed == () and [ad.verdict for ad in result.ads] == ["keep"]
    assert "Plank" in (folder.path / "transcript.txt").read_text()
    assert "not among the kinds to remove" in (folder.path / "ads.json").read_text()


def test_no_network_is_run_and_damage_is_made_good(done, monkeypatch):
    folder, _, _ = done
    before = tree(folder)
    tools_for = "pipeline.library.make_again.tools_for"
    with monkeypatch.context() as without:
        without.setattr(tools_for, lambda _: pytest.fail("a network was asked for"))
        uncut(folder, "1")
    (folder / "stages" / "pauses.json").write_text("{")
    recut(folder, "1")
    assert tree(folder) == before
