"""An episode and what the others of its output folder know of its ads: asked before it is judged, told afterwards.

What an episode tells depends on its own recording alone (and on what a person decided), never on what it was told: so
what each knows in the end does not depend on the order in which they were run. See docs/decisions/0008.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args

from pipeline.ads.calls import OWN_KINDS
from pipeline.ads.verdict import judge_ads
from pipeline.cache import EpisodeFolder, Stored
from pipeline.code_version import code_hash
from pipeline.errors import CleancastError
from pipeline.formats.records.plain import to_plain
from pipeline.formats.records.result_json import parse_result
from pipeline.library.decisions import read_decisions
from pipeline.library.fingerprint import Prints, fingerprint
from pipeline.library.repeats import (
    Match,
    Spot,
    apply_matches,
    describe_spots,
    marks,
    recognise_spots,
    tokens,
)
from pipeline.library.spot_index import episodes_beside, known_spots
from pipeline.result import AdKind, AdSpan
from pipeline.timeline import Transcript, Word

if TYPE_CHECKING:
    from pipeline.run import Run

MATCHES = "stages/matches.json"


def recognise(run: Run, ads: Stored[tuple[AdSpan, ...]], transcript: Transcript) -> tuple[AdSpan, ...]:
    """The ads, with what is known of them from other episodes; and these learn of what was found here by itself."""
    if not run.settings.memory or run.settings.ads == "keep":
        return ads.value
    inputs = [run.episode.sha256, run.tools.decode.identity, code_hash("pipeline.library.fingerprint")]
    prints = run.folder.stage("prints", Prints, inputs, lambda: fingerprint(run.wave)).value
    matches = _matches(run.folder, transcript.words, prints, run.episode.sha256)
    run.folder.write(MATCHES, _as_text(matches))
    _tell(run, ads, transcript)
    return apply_matches(
        ads.value,
        matches,
        show=run.folder.path.resolve().parent.name,
        episodes=episodes_beside(run.folder),
        duration_s=run.episode.duration,
    )


def knows_more(folder: EpisodeFolder) -> bool:
    """Whether the other episodes know more, or less, of a finished episode's ads than when it was made."""
    try:
        then = (folder.path / MATCHES).read_text(encoding="utf-8")
        result = parse_result((folder.path / "result.json").read_text(encoding="utf-8"))
        prints = Prints(json.loads((folder.stages / "prints.json").read_text())["data"]["text"])
    except (OSError, ValueError, KeyError, TypeError, CleancastError):
        return False  # made without a memory, or damaged: its next run mends it
    return _as_text(_matches(folder, result.transcript.words, prints, result.episode.sha256)) != then


def _matches(folder: EpisodeFolder, words: tuple[Word, ...], prints: Prints, recording: str) -> tuple[Match, ...]:
    asked = marks([token for word in words for token in tokens(word)], (prints,))
    return recognise_spots(words, prints, known_spots(folder, asked, recording=recording))


def _as_text(matches: tuple[Match, ...]) -> str:
    """What was recognised, without what it was recognised by."""
    plain = [
        {"by": s.by, "as": [[k.place, *to_plain((k.spot.start, k.spot.end, k.spot.score))] for k in s.also]}
        for s in matches
    ]
    return json.dumps({"version": 1, "matches": plain}, ensure_ascii=False, indent=1) + "\n"


def _tell(run: Run, ads: Stored[tuple[AdSpan, ...]], transcript: Transcript) -> None:
    decisions = read_decisions(run.folder, sha256=run.episode.sha256)
    duration_s, every = run.episode.duration, get_args(AdKind)

    def compute() -> tuple[Spot, ...]:
        sold = [ad for ad in ads.value if ad.kind not in OWN_KINDS]  # a show asks for reviews each time: no spot
        own = judge_ads(sold, duration_s=duration_s, kinds=every, decisions=decisions)
        return describe_spots(own, transcript.words, run.wave, recording=run.episode.sha256) if own else ()

    code = code_hash("pipeline.library.repeats", "pipeline.ads.verdict")
    inputs = [run.episode.sha256, run.tools.decode.identity, ads.digest, [str(d) for d in decisions], code]
    run.folder.stage("spots", tuple[Spot, ...], inputs, compute)
