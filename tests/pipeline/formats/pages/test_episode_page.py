from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from time import monotonic

import pytest

from pipeline.formats.pages.episode_page import print_episode_page
from pipeline.result import Episode, Notes, Quote, Result, Speaker
from pipeline.timeline import CutList, Span, Transcript, Word

PATIENCE_S = 10.0


def wait_until(page, condition: str) -> None:
    """Ask the page from outside until the condition holds; its policy forbids the polling of wait_for_function."""
    until = monotonic() + PATIENCE_S
    while not page.evaluate(condition):
        assert monotonic() < until, f"never came true: {condition}"
        page.wait_for_timeout(50)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_policy_names_the_one_script_and_the_one_style(kitchen: Result):
    page = print_episode_page(kitchen)
    policy = next(a["content"] for t, a in Tags(page).tags if a.get("http-equiv") == "Content-Security-Policy")
    for name in ("script", "style"):
        (text,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_nothing_is_asked_of_a_network_and_no_attribute_runs(kitchen: Result):
    for tag, attributes in Tags(print_episode_page(kitchen)).tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert tag not in ("link", "iframe", "object", "embed", "img")
        assert not re.match(r"(https?:)?//", attributes.get("src") or "")


BAD = "</script><script>window.hit=1</script><img src=x onerror='window.hit=1'>\" onclick=\"window.hit=1"


@pytest.fixture
def hostile(kitchen: Result) -> Result:
    """Every text that comes from outside tries to run."""
    ad = replace(kitchen.ads[0], sponsor=BAD, evidence=(replace(kitchen.ads[0].evidence[0], text=BAD),))
    words = (Word(0.1, 0.4, BAD.replace(" ", "\u00a0"), 1.0, "Speaker 1"), *kitchen.transcript.words)
    mention = replace(kitchen.notes.mentions[1], text=BAD, url="javascript:window.hit=1")
    return replace(
        kitchen,
        episode=replace(kitchen.episode, title=BAD, show=BAD, published=BAD, tags={BAD: BAD}),
        transcript=Transcript(words, BAD, BAD),
        speakers=(Speaker("Speaker 1", BAD, BAD),),
        ads=(ad,),
        chapters=(replace(kitchen.chapters[0], title=BAD, url="javascript:window.hit=1"),),
        notes=Notes((Quote(0.1, 0.4, BAD, "Speaker 1"),), (), (Quote(0.1, 0.4, BAD, "Speaker 1"),), (mention,)),
        warnings=(replace(kitchen.warnings[0], text=BAD),),
    )


def test_text_from_outside_stays_text(hostile: Result):
    page = print_episode_page(hostile, audio=BAD, original=BAD)
    tags = Tags(page).tags
    assert [t for t, _ in tags].count("script") == 2 and "img" not in [t for t, _ in tags]
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert "javascript:" not in page


def test_a_page_without_words_or_turns_is_still_a_page():
    empty = Result(Episode("e", "e.mp3", 0.0, ""), Transcript((), "en", "m"), (), (), (), CutList((), 0.0))
    assert "No words were recognised." in print_episode_page(empty)


@pytest.fixture
def page(chromium, episode_folder: Path) -> Iterator:
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    tab = context.new_page()
    tab.problems = []
    tab.asked = []
    tab.on("console", lambda m: tab.problems.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda e: tab.problems.append(str(e)))
    tab.on("request", lambda r: tab.asked.append(r.url))
    tab.goto((episode_folder / "episode.html").as_uri())
    wait_until(tab, "document.getElementById('audio').readyState > 0")
    yield tab
    assert tab.problems == []
    assert all(url.startswith("file:") for url in tab.asked)
    context.close()


def now(tab) -> float:
    return tab.evaluate("document.getElementById('audio').currentTime")


def test_a_click_on_a_word_plays_it_on_the_clean_clock(page, kitchen: Result):
    line = page.locator(".line", has_text="A cold kitchen can double")
    line.hover()
    line.locator("span", has_text="sourdough").click()
    word = next(w for w in kitchen.transcript.words if w.text == "sourdough")
    assert now(page) == pytest.approx(kitchen.cuts.to_clean(word.start), abs=0.5)
    wait_until(page, "!document.getElementById('audio').paused")
    page.wait_for_selector(".line.current .said")
    assert "A cold kitchen" in page.locator(".line.current").inner_text()


def test_the_original_is_heard_at_the_same_word_and_shows_the_ad(page, kitchen: Result):
    page.locator(".line", has_text="See flourlab.org").click()
    page.keyboard.press("k")
    assert not page.locator(".line", has_text="brought to you by Ovenly").is_visible()
    page.locator("#original").check()
    wait_until(
        page, "document.getElementById('audio').readyState > 0 && document.getElementById('audio').currentTime > 0"
    )
    word = next(w for w in kitchen.transcript.words if w.text == "See")
    assert now(page) == pytest.approx(word.start, abs=1.5)
    assert page.locator(".line", has_text="brought to you by Ovenly").is_visible()
    assert page.locator("#total").inner_text() == "0:43"


def test_without_the_original_there_is_no_switch_and_nothing_asks_for_it(
    chromium, kitchen: Result, episode_folder: Path
):
    (episode_folder / "original.wav").unlink()
    (episode_folder / "episode.html").write_text(print_episode_page(kitchen, audio="clean.wav"), encoding="utf-8")
    context = chromium.new_context()
    tab = context.new_page()
    asked = []
    tab.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    tab.goto((episode_folder / "episode.html").as_uri())
    wait_until(tab, "document.getElementById('audio').readyState > 0")
    assert not tab.locator("#switch").is_visible() and not tab.locator("#desk").is_visible()
    assert set(asked) == {"episode.html", "clean.wav"}
    context.close()


def test_an_ad_inside_one_turn_has_one_box(kitchen: Result):
    word = kitchen.transcript.words[0]
    words = tuple(Word(float(n), n + 0.9, f"word{n}.", 1.0, word.speaker) for n in range(40))
    ad = replace(kitchen.ads[0], start=10.0, end=20.9)
    cuts = CutList((Span(10.95, 19.95),), 40.0)
    result = replace(kitchen, transcript=replace(kitchen.transcript, words=words), ads=(ad,), cuts=cuts, chapters=())
    page = print_episode_page(result)
    assert page.count('<details data-ad="0"') == 1
    assert 'src="removed.mp3" preload="none"' in page, "and what was removed can be heard"


def test_an_ad_shows_its_reasons(page):
    page.locator("details.reasons summary").click()
    assert page.locator("details.reasons li", has_text="brought to you by Ovenly").is_visible()
    assert page.locator(".line", has_text="brought to you by Ovenly").is_visible()


def test_search_finds_counts_and_steps(page):
    page.keyboard.press("/")
    page.keyboard.type("REALLY")
    assert page.locator("#found").inner_text() == "2 sentences"
    page.keyboard.press("Enter")
    assert page.locator(".line.target").inner_text() == "Really?"
    page.keyboard.press("Enter")
    assert page.locator(".line.target").inner_text() == "Really."
    page.keyboard.press("Escape")
    assert page.locator(".line.hit").count() == 0


def test_keys_chapters_and_links_to_a_moment(page, kitchen: Result, episode_folder: Path):
    page.locator(".chapters a", has_text="Cold Kitchens").click()
    begin = kitchen.cuts.to_clean(kitchen.chapters[1].start)
    assert now(page) == pytest.approx(begin, abs=0.5)
    page.keyboard.press("k")
    before = now(page)
    page.keyboard.press("ArrowLeft")
    assert now(page) == pytest.approx(max(0.0, before - 15), abs=0.2)
    page.keyboard.press("]")
    assert page.evaluate("document.getElementById('audio').playbackRate") == 1.25
    page.goto((episode_folder / "episode.html").as_uri() + "#t=20.5")
    page.reload()
    wait_until(page, "Math.abs(document.getElementById('audio').currentTime - 20.5) < 0.1")
    page.locator("#copy").click()
    wait_until(page, "document.getElementById('toast').textContent.includes('copied')")
    assert page.url.endswith("#t=20.5")


def test_the_picture_seeks_and_steps_over_what_was_cut(page, kitchen: Result):
    box = page.locator("#lanes").bounding_box()
    inside_ad = kitchen.ads[0].middle / kitchen.cuts.duration
    page.mouse.click(box["x"] + box["width"] * inside_ad, box["y"] + 20)
    assert now(page) == pytest.approx(kitchen.cuts.to_clean(kitchen.ads[0].end), abs=0.1)
    assert page.locator("#lanes g rect").count() >= len(kitchen.turns) - 2


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "dark")])
def test_it_fits_the_screen(chromium, episode_folder: Path, width: int, scheme: str):
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab = context.new_page()
    tab.goto((episode_folder / "episode.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    paper, ink = tab.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    dark = sum(map(int, re.findall(r"\d+", paper)[:3])) < sum(map(int, re.findall(r"\d+", ink)[:3]))
    assert dark == (scheme == "dark")
    context.close()


def test_in_print_the_player_is_gone_and_the_words_are_there(chromium, episode_folder: Path):
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto((episode_folder / "episode.html").as_uri())
    tab.emulate_media(media="print")
    assert not tab.locator(".player").is_visible() and tab.locator(".line").first.is_visible()
    context.close()


def test_hostile_text_does_not_run(chromium, hostile: Result, tmp_path: Path):
    (tmp_path / "bad.html").write_text(print_episode_page(hostile), encoding="utf-8")
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto((tmp_path / "bad.html").as_uri())
    tab.locator(".line").first.click()
    assert tab.evaluate("window.hit") is None
    assert tab.title().startswith("</script>")
    context.close()
