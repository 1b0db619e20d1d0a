"""A person's tasks at the desk, in a real browser: decide, hear, correct, reload, and run the episode again."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import feedparser
import pytest
import uvicorn

from pipeline.batch.single import run_one
from pipeline.cache import EpisodeFolder, digest_of
from pipeline.desk.application import make_application
from pipeline.desk.safety import Access
from pipeline.desk.server import listen_on
from pipeline.feeds.intact import note_made
from pipeline.feeds.publishing import publish
from pipeline.library.edits.history import FILE
from pipeline.settings import Settings

PATIENCE_S = 20.0
AXE = Path(__file__).parent / "axe" / "axe.min.js"
TABS = ("ads", "words", "voices", "chapters", "notes", "edits")
BAD = "</script><script>window.hit=1</script><img/src=x/onerror=window.hit=1>"


@dataclass
class Desk:
    """A desk that is being served: its address, the episode's folder, and the maker of its outputs."""

    base: str
    episode: Path
    maker: Any

    @property
    def address(self) -> str:
        return f"{self.base}/-/desk/harbour/the-slow-breath"

    def edits(self) -> list[dict[str, Any]]:
        file = self.episode / FILE
        return json.loads(file.read_text())["edits"] if file.exists() else []

    def wait_for_outputs(self) -> None:
        until = monotonic() + PATIENCE_S
        while (state := self.maker.state(self.episode)[0]) != "made":
            assert monotonic() < until and state != "failed", self.maker.state(self.episode)
            sleep(0.05)


def change_found(folder: Path, **changed: Any) -> None:
    """Another outcome of the networks, as a stage would have left it."""
    file = folder / "stages" / "found.json"
    document = json.loads(file.read_text())
    document["data"].update(changed)
    document["digest"] = digest_of(document["data"])
    file.write_text(json.dumps(document))
    if "ads" in changed:
        (folder / "ads.json").write_text(json.dumps({"ads": changed["ads"]}))
    note_made(EpisodeFolder(folder))


def found(episode: Path) -> dict[str, Any]:
    return json.loads((episode / "stages" / "found.json").read_text())["data"]


def held_ads(count: int) -> list[dict[str, Any]]:
    reason = {"kind": "phrase", "text": "an address is read out", "at": None}
    ad = {"score": 0.5, "kind": "sponsor", "evidence": [reason], "verdict": "hold", "sponsor": ""}
    return [{"start": 1.0 + 5.0 * n, "end": 4.0 + 5.0 * n, **ad} for n in range(count)]


