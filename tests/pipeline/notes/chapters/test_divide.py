from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.notes.artifact import load_notes_model
from models.scripted import ScriptedEncoder, ScriptedLanguage
from pipeline.notes.chapters.divide import chapter_count, chapters_of_description, divide, find_chapters
from pipeline.notes.chapters.divisions import LONGEST_SHARE
from pipeline.notes.chapters.titles import title_chapters
from pipeline.notes.fitted import LinearModel
from pipeline.notes.material import Material, read_material
from pipeline.result import Chapter
from pipeline.timeline import CutList, Span, Word
from pipeline.words.sentences import group_segments

MODEL = load_notes_model()
SUBJECTS = [
    "The sourdough starter needs warm flour and water. A sourdough starter rises when the kitchen is warm.",
    "Volcanic rock forms under the ocean floor. Geologists date volcanic rock by its crystals.",
    "The football league plays every winter. A football league needs referees and stadiums.",
]


def spoken(texts: list[str], *, pace_s: float = 0.5, gap_s: float = 0.2) -> list[Word]:
    words, now = [], 0.0
    for number, text in enumerate(texts):
        for part in text.split():
            words.append(Word(now, now + pace_s - 0.05, part, speaker="AB"[number % 2]))
            now += pace_s
        now += gap_s
    return words


def material(words: list[Word]) -> Material:
    return read_material(group_segments(words), encoder=ScriptedEncoder(), analysis=ScriptedLanguage())


def chapters_of(words: list[Word], **known) -> tuple[Chapter, ...]:
    return find_chapters(material(words), model=MODEL, encoder=ScriptedEncoder(), **known)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(SUBJECTS), max_size=40), st.floats(0.0, 30.0))
def test_chapters_tile_the_episode(texts, rest):
    words = spoken(texts)
    end = (words[-1].end if words else 0.0) + rest
    chapters = chapters_of(words, cuts=CutList((), end))
    assert bool(chapters) == bool(words)
    if chapters:
        assert chapters[0].start == 0.0 and chapters[-1].end == end
        assert all(a.end == b.start and a.start < a.end for a, b in pairwise(chapters))
        assert all(c.title.strip() for c in chapters)


def test_no_chapter_takes_more_than_its_share_of_a_long_show():
    words = spoken([SUBJECTS[i // 20 % 3] for i in range(200)])
    chapters = chapters_of(words)
    assert len(chapters) > 3
    assert all(c.end - c.start <= LONGEST_SHARE * words[-1].end for c in chapters)


def test_a_chapter_keeps_to_one_subject_where_nothing_else_tells():
    blind = replace(MODEL, boundary=LinearModel((), (), (), ()), chapters=(2.0, 0.0))
    shown = material(spoken([SUBJECTS[0]] * 30 + [SUBJECTS[1]] * 22))
    assert divide(shown, blind, duration_s=shown.segments[-1].end) == [0, 60]


def test_the_creators_chapters_win_and_lose_what_was_cut():
    given_ = [Chapter(20, 40, "B"), Chapter(0, 20, "A"), Chapter(40, 60, "Sponsor"), Chapter(60, 60, "C")]
    cuts = CutList.of([Span(39.5, 60.0)], duration=100.0)
    chapters = chapters_of([], given=given_, cuts=cuts)
    assert [(c.start, c.end, c.title) for c in chapters] == [(0, 20, "A"), (20, 40, "B"), (60, 100, "C")]


@pytest.mark.parametrize(
    "description",
    [
        "About bread.\n00:00 Hello\n12:30 Rye\n1:02:03 Salt",
        "(0:00) - Hello\n(12:30) - Rye\n(1:02:03) - Salt",
        "- [@00:00] - Hello\n- [@12:30] - [Rye](https://rye.example)\n- [@1:02:03] - Salt",
        "Hello (0:00)\nRye (12:30)\nSalt (1:02:03)",
    ],
)
def test_times_written_in_the_description_are_chapters(description: str):
    chapters = chapters_of(spoken([SUBJECTS[0]] * 3), description=description, cuts=CutList((), 4000.0))
    assert [(c.start, c.title) for c in chapters] == [(0.0, "Hello"), (750.0, "Rye"), (3723.0, "Salt")]


@pytest.mark.parametrize(
    "description",
    ["We talk at 12:30 and 13:30.", "00:00 A\n10:00 B", "10:00 A\n05:00 B\n20:00 C", "0:00 A\n9:00 B\n99:00 C"],
)
def test_other_times_are_none(description: str):
    assert chapters_of_description(description, duration_s=4000.0) == ()


def test_nothing_said_has_no_chapters():
    assert chapters_of([], cuts=CutList((), 60.0)) == ()


@pytest.mark.parametrize(
    ("minutes", "least", "most"), [(0.5, 1, 1), (5, 2, 5), (20, 4, 10), (60, 10, 18), (180, 20, 35)]
)
def test_an_episode_has_as_many_chapters_as_published_ones(minutes: float, least: int, most: int):
    assert least <= chapter_count(minutes * 60, MODEL) <= most


def test_another_language_has_chapters_but_no_english_titles():
    said = material(spoken(SUBJECTS * 20))
    bare = tuple(replace(text, parsed=False, noun_phrases=(), entities=()) for text in said.texts)
    chapters = find_chapters(replace(said, texts=bare), model=MODEL, encoder=ScriptedEncoder())
    assert [c.title for c in chapters] == [f"Part {n}" for n in range(1, len(chapters) + 1)]


def titled(text: str, *, probability: float = 1.0) -> str:
    words = [Word(i * 0.5, i * 0.5 + 0.4, part, probability, "A") for i, part in enumerate(text.split())]
    said = material(words)
    groups = [range(len(said.segments))]
    return title_chapters(said, groups, encoder=ScriptedEncoder(), common={"sells": 1.0})[0]


def test_titles_hold_nothing_coarse_or_misheard():
    assert "Flour" in titled("The shitty rye flour won. The rye flour sells. ")
    assert "shitty" not in titled("The shitty rye flour won. Shitty bread came. ").lower()
    assert titled("The rye flour is sold. " * 3, probability=0.5) == "Part 1"


def test_sentences_that_may_be_an_ad_title_no_chapter_that_has_others():
    words = spoken(["The rye flour is sold. " * 3 + "Mattresses are sold. " * 5])
    (chapter,) = chapters_of(words)
    assert "Mattresses" in chapter.title
    (chapter,) = chapters_of(words, untold=range(3, 8))
    assert "Flour" in chapter.title and "Mattresses" not in chapter.title
    (chapter,) = chapters_of(words, untold=range(8))
    assert "Mattresses" in chapter.title
