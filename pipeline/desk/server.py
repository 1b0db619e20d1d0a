"""The application on a port, until it is stopped: for this machine, or with a password for others."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from urllib.parse import quote

from pipeline.desk.application import make_application
from pipeline.desk.safety import Access, is_loopback, new_password
from pipeline.errors import StoreError
from pipeline.feeds.publishing import shows_in

PASSWORD = "CLEANCAST_PASSWORD"
"""The environment variable that sets the password; players keep their feed addresses while it stays the same."""
GRACE_S = 3
"""What answers that are under way get when the server is stopped."""


def serve_folder(out: Path, *, host: str, port: int, desk: bool = False) -> None:
    """Serve until stopped. Raises StoreError when there is no such folder, or the port is taken."""
    import uvicorn

    if not out.is_dir():
        raise StoreError(out, "there is no such folder")
    access = access_for(host)
    bound = listen_on(out, host, port)
    number = bound.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{shown}:{number}"
    for show in shows_in(out):
        print(f"{base}{access.feed_prefix}/{quote(show.name)}/feed.xml", flush=True)
    if access.password:
        print(f"password: {access.password} (set {PASSWORD} to keep one)", file=sys.stderr)
    page = f"{base}/-/desk" if desk else f"{base}/"
    print(f"serving {out} at {page} (press Ctrl-C to stop)", file=sys.stderr)
    config = uvicorn.Config(
        make_application(out, access, desk=desk),
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ws="none",
    )
    uvicorn.Server(config).run(sockets=[bound])


def access_for(host: str) -> Access:
    """Who is answered at an address: beyond this machine, whoever has the password."""
    password = os.environ.get(PASSWORD, "")
    if is_loopback(host):
        return Access(local=True, password=password)
    return Access(local=False, password=password or new_password())


def listen_on(out: Path, host: str, port: int) -> socket.socket:
    """A socket that listens at an address. Raises StoreError, about the folder that was to be served."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host.strip("[]"), port))
        bound.listen()  # who reads the address that is printed may ask at once
    except OSError as error:
        raise StoreError(out, f"cannot be served on {host}:{port} ({error.strerror}); choose another --port") from None
    return bound
