"""Chapters and notes follow a person's ads: what is taken back is the show's again, what is marked is not."""

from dataclasses import replace

import pytest

from pipeline.assemble import redescribe
from pipeline.batch.progress import Quiet
from pipeline.cache import EpisodeFolder
from pipeline.library.edits.history import History
from pipeline.library.edits.kinds import AdVerdict, ChaptersSet, PhraseCorrected
from pipeline.library.edits.store import change_history
from pipeline.library.recordings import describe_source
from pipeline.notes.stage import ad_chances, is_taken_back
from pipeline.result import AdSpan, Chapter
from pipeline.run import Run, publish_edits, run_episode
from pipeline.settings import Settings
from pipeline.timeline import Segment
from pipeline.wiring import scripted_tools

GIVEN = (
    Chapter(0.0, 22.0, "Tides"),
    Chapter(22.0, 33.0, "Planks"),
    Chapter(33.0, 45.0, "Fuel"),
    Chapter(45.0, 54.0, "End"),
)


@pytest.fixture
def episode(harbour, tmp_path):
    """A finished episode whose second chapter lies in the ad that was cut."""
    path = harbour / "audio.wav"
    about = replace(describe_source(path, title="Tides", show="Harbour"), chapters=GIVEN)
    run = Run(about, path, EpisodeFolder(tmp_path), scripted_tools(harbour), Settings(memory=False), Quiet())
    run_episode(run)
    return run


def edited(run, *edits):
    change_history(run.folder, lambda _: History(tuple(edits)), sha256=run.episode.sha256)
    result = publish_edits(run)
    assert result == run_episode(run).result, "a whole run gives the same"
    return result


def titles(result):
    return [chapter.title for chapter in result.chapters]


def links(result):
    return {mention.url for mention in result.notes.mentions if mention.kind == "link"}


def test_an_ad_that_is_taken_back_brings_its_chapter_and_its_link(episode):
    before = edited(episode)
    assert titles(before) == ["Tides", "Fuel", "End"] and not links(before)
    back = edited(episode, AdVerdict(21.5, 32.5, "keep"))
    assert titles(back) == ["Tides", "Planks", "Fuel", "End"]
    assert [c.start for c in back.chapters] == [0.0, 22.0, 33.0, 45.0]
    assert any("plank.com" in url for url in links(back))
    assert edited(episode) == before, "and undone, all is as it was"


def test_an_ad_that_is_marked_takes_its_chapter_with_it(episode):
    after = edited(episode, AdVerdict(32.6, 45.0, "cut"))
    assert titles(after) == ["Tides", "End"]
    texts = [q.text for part in (after.notes.summary, after.notes.points, after.notes.quotes) for q in part]
    assert not any("saves fuel" in text for text in texts)


def test_other_edits_come_on_top(episode):
    own = (Chapter(0.0, 10.0, "Mine"), Chapter(10.0, 54.0, "Rest"))
    after = edited(episode, AdVerdict(21.5, 32.5, "keep"), ChaptersSet(own), PhraseCorrected("Plank", "Planck"))
    assert titles(after) == ["Mine", "Rest"] and "Planck." in [w.text for w in after.transcript.words]


def test_without_an_edit_of_ads_nothing_is_described_again(episode):
    found = edited(episode)
    assert redescribe(found, None, None, (PhraseCorrected("a", "b"),), None, None, None, None) is None


def test_only_what_was_to_be_cut_or_decided_is_taken_back():
    found = [AdSpan(0, 10, 0.9, verdict="hold"), AdSpan(20, 30, 0.9, "self", verdict="keep")]
    kept = [replace(ad, verdict="keep") for ad in found]
    assert [is_taken_back(ad, found) for ad in kept] == [True, False]
    sentences = [Segment(1, 5, ()), Segment(21, 25, ())]
    assert ad_chances(sentences, [ad for ad in kept if not is_taken_back(ad, found)]) == (0.0, 0.9)
