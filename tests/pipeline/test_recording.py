"""A clean file that is begun before its chapters are known is the file that is asked for, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.ports import Tool, silent
from pipeline.recording import CutAhead
from pipeline.result import Chapter
from pipeline.timeline import CutList, Span

CUTS = CutList.of([Span(1.0, 2.0)], duration=9.0)
OTHERS = CutList.of([], duration=9.0)
SOURCE = Path("a.wav")
CHAPTERS = (Chapter(0.0, 4.0, "One"),)


class Cutter:
    """Writes what it was asked for, in words; a file that was given up leaves nothing."""

    def __init__(self) -> None:
        self.begun: list[CutList] = []

    def __call__(self, source: Path, cuts: CutList, target: Path, *, chapters: Any, progress: Any, **how: Any) -> None:
        self.begun.append(cuts)
        progress(0.5)
        target.write_text(f"{source} {cuts.removed} {tuple(chapters)} {sorted(how.items())}")


def written(cutter: CutAhead, target: Path, cuts: CutList = CUTS, tags: dict[str, str] | None = None) -> str:
    cutter(SOURCE, cuts, target, chapters=CHAPTERS, tags=tags or {}, loudness=None, progress=silent)
    return target.read_text()


def test_what_was_begun_is_finished_with_its_chapters_and_not_written_twice(tmp_path: Path) -> None:
    made = Cutter()
    with CutAhead(Tool("", lambda: made)) as cutter:
        plain = written(cutter, tmp_path / "clean.mp3")
        cutter.begin(SOURCE, CUTS, tmp_path / "clean.mp3", tags={}, loudness=None)
        assert written(cutter, tmp_path / "clean.mp3") == plain
    assert made.begun == [CUTS, CUTS]


@pytest.mark.parametrize(("cuts", "tags"), [(OTHERS, {}), (CUTS, {"title": "On tea"})])
def test_what_was_begun_of_another_file_is_given_up(tmp_path: Path, cuts: CutList, tags: dict[str, str]) -> None:
    made = Cutter()
    with CutAhead(Tool("", lambda: made)) as cutter:
        cutter.begin(SOURCE, CUTS, tmp_path / "begun.mp3", tags={}, loudness=None)
        written(cutter, tmp_path / "clean.mp3", cuts, tags)
    assert made.begun == [CUTS, cuts]
    assert not (tmp_path / "begun.mp3").exists()


def test_what_was_begun_ends_with_the_run(tmp_path: Path) -> None:
    made = Cutter()
    with pytest.raises(ZeroDivisionError), CutAhead(Tool("", lambda: made)) as cutter:
        cutter.begin(SOURCE, CUTS, tmp_path / "clean.mp3", tags={}, loudness=None)
        raise ZeroDivisionError
    assert not (tmp_path / "clean.mp3").exists()


def test_what_goes_wrong_in_it_is_raised_where_the_file_is_asked_for(tmp_path: Path) -> None:
    def broken(*_given: Any, **_named: Any) -> None:
        raise ZeroDivisionError

    with CutAhead(Tool("", lambda: broken)) as cutter:
        cutter.begin(SOURCE, CUTS, tmp_path / "clean.mp3", tags={}, loudness=None)
        with pytest.raises(ZeroDivisionError):
            written(cutter, tmp_path / "clean.mp3")
