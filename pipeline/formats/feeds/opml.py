"""OPML, the list of subscriptions that podcast players export: opml.org/spec2.opml."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from pipeline.errors import FormatError

LARGEST_OPML = 20_000_000  # bytes; ten thousand subscriptions take about 3 MB


def parse_opml(data: bytes, *, path: str = "the OPML file") -> tuple[str, ...]:
    """The addresses of the feeds in an OPML file, each once, in its order.

    Raises FormatError when it is no OPML, holds no feed, or declares entities.

    >>> parse_opml(b'<opml><body><outline text="A"><outline xmlUrl="https://a.b/feed"/></outline></body></opml>')
    ('https://a.b/feed',)
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(data) > LARGEST_OPML:
        raise FormatError(path, f"it is {len(data) / 1e6:.0f} MB, too large for a list of subscriptions")
    try:
        tree = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise FormatError(
            path, "it declares XML entities, which no OPML needs and attacks use; it is not read"
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise FormatError(path, f"it is not well-formed XML ({error}); export it again") from None
    found = (node.get("xmlUrl") or node.get("xmlurl") or "" for node in tree.iter("outline"))
    addresses = tuple(dict.fromkeys(a.strip() for a in found if a.strip().startswith(("http://", "https://"))))
    if not addresses:
        raise FormatError(path, "it holds no feed address (an outline with xmlUrl)")
    return addresses
