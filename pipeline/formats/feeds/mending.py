"""XML that publishers' programs write wrong, put right before it is parsed: HTML's entities, bare ``&``, controls."""

from __future__ import annotations

import re
from html.entities import html5

from pipeline.formats.text_encoding import decode_text

LONGEST_HEAD = 200  # bytes of an XML declaration
_ENCODING = re.compile(rb"""encoding\s*=\s*["'][^"']*["']""")
_LITERAL = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))", re.DOTALL)
_AMPERSAND = re.compile(rb"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_OWN = frozenset((b"amp;", b"lt;", b"gt;", b"quot;", b"apos;"))  # the entities that XML knows
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LESS = re.compile(rb"<(?![A-Za-z_/!?:])")


def mend_xml(data: bytes) -> bytes:
    """The document with every reference readable: what is no entity of XML is a character, or a plain ``&``.

    For encodings that contain ASCII; others are returned as they are. CDATA and comments are not touched.

    >>> mend_xml(b"<t>Q&A &ndash; R&amp;D <![CDATA[a&b]]> 1 < 2</t>")
    b'<t>Q&amp;A &#8211; R&amp;D <![CDATA[a&b]]> 1 &lt; 2</t>'
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data.count(0) * 4 > len(data):
        return data
    parts = _LITERAL.split(_CONTROLS.sub(b"", data))
    parts[::2] = [_LESS.sub(b"&lt;", _AMPERSAND.sub(_readable, part)) for part in parts[::2]]
    return b"".join(parts)


def as_utf8(data: bytes) -> bytes:
    """A document that is not in the encoding that it names, or in UTF-8 where it names none, in UTF-8.

    >>> as_utf8("<?xml version='1.0' encoding='utf-8'?><t>Caf\u00e9</t>".encode("cp1252")).decode()
    "<?xml version='1.0' ?><t>Caf\u00e9</t>"
    """
    head = _ENCODING.sub(b"", data[:LONGEST_HEAD], count=1)
    return decode_text(head + data[LONGEST_HEAD:]).encode()


def _readable(found: re.Match[bytes]) -> bytes:
    name = found[1] or b""
    if name in _OWN:
        return found[0]
    if name.startswith(b"#"):
        digits = name[1:-1].decode()
        number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        allowed = (
            number in (9, 10, 13)
            or 0x20 <= number < 0xD800
            or 0xE000 <= number < 0xFFFE
            or 0x10000 <= number < 0x110000
        )
        return found[0] if allowed else b""
    known = html5.get(name.decode())
    if known is None:
        return b"&amp;" + name
    return b"".join(b"&#%d;" % ord(c) for c in known)
