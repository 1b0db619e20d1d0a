"""Files of ours, opened only where they are files: a pipe or a device in the place of one would be waited for without
end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def regular(path: str, flags: int) -> int:
    """Opens a regular file, for ``open(..., opener=regular)``. Raises OSError for anything else, without waiting."""
    handle = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return handle
    os.close(handle)
    number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise OSError(number, "Is no regular file" if number == errno.EINVAL else os.strerror(number), path)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file. Raises OSError."""
    with open(path, "rb", opener=regular) as file:
        return file.read()


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a regular file. Raises OSError, or UnicodeDecodeError."""
    with open(path, encoding=encoding, opener=regular) as file:
        return file.read()
