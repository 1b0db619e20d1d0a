"""``cuts.json``: what was cut out of the source, enough to put every clean time back where it came from.

{"version": 1, "duration": 1080.0, "clean_duration": 965.5, "removed": [{"start", "end"}, ...]}
"""

from __future__ import annotations

from pipeline.formats.records.plain import to_plain
from pipeline.formats.records.result_json import print_lines
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
