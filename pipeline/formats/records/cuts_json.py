"""``cuts.json``: what was cut out of the source, enough to put every clean time back where it came from.

{"version": 1, "duration": 1080.0, "clean_duration": 965.5, "removed": [{"start", "end"}, ...]}
"""

from __future__ import annotations

from pipeline.errors import FormatError
from pipeline.formats.records.plain import from_plain, to_plain
from pipeline.formats.records.result_json import load_object, print_lines
from pipeline.timeline import CutList

VERSION = 1


def print_cuts(cuts: CutList) -> str:
    """The cut list as JSON text, source seconds with three decimals."""
    plain = to_plain(cuts)
    return print_lines(
        {
            "version": VERSION,
            "duration": plain["duration"],
            "clean_duration": to_plain(cuts.clean_duration),
            "removed": plain["removed"],
        }
    )


def parse_cuts(text: str, *, path: str = "cuts.json") -> CutList:
    """The cut list back; FormatError when spans overlap or leave the recording."""
    document = load_object(text, path=path)
    cuts: CutList = from_plain(CutList, document, path=path)
    if CutList.of(cuts.removed, duration=cuts.duration) != cuts:
        raise FormatError(path, "the removed spans overlap, are out of order or leave the recording")
    return cuts
