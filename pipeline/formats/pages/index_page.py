"""``index.html``: one page over an output folder: its episodes, who speaks, and a search in all they say.

The same rules as the episode's page: one file, no request to any network, a policy by hashes, everything escaped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pipeline.formats.clock import clock
from pipeline.formats.pages.episode_page import page_environment, page_source, security_policy
from pipeline.formats.pages.notes_page import notes_context
from pipeline.formats.transcripts.clean_transcript import clean_sentences
from pipeline.result import Result

PASSAGE_WORDS = 60
"""What a search finds is shown as a passage of about this length, and plays from its start."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One finished episode: the path of its folder from this page, with forward slashes, and what it holds."""

    folder: str
    result: Result


def print_index(entries: Sequence[IndexEntry], *, feeds: Collection[str] = (), title: str = "Episodes") -> str:
    """The page; newest episodes first within a show, shows in order of their names.

    ``feeds``: the folders of the shows that have a clean feed.
    """
    ordered = sorted(entries, key=lambda e: (e.result.episode.title.lower(), e.folder))
    ordered = sorted(ordered, key=lambda e: e.result.episode.published, reverse=True)
    ordered = sorted(ordered, key=lambda e: e.result.episode.show.lower())
    episodes = [_episode(entry, index, feeds) for index, entry in enumerate(ordered)]
    style, script = page_source("index.css"), page_source("index.js")
    page = page_environment().get_template("index.html.jinja").render(
        csp=security_policy(style=style, script=script, media=False),
        style=style,
        script=script,
        title=title,
        episodes=episodes,
        people=_people(episodes),
        hours=clock(sum(e.result.cuts.clean_duration for e in ordered)),
        data=[_passages(entry) for entry in ordered],
    )  # fmt: skip
    return page.strip() + "\n"


def _episode(entry: IndexEntry, index: int, feeds: Collection[str]) -> dict[str, Any]:
    folder = entry.folder.split("/")[0]
    notes = notes_context(entry.result)
    removed = entry.result.cuts.duration - entry.result.cuts.clean_duration
    return {
        "index": index,
        "href": quote(f"{entry.folder}/episode.html"),
        "title": notes["title"],
        "show": notes["show"],
        "feed": quote(f"{folder}/feed.xml") if folder in feeds else "",
        "published": notes["published"],
        "length": notes["length"],
        "removed": clock(removed) if removed >= 1 else "",
        "summary": " ".join(sentence["text"] for sentence in notes["summary"]),
        "people": [speaker["name"] for speaker in notes["speakers"] if speaker["name"]],
    }


def _people(episodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The named voices of all episodes with the number of their episodes, most first."""
    counts: dict[str, int] = {}
    for episode in episodes:
        for name in episode["people"]:
            counts[name] = counts.get(name, 0) + 1
    return [{"name": name, "count": counts[name]} for name in sorted(counts, key=lambda n: (-counts[n], n.lower()))]


def _passages(entry: IndexEntry) -> list[list[Any]]:
    """What the search looks through: ``[start on the clean clock, name, text]`` for each passage, ads left out."""
    passages: list[list[Any]] = []
    size = 0
    for sentence in clean_sentences(entry.result):
        if sentence.ad is not None:
            continue
        if passages and passages[-1][1] == sentence.speaker and size < PASSAGE_WORDS:
            passages[-1][2] += " " + sentence.text
        else:
            passages.append([round(sentence.start, 1), sentence.speaker, sentence.text])
            size = 0
        size += len(sentence.words)
    return passages
