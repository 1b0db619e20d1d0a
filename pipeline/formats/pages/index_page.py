"""``index.html``: one page over an output folder: its episodes, who speaks, and a search in all they say.

The same rules as the episode's page: one file, no request to any network, a policy by hashes, everything escaped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jinja2.utils import htmlsafe_json_dumps

from pipeline.formats.clock import clock
from pipeline.formats.pages.episode_page import page_environment, page_source, security_policy
from pipeline.formats.pages.notes_page import notes_context
from pipeline.formats.transcripts.clean_transcript import clean_sentences
from pipeline.result import Result

PASSAGE_WORDS = 60
"""What a search finds is shown as a passage of about this length, and plays from its start."""


MOST_SEARCHED = 50_000_000
"""Characters of passages in one page: a browser opens it in seconds, and it holds 800 hours of talk. Older episodes are
listed without being searched."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One finished episode as the page has it; ``passages`` is JSON that may stand in HTML."""

    folder: str
    title: str
    show: str
    published: str
    clean_s: float
    length: str
    removed: str
    summary: str
    people: tuple[str, ...]
    passages: str

    @property
    def href(self) -> str:
        return quote(f"{self.folder}/episode.html")

    @property
    def place(self) -> str:
        """The folder of the episode's show."""
        return self.folder.split("/")[0]

    @property
    def feed(self) -> str:
        return quote(f"{self.place}/feed.xml")


def index_entry(folder: str, result: Result) -> IndexEntry:
    """What the page says of an episode; ``folder``: its path from the page, with forward slashes."""
    notes = notes_context(result)
    removed = result.cuts.duration - result.cuts.clean_duration
    return IndexEntry(
        folder=folder,
        title=notes["title"],
        show=notes["show"],
        published=notes["published"],
        clean_s=result.cuts.clean_duration,
        length=notes["length"],
        removed=clock(removed) if removed >= 1 else "",
        summary=" ".join(sentence["text"] for sentence in notes["summary"]),
        people=tuple(speaker["name"] for speaker in notes["speakers"] if speaker["name"]),
        passages=str(htmlsafe_json_dumps(_passages(result))),
    )


def print_index(entries: Sequence[IndexEntry], *, feeds: Collection[str] = (), title: str = "Episodes") -> str:
    """The page; newest episodes first within a show, shows in order of their names.

    ``feeds``: the folders of the shows that have a clean feed.
    """
    ordered = sorted(entries, key=lambda e: (e.title.lower(), e.folder))
    ordered = sorted(ordered, key=lambda e: e.published, reverse=True)
    ordered = sorted(ordered, key=lambda e: e.show.lower())
    searched = _searched(ordered)
    style, script = page_source("index.css"), page_source("index.js")
    page = page_environment().get_template("index.html.jinja").render(
        csp=security_policy(style=style, script=script, media=False),
        style=style,
        script=script,
        title=title,
        episodes=ordered,
        feeds=feeds,
        people=_people(ordered),
        hours=clock(sum(e.clean_s for e in ordered)),
        searched=len(searched),
        data="[" + ",".join(e.passages if e.folder in searched else "[]" for e in ordered) + "]",
    )  # fmt: skip
    return page.strip() + "\n"


def _searched(entries: Sequence[IndexEntry]) -> set[str]:
    """The folders of the newest episodes, as many as the page can hold the words of."""
    found: set[str] = set()
    size = 0
    for entry in sorted(entries, key=lambda e: (e.published, e.folder), reverse=True):
        size += len(entry.passages)
        if size > MOST_SEARCHED:
            break
        found.add(entry.folder)
    return found


def _people(episodes: Sequence[IndexEntry]) -> list[dict[str, Any]]:
    """The named voices of all episodes with the number of their episodes, most first."""
    counts: dict[str, int] = {}
    for episode in episodes:
        for name in episode.people:
            counts[name] = counts.get(name, 0) + 1
    return [{"name": name, "count": counts[name]} for name in sorted(counts, key=lambda n: (-counts[n], n.lower()))]


def _passages(result: Result) -> list[list[Any]]:
    """What the search looks through: ``[start on the clean clock, name, text]`` for each passage, ads left out."""
    passages: list[list[Any]] = []
    size = 0
    for sentence in clean_sentences(result):
        if sentence.ad is not None:
            continue
        if passages and passages[-1][1] == sentence.speaker and size < PASSAGE_WORDS:
            passages[-1][2] += " " + sentence.text
        else:
            passages.append([round(sentence.start, 1), sentence.speaker, sentence.text])
            size = 0
        size += len(sentence.words)
    return passages
