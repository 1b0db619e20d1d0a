"""A show's cover: had once, said where it cannot be had, and part of what a clean file depends on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.covers import MOST_BYTES, with_cover
from pipeline.feeds.download import Net
from pipeline.feeds.publishing import has_cover, keep_cover
from pipeline.ports import CutAudio, Tool

NET = Net(allow_private=True)
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
JPEG_END, PNG_END = b"\xff\xd9", b"IEND"


def cutter() -> Tool[CutAudio]:
    def cut(*_: Any, **given: Any) -> Any:
        return given.get("cover")

    return Tool("cutter", lambda: cut)


@pytest.mark.parametrize(
    ("data", "told", "kept"),
    [
        (PNG + bytes(9) + PNG_END, "", "cover.png"),
        (PNG + bytes(9), "neither a whole JPEG nor a whole PNG", ""),
        (b"GIF89a", "neither a whole JPEG nor a whole PNG", ""),
        (JPEG + bytes(MOST_BYTES) + JPEG_END, "is not in its episodes: it has 2.0 MB", "cover.jpg"),
    ],
)
def test_what_is_wrong_with_a_cover_is_said(web: Any, tmp_path: Path, data: bytes, told: str, kept: str) -> None:
    remark = keep_cover(tmp_path, web.put("/cover", data, kind="image/any"), net=NET)
    assert told in remark and bool(told) == bool(remark)
    assert [file.name for file in tmp_path.iterdir()] == ([kept] if kept else [])
    assert bool(with_cover(cutter(), tmp_path)()(..., ..., ...)) == (not told)  # type: ignore[arg-type, call-arg]


def test_a_cover_that_cannot_be_had_is_no_failure_and_none_is_nothing_to_say(web: Any, tmp_path: Path) -> None:
    assert "the show's cover is missing" in keep_cover(tmp_path, f"{web.base}/nowhere", net=NET)
    assert has_cover(tmp_path, "") and not has_cover(tmp_path, f"{web.base}/nowhere")
    assert with_cover(cutter(), tmp_path / "no folder").identity == "cutter"


def test_a_persons_own_cover_stays_and_a_new_one_is_another_tool(web: Any, tmp_path: Path) -> None:
    (tmp_path / "cover.jpg").write_bytes(JPEG + b"one" + JPEG_END)
    first = with_cover(cutter(), tmp_path)
    assert has_cover(tmp_path, web.put("/cover", PNG, kind="image/png"))
    assert with_cover(cutter(), tmp_path).identity == first.identity != "cutter"
    (tmp_path / "cover.jpg").write_bytes(JPEG + b"two" + JPEG_END)
    assert with_cover(cutter(), tmp_path).identity != first.identity
