"""Title, show and description as running text, without the marks and addresses of a web page."""

from __future__ import annotations

import html
import re

_BREAK = re.compile(r"<(?:br|/p|/li|/div|/h\d)\b[^>]*>", re.I)
_TAG = re.compile(r"<[a-z/!][^>]*>", re.I)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_MARKS = re.compile(r"[*_`#|>]+")


def plain_text(text: str) -> str:
    """The words of a description in HTML or Markdown; addresses are left out, a link keeps its words.

    >>> plain_text("<p>With <b>Ada</b> &amp; [Bo](https://bo.example)</p>").strip()
    'With Ada & Bo'
    """
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    return _MARKS.sub(" ", _ADDRESS.sub(" ", _LINK.sub(r"\1", text)))
