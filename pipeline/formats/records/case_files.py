"""The references of a case (docs/evaluation.md), from a result that a person has corrected."""

from __future__ import annotations

import json

from pipeline.formats.nist.stm import print_stm
from pipeline.formats.records.rttm import print_rttm
from pipeline.result import Result


def labels_of(result: Result) -> dict[str, str]:
    """The files of a case (docs/evaluation.md) that say what a result says.

    The words were a machine's before somebody corrected them, and ``reference.json`` says so: where nobody looked, a
    score against them is an agreement.
    """
    episode = result.episode
    ads = [[round(ad.start, 3), round(ad.end, 3)] for ad in result.ads if ad.verdict == "cut"]
    names = {speaker.label: speaker.name for speaker in result.speakers if speaker.name}
    about = {
        "id": episode.id,
        "title": episode.title,
        "show": episode.show,
        "description": episode.description,
        "language": result.transcript.language,
    }
    words = [[round(w.start, 3), round(w.end, 3), w.text] for w in result.transcript.words]
    return {
        "ads.json": _json({"ads": ads}),
        "words.json": _json({"words": words, **{key: about[key] for key in ("title", "show", "description")}}),
        "reference.stm": print_stm(result.transcript.words, file_id=episode.id),
        "reference.rttm": print_rttm(result.turns, file_id=episode.id),
        "reference.json": _json({"made_by": "machine"}),
        "names.json": _json({"names": names}),
        "case.json": _json(about),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
