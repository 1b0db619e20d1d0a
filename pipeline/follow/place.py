"""Where the ``cleancast.toml`` of an output folder lies: apart, as every run looks for one and few have it."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import FormatError

FILE = "cleancast.toml"


def find_config(out: Path) -> Path | None:
    """The file of an output folder, if it has one. Raises FormatError where that cannot be known."""
    file = out / FILE
    try:
        return file if file.is_file() else None
    except OSError as error:
        raise FormatError(file, f"cannot be read ({error.strerror or error})") from None
