"""What an episode was made without, because a server did not have it or handed out a part: had later, at growing
intervals, and given up in the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.batch.sources import Subscription
from pipeline.feeds.retries import MOST_TRIES, Failure, is_half, is_part, print_lacking, read_lacking
from pipeline.feeds.subscriptions import STATE
from pipeline.formats.captions.cues import Cue
from pipeline.formats.feeds.feed import Enclosure, Item
from pipeline.library.edits.history import FILE as EDITS
from tests.pipeline.feeds.test_bad_days import Clock, watched
from tests.pipeline.feeds.test_subscriptions import SAID_IN_VTT, offering
from tests.pipeline.feeds.test_subscriptions import show as show  # a fixture
from tests.pipeline.inline import in_process as in_process  # a fixture
from tests.trees import tree

pytestmark = pytest.mark.usefixtures("in_process")


def lacking(out: Path) -> dict[str, list[object]]:
    found: dict[str, list[object]] = json.loads((out / "birds-bees" / STATE).read_text()).get("lacking", {})
    return found


def test_what_a_server_did_not_have_or_had_by_half_is_had_later(web, show, library, tmp_path) -> None:
    lines = enumerate(SAID_IN_VTT.rpartition(">")[2].strip().split(". "))
    said = "".join(f"00:{2 * n:02d}.000 --> 00:{2 * n + 2:02d}.000\n{line}.\n\n" for n, line in lines)
    more = offering(web, "text/vtt", f"WEBVTT\n\n{said}".encode())
    url, clock, things = show(1, more=more), Clock(), web.things
    assert watched(library, tmp_path / "whole", clock, Subscription(url)).watch_once() == 0
    whole = tree(tmp_path / "whole/birds-bees/part-0")
    assert lacking(tmp_path / "whole") == {}
    good = {path: things[path].data for path in ("/ep0.wav", "/published")}
    things["/ch.json"].status = 404
    for path, data in good.items():
        things[path].data = data[: len(data) // 2]
    out = tmp_path / "out"
    assert watched(library, out, clock, Subscription(url)).watch_once() == 0
    assert lacking(out)["guid-0"][2] == "chapters transcript recording"
    asked = len(web.asked_for("/ep0.wav"))
    for _minute in range(0, 40, 5):
        clock.now_s += 300
        assert watched(library, out, clock, Subscription(url)).watch_once() == 0
    assert lacking(out)["guid-0"][0] == 3 and len(web.asked_for("/ep0.wav")) == asked + 2, "at 0, 10 and 30 minutes"
    for path, data in good.items():
        things[path].data = data
    things["/ch.json"].status = 200
    clock.now_s += 86_400
    assert watched(library, out, clock, Subscription(url)).watch_once() == 0
    assert lacking(out) == {} and tree(out / "birds-bees/part-0") == whole
    asked = len(web.asked)
    clock.now_s += 86_400
    assert watched(library, out, clock, Subscription(url)).watch_once() == 0
    assert len(web.asked) == asked + 1, "the feed alone"


def test_what_is_never_there_is_given_up_and_what_a_person_edited_is_kept(web, show, library, tmp_path) -> None:
    url, clock = show(1), Clock()
    web.things["/ch.json"].status = 410
    data = web.things["/ep0.wav"].data
    web.things["/ep0.wav"].data = data[: len(data) // 2]
    assert watched(library, tmp_path, clock, Subscription(url)).watch_once() == 0
    (tmp_path / "birds-bees/part-0" / EDITS).write_text('{"version": 1, "edits": []}')
    before = len(web.asked_for("/ep0.wav"))
    web.things["/ep0.wav"].data = data
    for _day in range(MOST_TRIES + 1):
        clock.now_s += 86_401
        assert watched(library, tmp_path, clock, Subscription(url)).watch_once() == 0
    assert lacking(tmp_path) == {} and len(web.asked_for("/ep0.wav")) == before


def test_a_part_is_told_from_a_whole() -> None:
    item = Item("k", "t", Enclosure("https://a.b/c.mp3", length=1000), duration_s=100.0)
    assert not is_part(item, size=900, claimed=100.0, decoded=99.5)
    assert is_part(item, size=500, claimed=100.0, decoded=100.0)
    assert is_part(item, size=1000, claimed=50.0, decoded=50.0)
    assert is_part(item, size=1000, claimed=110.0, decoded=90.0)
    assert is_half([Cue(0.0, 40.0, "x")], 100.0) and not is_half([Cue(0.0, 90.0, "x")], 100.0) and not is_half([], 9.0)
    kept = print_lacking(Failure(2, 5.0), ("recording", "chapters"))
    assert read_lacking(kept) == (Failure(2, 5), ("chapters", "recording"))
    for bad in (None, [], [1, 2], [1, 2, ""], [1, 2, "odd"], [0, 2, "chapters"], [1, 2, 3], {"a": 1}):
        assert read_lacking(bad) is None
