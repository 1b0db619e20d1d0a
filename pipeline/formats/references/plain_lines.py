"""The lines of a transcript without the markup of the page or program they were copied from: HTML and Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.formats.untrusted_text import text_of_html, unescape

CELL = "\t"
"""What stands between the cells of a table."""
FEWEST_TAGS = 2
LONGEST_SPAN = 300  # characters of emphasis; a pair of signs further apart is none
LONGEST_ROW = 1000  # characters of the rule below a table's heading

_TAG = re.compile(
    r"</?(?:p|br|div|span|strong|em|b|i|h[1-6]|li|ul|ol|tr|td|th|dl|dt|dd|cite|blockquote|body)\b[^<>]*>", re.I
)
_RULE = re.compile(r"\s*(?:[-*_=~]\s?){3,80}\s*")
_TABLE_RULE = re.compile(r"\s*\|(?:\s?:?-{1,99}:?\s?\|){1,20}\s*")
_HEADING = re.compile(r"\s*#{1,6}\s+")
_QUOTE = re.compile(r"\s*(?:>\s+)+(?=[^>\s])")
_BULLET = re.compile(r"\s*(?:[-*+\u2022\u25e6\u25aa\u2023\u00b7\u2013\u2014]|\[[ xX]\])\s+(?=\S)")
_NUMBER = re.compile(r"\s*\(?(\d{1,4})[.)]\s+(?=\S)")
_ROW = re.compile(r"\s*\|(.*)\|\s*")
_IMAGE = re.compile(rf"!\[[^\]\n]{{0,{LONGEST_SPAN}}}\]\([^()\n]{{0,{LONGEST_SPAN}}}\)")
_LINK = re.compile(rf"\[([^\[\]\n]{{1,{LONGEST_SPAN}}})\]\([^()\s]{{1,{LONGEST_SPAN}}}(?:\s\"[^\"\n]{{0,99}}\")?\)")
_STRONG = re.compile(rf"(\*\*|__)(?=\S)([^\n]{{1,{LONGEST_SPAN}}}?)(?<=\S)\1")
_WEAK = re.compile(rf"(?<![\w*\\])([*_])(?=[^\s*_])([^\n*_]{{1,{LONGEST_SPAN}}}?)(?<=\S)\1(?![\w*])")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~<:&])")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060\ufeff\u00ad](?!\\w)|(?<!\\w)[\u200b\u200e\u200f\u2060\ufeff]")


def plain_lines(text: str) -> list[str]:
    """The lines of a text, markup, bullets and escapes gone, cells of a table between tabs, entities read.

    >>> plain_lines("- **Ada Park:** Salt &amp; pepper\\n- [Bo](https://b.example): \\\\[laughs\\\\]")
    ['Ada Park: Salt & pepper', 'Bo: [laughs]']
    """
    if len(_TAG.findall(text[:100_000])) >= FEWEST_TAGS:
        text = text_of_html(text)
    lines = unescape(unescape(text)).splitlines()
    heads = {
        i
        for i in range(len(lines) - 1)
        if _ROW.fullmatch(lines[i]) and _TABLE_RULE.fullmatch(lines[i + 1][:LONGEST_ROW])
    }
    lines = [line for index, line in enumerate(lines) if index not in heads]
    numbers = [_NUMBER.match(line) for line in lines]
    written = sum(bool(line.strip()) for line in lines)
    numbered = written > 1 and sum(map(bool, numbers)) * 3 >= written * 2
    return [_plain(line, _NUMBER.sub("", line, count=1) if numbered else line) for line in lines]


def _plain(line: str, shown: str) -> str:
    if _RULE.fullmatch(line[: LONGEST_SPAN + 1]) or _TABLE_RULE.fullmatch(line[:LONGEST_ROW]):
        return ""
    row = _ROW.fullmatch(shown)
    cells = [cell.strip() for cell in row[1].split("|")] if row else [shown]
    return CELL.join(_without_marks(cell) for cell in cells if cell)


def _without_marks(text: str) -> str:
    for mark in (_HEADING, _BULLET, _QUOTE, _BULLET):
        text = mark.sub("", text, count=1) if mark.match(text) else text
    steps: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
        *((_IMAGE, ""), (_LINK, r"\1"), (_STRONG, r"\2"), (_WEAK, r"\2"), (_ESCAPED, r"\1"), (_INVISIBLE, "")),
    )
    for pattern, put in steps:
        text = pattern.sub(put, text)
    return text.replace("\xa0", " ").replace("`", "")
