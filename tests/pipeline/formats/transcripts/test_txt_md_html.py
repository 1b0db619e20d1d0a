from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from pipeline.formats.transcripts import md, transcript_html, txt
from pipeline.formats.transcripts.passages import Passage
from pipeline.result import Result


@pytest.mark.parametrize("text", ["1. one", "# head", "- dash", "a *b* _c_ `d` <e> [f](g) | ~~h~~", "&amp; \\", "---"])
def test_markdown_keeps_text_from_being_markup(text: str):
    markdown = pytest.importorskip("markdown_it").MarkdownIt()
    html = markdown.render(md.print_passages([Passage(0.0, "A", text)]))
    shown = re.findall(r"<p>(.*?)</p>", html, re.DOTALL)[-1]
    assert unescape(shown) == text


def test_golden(kitchen: Result, golden: Callable[[str, str], None]):
    golden("transcript.txt", txt.print_txt(kitchen))
    golden("transcript.md", md.print_md(kitchen))
    golden("transcript.html", transcript_html.print_transcript_html(kitchen))


def test_golden_marked(marked: Result, golden: Callable[[str, str], None]):
    golden("marked.txt", txt.print_txt(marked))
    assert "**[0:15] Speaker 3** *(Ad: Ovenly)*" in md.print_md(marked)
    assert '<p class="ad" title="Ad: Ovenly">' in transcript_html.print_transcript_html(marked)
