from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.errors import FormatError
from pipeline.formats.pages.notes_page import print_notes_html, print_notes_md
from pipeline.result import Episode, Notes, Quote, Result
from pipeline.timeline import CutList, Transcript


def test_golden(kitchen: Result, golden: Callable[[str, str], None]):
    golden("notes.md", print_notes_md(kitchen))
    golden("notes.html", print_notes_html(kitchen))


def test_a_sponsor_stands_in_its_list_and_nowhere_else(kitchen: Result, marked: Result):
    before, _, after = print_notes_md(kitchen).partition("## Sponsors removed")
    assert "Ovenly" in after and "Ovenly" not in before
    before, _, after = print_notes_md(marked).partition("## Sponsors\n")
    assert "Ovenly" in after and "Ovenly" not in before


def test_an_empty_line_stands_before_every_heading(kitchen: Result):
    held = replace(kitchen.ads[0], start=1.0, end=2.0, verdict="hold")
    lines = print_notes_md(replace(kitchen, ads=(held, *kitchen.ads))).splitlines()
    headings = [n for n, line in enumerate(lines) if line.startswith("## ")]
    assert "## Sponsors" in lines and all(not lines[n - 1] for n in headings)


def test_times_are_on_the_clean_clock(kitchen: Result):
    point = kitchen.notes.points[0]
    assert kitchen.cuts.to_clean(point.start) < point.start
    assert f"({int(kitchen.cuts.to_clean(point.start)) // 60}:{int(kitchen.cuts.to_clean(point.start)) % 60:02})" in (
        print_notes_md(kitchen)
    )


def test_text_from_outside_stays_text(kitchen: Result):
    bad = '<script>alert(1)</script> [x](javascript:alert(1)) "q" {{ 7*7 }}'
    notes = Notes(summary=(Quote(0, 1, bad, "Speaker 1"),))
    nasty = replace(kitchen, notes=notes, episode=replace(kitchen.episode, title=bad))
    assert "<script" not in print_notes_html(nasty) and "49" not in print_notes_html(nasty)
    assert "<script" not in print_notes_md(nasty).replace("\\<", "") and "\\[x\\]" in print_notes_md(nasty)


def test_the_users_template_replaces_ours(kitchen: Result):
    text = "{{ title }}: {% for c in chapters %}{{ c.clock }} {{ c.title }}. {% endfor %}"
    assert print_notes_md(kitchen, template=text) == "Why Bread <Rises>: 0:00 Why Bread Rises. 0:15 Cold Kitchens.\n"


@pytest.mark.parametrize("text", ["{{ nothing }}", "{% for %}", "{{ title.__class__.__mro__ }}"])
def test_a_template_that_does_not_work_is_refused_in_words(kitchen: Result, text: str):
    with pytest.raises(FormatError, match="notes template"):
        print_notes_md(kitchen, template=text)


def test_an_empty_result_has_a_title_and_nothing_else():
    empty = Result(Episode("e", "e.mp3", 0.0, ""), Transcript((), "en", "m"), (), (), (), CutList((), 0.0))
    assert print_notes_md(empty) == "# e\n"
