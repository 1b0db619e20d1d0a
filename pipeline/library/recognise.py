"""An episode and what the others of its output folder know of its ads: asked before it is judged, told afterwards.

What an episode tells depends on its own recording alone (and on what a person decided), never on what it was told: so
what each knows in the end does not depend on the order in which they were run. See docs/decisions/0008.
"""

from __future__ import annotations

import json
from typing import get_args

from pipeline.ads.verdict import judge_ads
from pipeline.cache import EpisodeFolder
from pipeline.files import read_text
from pipeline.formats.records.plain import to_plain
from pipeline.library.edits.kinds import AdAbout, AdEdges, AdVerdict, Edit
from pipeline.library.fingerprint import Prints, fingerprint
from pipeline.library.repeats import (
    Match,
    Spot,
    apply_matches,
    describe_decided,
    describe_spots,
    marks,
    recognise_spots,
    tokens,
)
from pipeline.library.spot_index import episodes_beside, known_spots
from pipeline.recording import Decoded, Recording, Sound
from pipeline.result import OWN_KINDS, AdKind, AdSpan, Result
from pipeline.timeline import Span, Transcript, Word

MATCHES = "stages/matches.json"


def hear_prints(sound: Sound) -> Prints:
    """The fingerprints of the sound, by which other episodes know it again."""
    return fingerprint(sound.wave)


def find_matches(
    transcript: Transcript, prints: Prints, recording: Recording, folder: EpisodeFolder
) -> tuple[Match, ...]:
    """The spots of other episodes that are heard again in this one; what was told is kept beside it."""
    matches = _matches(folder, transcript.words, prints, recording.sha256)
    folder.write(MATCHES, _as_text(matches))
    return matches


def recognise(
    ads: tuple[AdSpan, ...], matches: tuple[Match, ...], decoded: Decoded, folder: EpisodeFolder
) -> tuple[AdSpan, ...]:
    """The ads, with what is known of them from other episodes."""
    show, duration_s = folder.path.resolve().parent.name, decoded.duration
    return apply_matches(ads, matches, show=show, episodes=episodes_beside(folder), duration_s=duration_s)


def describe_own_spots(
    ads: tuple[AdSpan, ...],
    transcript: Transcript,
    sound: Sound,
    recording: Recording,
    decoded: Decoded,
) -> tuple[Spot, ...]:
    """The ads that this episode found on its own, as others know them again."""
    sold = [ad for ad in ads if ad.kind not in OWN_KINDS]  # a show asks for reviews each time: no spot
    own = judge_ads(sold, duration_s=decoded.duration, kinds=get_args(AdKind))
    return describe_spots(own, transcript.words, sound.wave, recording=recording.sha256) if own else ()


def decided_spots(
    own_spots: tuple[Spot, ...], result: Result, edits: tuple[Edit, ...], prints: Prints, recording: Recording
) -> tuple[Spot, ...]:
    """What this episode tells the others: the spots that it found, but where a person decided, what was decided."""
    decided = [span for edit in edits for span in _stretches(edit)]
    if not decided:
        return own_spots
    left = tuple(spot for spot in own_spots if not any(spot.overlap(span) > 0 for span in decided))
    ads = [ad for ad in result.ads if ad.kind not in OWN_KINDS and any(ad.overlap(span) > 0 for span in decided)]
    told = describe_decided(ads, result.transcript.words, prints, recording=recording.sha256, end=result.cuts.duration)
    return tuple(sorted((*left, *told), key=lambda spot: (spot.start, spot.end)))


def _stretches(edit: Edit) -> tuple[Span, ...]:
    if isinstance(edit, AdEdges):
        return Span(edit.start, edit.end), Span(edit.first, edit.last)
    return (Span(edit.start, edit.end),) if isinstance(edit, AdVerdict | AdAbout) else ()


def knows_more(folder: EpisodeFolder) -> bool:
    """Whether the other episodes know more, or less, of a finished episode's ads than when it was made."""
    try:
        then = read_text(folder.path / MATCHES)
        result = folder.load("found", Result).value
        prints = folder.load("prints", Prints).value
    except (OSError, ValueError, KeyError, TypeError):
        return False  # made without a memory, or damaged: its next run makes it again
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
