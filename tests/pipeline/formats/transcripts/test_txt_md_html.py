from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.transcripts import md, transcript_html, txt
from pipeline.formats.transcripts.passages import Passage, plain_name
from pipeline.result import Result

times = st.integers(0, 400_000).map(float)
line = st.lists(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=9), min_size=1, max_size=5)
bodies = line.map(" ".join)
names = bodies.map(plain_name)
passages = st.lists(st.builds(Passage, times, names, bodies, names), min_size=1, max_size=4).map(tuple)


@given(passages)
def test_markdown_reads_back_as_it_was(items):
    assert md.parse_md(md.print_passages(items)) == items


@given(passages)
def test_html_reads_back_as_it_was(items):
    assert transcript_html.parse_transcript_html(transcript_html.print_passages(items)) == items


@given(passages)
def test_text_reads_back_as_it_was(items):
    items = tuple(p for p in items if not p.text.startswith("["))
    assert txt.parse_txt(txt.print_passages(items)) == items


@pytest.mark.parametrize("text", ["1. one", "# head", "- dash", "a *b* _c_ `d` <e> [f](g) | ~~h~~", "&amp; \\", "---"])
def test_markdown_keeps_text_from_being_markup(text: str):
    markdown = pytest.importorskip("markdown_it").MarkdownIt()
    html = markdown.render(md.print_passages([Passage(0.0, "A", text)]))
    shown = transcript_html.parse_transcript_html(html.replace("<p><strong>", "<b>", 1))[0].text
    assert shown == text


def test_golden(kitchen: Result, golden: Callable[[str, str], None]):
    golden("transcript.txt", txt.print_txt(kitchen))
    golden("transcript.md", md.print_md(kitchen))
    golden("transcript.html", transcript_html.print_transcript_html(kitchen))


def test_golden_marked(marked: Result, golden: Callable[[str, str], None]):
    golden("marked.txt", txt.print_txt(marked))
    assert "**[0:15] Speaker 3** *(Ad: Ovenly)*" in md.print_md(marked)
    assert '<p class="ad" title="Ad: Ovenly">' in transcript_html.print_transcript_html(marked)


@pytest.mark.parametrize("parse", [txt.parse_txt, md.parse_md, transcript_html.parse_transcript_html])
def test_another_text_is_refused_in_words(parse):
    with pytest.raises(FormatError):
        parse("once upon a time", path="a")
