"""Who is answered: this machine's own names on a loopback address, elsewhere whoever knows the password.

A cookie that only this site's own pages send (SameSite=Strict) stands for the password in a browser, HTTP Basic for it
in a player, and a key in the address, derived from it, for reading feeds and files. What changes anything must come
from a page of this server: its Origin is checked and its content is JSON, which no form elsewhere can send.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from asyncio import sleep
from binascii import Error as NoBase64
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "cleancast"
LOGIN = "/-/login"
LARGEST_BODY = 2_000_000
"""Bytes of a request: every edit that one action makes is a thousandth of it."""
WRONG_S = 0.5
"""How long a wrong password waits for its answer: nobody tries many."""
READ_ONLY = ("GET", "HEAD")
LOGIN_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask: ``local`` under this machine's names only; with a ``password`` whoever has it."""

    local: bool
    password: str = ""

    def derived(self, purpose: str) -> str:
        """A secret that shows knowledge of the password and does not give it away."""
        return hmac.new(self.password.encode(), purpose.encode(), "sha256").hexdigest()[:40]

    @property
    def feed_prefix(self) -> str:
        """What the addresses of a private feed begin with; empty where no password is asked for."""
        return f"/-/key/{self.derived('feed')}" if self.password else ""


def new_password() -> str:
    return secrets.token_urlsafe(12)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and no other.

    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Lets through what may be answered, and adds the headers that every answer has."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = self._without_key(scope)
        refusal = self._refusal(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if refusal is not None and refusal.status_code == 401 and "authorization" in Headers(scope=scope):
            await sleep(WRONG_S)
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _without_key(self, scope: Scope) -> Scope:
        """The request without the key of a private feed in its path."""
        prefix = self.access.feed_prefix
        path: str = scope["path"]
        if not prefix or not path.startswith("/-/key/"):
            return scope
        key, slash, rest = path.removeprefix("/-/key/").partition("/")
        known = hmac.compare_digest(f"/-/key/{key}".encode(), prefix.encode()) and not rest.startswith("-/")
        return {**scope, "path": f"{slash}{rest}" or "/", "root_path": prefix, "keyed": True} if known else scope

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self.access.local and not names_this_machine(headers.get("host", "")):
            # A web page elsewhere may have its own name point here (DNS rebinding) and read what is served.
            return _said(403, "this server answers to this machine's own names only")
        if scope["method"] not in READ_ONLY and not _from_here(headers):
            return _said(403, "only a page of this server may change anything")
        if self.access.password and not self._knows(scope, headers):
            if scope["path"] == LOGIN or scope["path"].startswith("/-/static/"):
                return None
            if "text/html" in headers.get("accept", "") and scope["method"] == "GET":
                return RedirectResponse(LOGIN, status_code=303)
            return _said(401, "a password is needed", {"WWW-Authenticate": 'Basic realm="cleancast", charset="UTF-8"'})
        return None

    def _knows(self, scope: Scope, headers: Headers) -> bool:
        if scope.get("keyed"):
            return scope["method"] in READ_ONLY
        session = Request(scope).cookies.get(COOKIE, "")
        given = _basic_password(headers.get("authorization", ""))
        return hmac.compare_digest(session.encode(), self.access.derived("session").encode()) or (
            scope["method"] in READ_ONLY and hmac.compare_digest(given.encode(), self.access.password.encode())
        )


async def login(request: Request) -> Response:
    """The page that asks for the password, and its answer: a cookie."""
    access: Access = request.app.state.access
    wrong = False
    if request.method == "POST":
        given = parse_qs((await read_body(request)).decode("utf-8", "replace")).get("password", [""])[0]
        if access.password and hmac.compare_digest(given.strip().encode(), access.password.encode()):
            answer = RedirectResponse("/-/desk" if request.app.state.desk else "/", status_code=303)
            secure = request.url.scheme == "https"
            session = access.derived("session")
            answer.set_cookie(COOKIE, session, httponly=True, samesite="strict", secure=secure, path="/")
            return answer
        wrong = True
        await sleep(WRONG_S)
    page = request.app.state.templates.get_template("login.html.jinja").render(wrong=wrong)
    return HTMLResponse(page, status_code=401 if wrong else 200, headers={"Content-Security-Policy": LOGIN_POLICY})


async def read_body(request: Request) -> bytes:
    """What was sent, up to ``LARGEST_BODY``. Raises HTTPException beyond."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, "this is too much at once")
    return body


def names_this_machine(asked: str) -> bool:
    """Whether a Host header is a loopback address or localhost."""
    return is_loopback(re.sub(r":[0-9]+$", "", asked).lower())


def _from_here(headers: Headers) -> bool:
    """Whether a request that changes something was sent by a page of this server: what browsers say of themselves."""
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return bool(origin.netloc) and origin.netloc.lower() == headers.get("host", "").lower()


def _basic_password(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
    except (NoBase64, ValueError):
        return ""


def _said(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status, headers=headers)
