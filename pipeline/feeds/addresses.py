"""Which machines may be asked: the address that is connected to is the one that was checked."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from pipeline.errors import FetchError

Resolve = Callable[[str, int], list[str]]
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def shown(url: str) -> str:
    """An address as it may stand in messages and outputs: no name and password, no query.

    >>> shown("https://me:secret@a.example/feed?token=abc&page=2#x")
    'https://a.example/feed?...'
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address that cannot be read"
    safe = urlunsplit((parts.scheme, host, parts.path, "..." if parts.query else "", ""))
    return re.sub(r"[^\x21-\x7e]", lambda found: quote(found.group()), safe)[:300]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, whatever it is wrapped in.

    >>> [is_public(a) for a in ("93.184.216.34", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in NAT64:
            inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class CheckedTransport(httpx.BaseTransport):
    """Connects to the address that a name was resolved to and checked by, for every request and redirect.

    A second look-up could answer otherwise (DNS rebinding), so there is none. Certificates and the Host header
    stay those of the name. Proxies and .netrc of the environment are not used: they would connect elsewhere.
    ``extensions`` go with every request (see pipeline/feeds/exchange.py).
    """

    def __init__(
        self, *, allow_private: bool, resolve: Resolve | None = None, extensions: Mapping[str, Any] | None = None
    ) -> None:
        self.allow_private = allow_private
        self.resolve = resolve or resolve_host
        self.extensions = dict(extensions or {})
        # Connections are not kept: by IP address alone, one name could ride on a certificate checked for another.
        self.inner = httpx.HTTPTransport(verify=_trusted(), limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https"):
            raise FetchError(shown(str(url)), "only http and https URLs can be downloaded")
        host = url.host
        addresses = self.resolve(host, url.port or (443 if url.scheme == "https" else 80))
        if not addresses:
            raise httpx.ConnectError(f"{host} has no address", request=request)
        if not self.allow_private and not all(is_public(address) for address in addresses):
            reason = f"{host} is on the local network, not on the internet; --allow-private allows downloads from it"
            raise FetchError(shown(str(url)), reason)
        error: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in addresses[:3]:
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, **self.extensions, "sni_hostname": host},
            )
            try:
                return self.inner.handle_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
                error = failed
        raise error or httpx.ConnectError(host, request=request)

    def close(self) -> None:
        self.inner.close()


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that sign certificates, read once: that takes 40 ms, and a follower asks many servers."""
    return httpx.create_ssl_context()


def resolve_host(host: str, port: int) -> list[str]:
    """The IP addresses of a name, IPv4 first; none when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return sorted(addresses, key=lambda address: ":" in address)
