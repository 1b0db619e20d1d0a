from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.formats.pages.episode_page import print_episode_page
from pipeline.formats.pages.index_page import IndexEntry, index_entry, print_index
from pipeline.result import Result, Speaker


def entries(kitchen: Result) -> list[IndexEntry]:
    other = replace(
        kitchen,
        episode=replace(kitchen.episode, title="Salt", show="Another Show", published="2026-02-01"),
        speakers=(Speaker("Speaker 1", "Ada Park", "host"), Speaker("Speaker 2", "Bo Ek", "guest")),
    )
    return [index_entry("kitchen-science/why bread", kitchen), index_entry("another/salt", other)]


def test_the_policy_names_the_one_script_and_style(kitchen: Result):
    page = print_index(entries(kitchen))
    for name in ("script", "style"):
        (text,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in page
    assert "media-src" not in page and not re.search(r"(src|href)=.(https?:)?//", page)


def test_shows_and_folders_are_safe_in_addresses(kitchen: Result):
    page = print_index(entries(kitchen))
    assert 'href="kitchen-science/why%20bread/episode.html"' in page
    assert page.index("Another Show") < page.index("Kitchen Science")


def test_sponsors_are_not_on_the_shelf(kitchen: Result, marked: Result):
    assert "Ovenly" not in print_index([*entries(kitchen), index_entry("m", marked)])


def test_an_empty_shelf_says_so():
    assert "No episode has been processed yet." in print_index([])


def test_text_from_outside_stays_text(kitchen: Result):
    bad = "</script><script>window.hit=1</script>\"'><img src=x onerror=window.hit=1>"
    nasty = replace(
        kitchen, episode=replace(kitchen.episode, title=bad, show=bad), speakers=(Speaker("Speaker 1", bad, bad),)
    )
    page = print_index([index_entry(bad, nasty)])
    assert page.count("<script") == 2 and "<img" not in page


@pytest.fixture
def index(chromium, kitchen: Result, tmp_path: Path) -> Iterator:
    for entry in entries(kitchen):
        folder = tmp_path / entry.folder
        folder.mkdir(parents=True)
        (folder / "episode.html").write_text(print_episode_page(kitchen), encoding="utf-8")
    (tmp_path / "index.html").write_text(print_index(entries(kitchen)), encoding="utf-8")
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    tab = context.new_page()
    problems: list[str] = []
    tab.on("pageerror", lambda e: problems.append(str(e)))
    tab.goto((tmp_path / "index.html").as_uri())
    yield tab
    assert problems == []
    context.close()


def test_search_reaches_into_every_episode_and_leads_to_the_moment(index):
    assert index.evaluate("document.documentElement.scrollWidth") <= 390
    index.locator("#query").fill("SOURDOUGH")
    assert index.locator("#found").inner_text() == "2 passages"
    assert index.locator("mark").first.inner_text() == "sourdough"
    index.locator(".hits a").first.click()
    index.wait_for_url(re.compile(r"episode\.html#t=15\.\d$"))


def test_a_voice_narrows_the_shelf(index):
    index.locator("[data-person='Bo Ek']").click()
    assert index.locator("article:visible h3").all_inner_texts() == ["Salt"]
    index.locator("[data-person='Bo Ek']").click()
    assert index.locator("article:visible").count() == 2
