from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.scripted import ScriptedEncoder
from pipeline.notes.chapters import chapter_count, find_chapters
from pipeline.notes.titles import title_chapters
from pipeline.result import Chapter
from pipeline.timeline import CutList, Span, Word
from pipeline.words.sentences import group_segments

SUBJECTS = [
    "The sourdough starter needs warm flour and water. A sourdough starter rises when the kitchen is warm.",
    "Volcanic rock forms under the ocean floor. Geologists date volcanic rock by its crystals.",
    "The football league plays every winter. A football league needs referees and stadiums.",
]


def spoken(texts: list[str], *, pace_s: float = 0.5, gap_s: float = 0.2) -> list[Word]:
    words, now = [], 0.0
    for text in texts:
        for part in text.split():
            words.append(Word(now, now + pace_s - 0.05, part, speaker="A"))
            now += pace_s
        now += gap_s
    return words


def test_chapters_change_where_the_subject_does():
    words = spoken([SUBJECTS[0]] * 8 + [SUBJECTS[1]] * 8 + [SUBJECTS[2]] * 8)
    chapters = find_chapters(group_segments(words), encoder=ScriptedEncoder(256), duration_s=words[-1].end)
    edges = [words[i].start for i, w in enumerate(words) if w.text == "Volcanic" or w.text == "The"]
    first_rock = next(w.start for w in words if w.text == "Volcanic")
    first_ball = next(w.start for w in words if w.text == "football") - 0.5
    starts = [c.start for c in chapters]
    assert first_rock in starts and any(abs(s - first_ball) < 0.01 for s in starts) and edges
    by_time = {c.start: c.title for c in chapters}
    assert by_time[first_rock].startswith("Volcanic Rock")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(SUBJECTS), max_size=30), st.floats(0.0, 30.0))
def test_chapters_tile_the_episode(texts, rest):
    words = spoken(texts)
    end = (words[-1].end if words else 0.0) + rest
    chapters = find_chapters(group_segments(words), encoder=ScriptedEncoder(), duration_s=end)
    assert bool(chapters) == bool(words)
    if chapters:
        assert chapters[0].start == 0.0 and chapters[-1].end == end
        assert all(a.end == b.start for a, b in pairwise(chapters))
        assert all(c.title.strip() for c in chapters)


def test_the_creators_chapters_win_and_lose_what_was_cut():
    given_ = [Chapter(20, 40, "B"), Chapter(0, 20, "A"), Chapter(40, 60, "Sponsor"), Chapter(60, 60, "C")]
    cuts = CutList.of([Span(39.5, 60.0)], duration=100.0)
    chapters = find_chapters([], encoder=ScriptedEncoder(), given=given_, cuts=cuts)
    assert [(c.start, c.end, c.title) for c in chapters] == [(0, 20, "A"), (20, 40, "B"), (60, 100, "C")]


def test_nothing_said_has_no_chapters():
    assert find_chapters([], encoder=ScriptedEncoder(), duration_s=60.0) == ()


@pytest.mark.parametrize(
    ("minutes", "least", "most"), [(0.5, 1, 1), (5, 3, 5), (20, 5, 9), (60, 10, 15), (180, 15, 25)]
)
def test_an_episode_has_as_many_chapters_as_a_listener_can_use(minutes: float, least: int, most: int):
    assert least <= chapter_count(minutes * 60) <= most


@pytest.mark.weights
def test_the_seed_is_divided_as_a_reader_would(spoken_seed):
    minilm = pytest.importorskip("models.encoder")
    chapters = find_chapters(
        spoken_seed.segments, encoder=minilm.MiniLmEncoder(), duration_s=spoken_seed.duration, title=spoken_seed.title
    )
    assert 5 <= len(chapters) <= 9
    titles = " | ".join(c.title for c in chapters)
    assert "Code Red" in titles and "User Signals" in titles
    assert not any(name in titles for name in ("PayPal", "U.S. Bank", "UnitedHealth", "Edward Jones"))


def titled(text: str, *, probability: float = 1.0) -> str:
    words = [Word(i * 0.5, i * 0.5 + 0.4, part, probability, "A") for i, part in enumerate(text.split())]
    return title_chapters([[[s] for s in group_segments(words)]], encoder=ScriptedEncoder())[0]


def test_titles_hold_nothing_coarse_misheard_or_that_is_no_noun():
    talk = "The damn shitty rye flour won. Shitty bread came. Rye flour sells. "
    assert titled(talk) == "Rye Flour"
    assert titled("They said Cloud Puts Lightroom and That Raid. " * 3) not in ("Cloud Puts Lightroom", "That Raid")
    assert titled("The rye flour is sold. " * 3) == "Rye Flour"
    assert titled("The rye flour is sold. " * 3, probability=0.5) == "Part 1"