@pytest.fixture
def desk(out: Path) -> Iterator[Desk]:
    episode = out / "harbour" / "the-slow-breath"
    app = make_application(out, Access(local=True), desk=True)
    app.state.maker.calm_s = 0.3
    bound = listen_on(out, "127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    yield Desk(f"http://127.0.0.1:{bound.getsockname()[1]}", episode, app.state.maker)
    server.should_exit = True
    thread.join()


@pytest.fixture
def page(chromium) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.troubles = []
    opened.on("pageerror", lambda error: opened.troubles.append(str(error)))
    opened.on("console", lambda said: opened.troubles.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert opened.troubles == []


def wait_until(page: Any, condition: str) -> None:
    until = monotonic() + PATIENCE_S
    while not page.evaluate(condition):
        assert monotonic() < until, f"never came true: {condition}"
        page.wait_for_timeout(30)


def open_desk(page: Any, desk: Desk, tab: str = "ads") -> None:
    page.goto("about:blank")
    page.goto(f"{desk.address}#{tab}")
    wait_until(page, "document.body.dataset.ready === 'yes'")


def said(page: Any) -> str:
    return page.evaluate("[...document.querySelectorAll('.paragraph p')].map((p) => p.textContent).join(' ')")


def wait_for_edits(page: Any, count: int) -> None:
    wait_until(page, f"document.querySelector('#tab-edits .count').textContent === '{count or ''}'")


def test_ten_held_ads_are_decided_by_keyboard(desk, page):
    change_found(desk.episode, ads=held_ads(10), cuts={"removed": [], "duration": 54.0})
    page.goto(f"{desk.base}/-/desk")
    wait_until(page, "document.querySelector('#waiting a') !== null")
    open_desk(page, desk)
    assert page.inner_text("#tab-ads .count") == "10"
    page.uncheck("#arrival")
    for number in range(10):
        page.keyboard.press("a" if number % 2 else "x")
        wait_for_edits(page, number + 1)
    assert page.inner_text("#panel h2") == "Every ad is decided"
    assert [edit["verdict"] for edit in desk.edits()] == ["keep", "cut"] * 5
    page.keyboard.press("u")
    wait_for_edits(page, 9)
    page.keyboard.press("U")
    wait_for_edits(page, 10)
    desk.wait_for_outputs()
    verdicts = [ad["verdict"] for ad in json.loads((desk.episode / "ads.json").read_text())["ads"]]
    assert verdicts == ["keep", "cut"] * 5


def test_an_edge_is_moved_by_a_word_and_the_join_is_heard(desk, page):
    open_desk(page, desk)
    words = found(desk.episode)["transcript"]["words"]
    first = next(n for n, word in enumerate(words) if word["start"] >= 21.5)
    page.keyboard.press("]")
    wait_for_edits(page, 1)
    assert desk.edits()[0]["first"] == words[first + 1]["start"]
    page.keyboard.press("3")
    wait_until(page, "document.body.dataset.heard")
    before, after = (
        tuple(map(float, part.split("-"))) for part in page.evaluate("document.body.dataset.heard").split()
    )
    assert before[1] - before[0] == pytest.approx(2) and after[1] - after[0] == pytest.approx(2)
    assert before[1] == pytest.approx(words[first + 1]["start"], abs=0.7) and after[0] > 31
    page.focus(".edge.end")
    page.keyboard.press("ArrowLeft")
    wait_for_edits(page, 2)
    handle = page.locator(".edge.end").bounding_box()
    page.mouse.move(handle["x"] + 12, handle["y"] + 40)
    page.mouse.down()
    page.mouse.move(handle["x"] - 40, handle["y"] + 40, steps=4)
    page.mouse.up()
    wait_for_edits(page, 3)
    assert desk.edits()[2]["last"] < desk.edits()[1]["last"]


def correct_everywhere(page: Any) -> None:
    """“Ada” is “Ida”, wherever she is named, by keyboard alone."""
    page.focus("#transcript")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        if page.evaluate("document.querySelector('.word.selected').textContent") == "Ada":
            break
    page.keyboard.press("Enter")
    page.fill("#dialog input[name=text]", "Ida")
    page.check("#dialog input[value=episode]")
    page.keyboard.press("Enter")
    wait_for_edits(page, 1)


def test_corrections_are_found_again_after_a_reload_and_after_another_models_run(desk, page, harbour, out):
    open_desk(page, desk, "words")
    assert said(page).count("Ada") == 2
    correct_everywhere(page)
    assert said(page).count("Ada") == 0 and said(page).count("Ida") == 2
    page.click("#tab-voices")
    page.select_option(".card[data-label=B] select", index=1)
    wait_for_edits(page, 2)
    page.fill(".card[data-label=A] input[name=name]", "Ida Holmes")
    page.press(".card[data-label=A] input[name=name]", "Enter")
    wait_for_edits(page, 3)
    page.click("#tab-chapters")
    page.fill("[aria-label='Title of chapter 1']", "High water")
    page.keyboard.press("Tab")
    wait_for_edits(page, 4)
    open_desk(page, desk, "voices")
    seen = said(page)
    assert page.locator(".card[data-label]").count() == 1 and "Ida Holmes" in page.inner_text("#transcript")
    desk.wait_for_outputs()

    other = out.parent / "other"  # another model: it spells and numbers voices otherwise, and hears a word more
    shutil.copytree(harbour, other)
    document = json.loads((other / "words.json").read_text())
    document["words"] = [[a + 0.05, b + 0.05, "Captain's" if w == "Captains" else w] for a, b, w in document["words"]]
    (other / "words.json").write_text(json.dumps(document))
    rttm = other / "reference.rttm"
    rttm.write_text(
        re.sub(r" ([AB]) <NA> <NA>$", lambda m: f" {'BA'['AB'.index(m[1])]} <NA> <NA>", rttm.read_text(), flags=re.M)
    )
    settings = Settings(out=out, scripted=other, title="The Slow Breath", show="Harbour")
    run_one(out.parent / "in" / "tides.wav", settings)
    open_desk(page, desk, "edits")
    assert page.locator(".edit-row").count() == 4 and page.locator(".edit-row.lost").count() == 0
    assert said(page) == seen.replace("Captains", "Captain's")
    text = (desk.episode / "transcript.txt").read_text()
    assert "[0:00] Ida Holmes" in text and "Ada" not in text
    publish(desk.episode.parent)
    (entry,) = feedparser.parse((desk.episode.parent / "feed.xml").read_text()).entries
    assert "High water" in entry.content[0].value + entry.summary
    result = json.loads((desk.episode / "result.json").read_text())
    assert [speaker["name"] for speaker in result["speakers"]] == ["Ida Holmes"]


def test_doubtful_words_are_walked_and_words_given_away(desk, page):
    words = found(desk.episode)["transcript"]
    for place in (3, 20, 21):
        words["words"][place]["probability"] = 0.2
    change_found(desk.episode, transcript=words)
    open_desk(page, desk, "words")
    assert page.inner_text("#panel h2") == "2 doubtful passages"
    page.keyboard.press("y")
    wait_for_edits(page, 1)
    assert page.inner_text("#panel h2") == "1 doubtful passage"
    page.click(".word >> nth=30")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("g")
    page.select_option("#dialog select", "new")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_edits(page, 2)
    assert "Speaker 1" in page.inner_text("#transcript")
    page.click("[data-tool=quotes]")
    wait_for_edits(page, 3)
    assert desk.edits()[2]["part"] == "quotes"


def serious_findings(page: Any) -> list[Any]:
    """What axe finds wrong for people who see or hear little, or use no mouse."""
    violations = page.evaluate("axe.run().then((found) => found.violations)")
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in violations if v["impact"] in ("serious", "critical")]


def test_every_tab_fits_the_screen_and_axe_finds_nothing_serious(desk, chromium):
    change_found(desk.episode, ads=held_ads(3))
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = context.new_page()
    open_desk(page, desk)
    page.add_script_tag(path=str(AXE))
    for tab in TABS:
        page.click(f"#tab-{tab}")
        assert serious_findings(page) == [], tab
        for width in (390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (tab, width)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    page.click("#tab-ads")
    assert serious_findings(page) == []
    context.close()


@pytest.mark.parametrize("asked", ["http://[", "http://[::1", "//", "http://a b/", "/%ff%fe", "*"])
def test_an_address_that_is_none_is_answered_in_words(desk, asked):
    host, port = desk.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        connection.sendall(f"GET {asked} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400", b"HTTP/1.1 200")) and b"Traceback" not in answer


def test_hours_of_speech_open_without_their_words_being_drawn(desk, page):
    words = found(desk.episode)["transcript"]
    part = [{**w, "start": w["start"] / 200, "end": w["end"] / 200} for w in words["words"]]
    words["words"] = [
        {**w, "start": w["start"] + 0.26 * n, "end": w["end"] + 0.26 * n} for n in range(200) for w in part
    ]
    change_found(desk.episode, transcript=words, ads=[], cuts={"removed": [], "duration": 54.0})
    open_desk(page, desk)
    assert len(words["words"]) > 15_000
    assert 0 < page.evaluate("document.querySelectorAll('.word').length") < 3_000
    page.evaluate("document.getElementById('transcript').scrollTop = 1e9")
    wait_until(page, "[...document.querySelectorAll('.paragraph')].at(-1).querySelector('.word') !== null")


def test_text_from_outside_stays_text_at_the_desk(desk, page):
    data = found(desk.episode)
    data["transcript"]["words"][2]["text"] = BAD
    data["episode"]["title"] = BAD
    for speaker in data["speakers"]:
        speaker["name"] = BAD
    ads = held_ads(1)
    ads[0]["sponsor"], ads[0]["evidence"][0]["text"] = BAD, BAD
    change_found(
        desk.episode, transcript=data["transcript"], episode=data["episode"], speakers=data["speakers"], ads=ads
    )
    open_desk(page, desk)
    for tab in TABS:
        page.click(f"#tab-{tab}")
        assert page.evaluate("window.hit") is None and page.locator("img").count() == 0
    assert BAD in page.inner_text("h1")
