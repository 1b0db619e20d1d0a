"""Untrusted text made plain: no markup, no control characters, no tricks with direction.

The scanner is ours because the standard library's HTML parser takes quadratic time over unclosed markup:
17 seconds for 200 kB of ``<!--``, and a feed may hold thousands of such descriptions.
"""

from __future__ import annotations

import html
import re
import unicodedata

LONGEST_LINE = 300  # characters of a title or name; longer ones are padding, not titles
LONGEST_TEXT = 50_000  # characters of a description; the longest real ones seen are about 10,000
LONGEST_TAG = 4_000  # characters; a "tag" longer than that is text with a stray <
BLOCKS = frozenset(
    (
        *("p", "br", "div", "li", "ul", "ol", "tr", "td", "th", "dt", "dd", "blockquote", "hr", "section", "article"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
UNSEEN = frozenset(("script", "style", "iframe", "object", "template", "noscript", "svg", "head"))
STILL_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
TAG_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
SCRIPTED = re.compile(r"<(script|style|iframe)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
FORMATTING = re.compile(
    r"<(p|b|i|u|s|em|strong|span|font|a|small|big|sup|sub|mark|div|h[1-6])(?:\s[^<>]*)?>([^<>]*)</\1\s*>", re.IGNORECASE
)
BREAK = re.compile(r"(?<=\S)<br\s*/?>|<br\s*/?>(?=\S)|<img\s[^<>]*>", re.IGNORECASE)
HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
KEPT = "\t\n\u200c\u200d"  # scripts and emoji are spelt with the joiners
_ABSURD = re.compile(r"&#(?=[xX]?[0-9a-fA-F]{9})")  # no character has such a number, and Python refuses the longest


def unescape(text: str) -> str:
    """Text with its character references read; those longer than any are left as they stand.

    >>> unescape("a &amp; b &#33; &#x1F600;")
    'a & b ! 😀'
    """
    return html.unescape(_ABSURD.sub("&amp;#", text))


def plain_line(text: str, *, longest: int = LONGEST_LINE) -> str:
    """One line of text: markup, control characters and direction marks gone, spaces single.

    >>> plain_line("  <b>Tom &amp; Jerry</b>\\u202egnp\\x00 \\n again")
    'Tom & Jerrygnp again'
    """
    return " ".join(plain_text(text[: 8 * longest]).split())[:longest].strip()


def plain_title(text: str, *, longest: int = LONGEST_LINE) -> str:
    """A title on one line: what formats it is gone, what it names stays, as titles are text and not HTML.

    Gone are control characters, scripts, a literal CDATA wrapper, and tags of formatting that are opened and closed.
    Whoever puts it into a page escapes it.

    >>> plain_title("The <template> element: List&lt;String&gt; <b>explained</b>")
    'The <template> element: List<String> explained'
    """
    words = CDATA.sub(r"\1", unescape(text[: 8 * longest]))
    words = CDATA.sub(r"\1", SCRIPTED.sub("", unescape(words)))
    for _ in range(3):
        words = FORMATTING.sub(r"\2", words)
    words = BREAK.sub(" ", words)
    return " ".join(visible(words.replace("\r", " ").replace("\n", " ")).split())[:longest].strip()


def plain_text(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """The words of a text that may be HTML: paragraphs become lines, a link keeps its address behind its text.

    >>> plain_text('<p>Read <a href="https://a.b/c">this</a>.</p><script>alert(1)</script><p>Bye</p>')
    'Read this (https://a.b/c).\\nBye'
    """
    words = visible(unescape(_without_tags(text[: 4 * longest])).replace("\r", "\n"))
    for _ in range(3):  # markup that was escaped, or hidden inside markup
        words = STILL_MARKUP.sub("", words)
    if STILL_MARKUP.search(words):
        words = words.replace("<", " ")
    lines = (" ".join(line.split()) for line in words.splitlines())
    return "\n".join(line for line in lines if line)[:longest].rstrip()


def text_of_html(text: str) -> str:
    """The words of a whole HTML document: blocks and cells on lines of their own, links without their addresses.

    >>> text_of_html("<p><b>Ada:</b> Salt &amp; pepper</p><p>Yes</p>").split("\\n")
    ['', 'Ada: Salt & pepper', '', 'Yes', '']
    """
    return unescape(_without_tags(text, links=False))


def visible(text: str) -> str:
    """Without characters that are not seen but change what is: controls, direction marks, lone surrogates."""
    return "".join(c for c in text if c in KEPT or unicodedata.category(c) not in HIDDEN)


def _without_tags(text: str, *, links: bool = True) -> str:
    """Text with its tags gone, blocks on lines of their own, links spelt out if asked for; every step moves forward."""
    parts: list[str] = []
    opened: list[tuple[str, int]] = []
    lowered = text.lower() if len(text.lower()) == len(text) else text
    at = 0
    while (found := text.find("<", at)) >= 0:
        parts.append(text[at:found])
        if text.startswith("<!--", found):
            closed = text.find("-->", found)
            if closed < 0:
                return "".join(parts)
            at = closed + 3
            continue
        end = text.find(">", found, found + LONGEST_TAG)
        tag = text[found + 1 : end] if end >= 0 else ""
        name = TAG_NAME.match(tag)
        if not name and not tag.startswith(("!", "?")):
            parts.append("<")
            at = found + 1
            continue
        at = end + 1
        kind = name.group(1).lower() if name else ""
        if kind in UNSEEN and not tag.startswith("/"):
            closed = lowered.find(f"</{kind}", at)
            if closed < 0:
                return "".join(parts)
            at = closed
        elif kind in BLOCKS:
            parts.append("\n")
        elif kind == "a" and links:
            _link(tag, opened, parts)
    return "".join([*parts, text[at:]])


def _link(tag: str, links: list[tuple[str, int]], parts: list[str]) -> None:
    """At a link's start its address is noted, at its end written, unless its text says it already."""
    if not tag.startswith("/"):
        href = HREF.search(tag)
        links.append((unescape(next(filter(None, href.groups()), "")) if href else "", len(parts)))
    elif links:
        address, since = links.pop()
        if address.startswith(("http://", "https://")) and address not in "".join(parts[since:]):
            parts.append(f" ({address})")
