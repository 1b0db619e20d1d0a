"""Voices that other episodes of the show have a name for: the show's book of voices, read for one episode."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot

from pipeline.result import Evidence, Speaker

SAME_VOICE = 0.8
"""Least cosine of two voices that are one. Over the development recordings one voice in two episodes has 0.88 to 0.98,
two voices at most 0.69 (CAM++)."""
MARGIN = 0.1
"""And so much nearer than any voice of another name."""
SURE = 0.99
"""Confidence from which a name that one episode alone found is given to others.

Over `talk`, if every voice is recognised, 51 names are passed on and none of them is wrong; with an earlier model 10 of
50 were from 0.96.
"""
AGREED = 0.9
"""Confidence from which a name that two episodes found is given to others."""


@dataclass(frozen=True, slots=True)
class NamedVoice:
    """A voice that an episode has named by itself; ``episode`` is its title, ``recording`` the hash of its sound."""

    name: str
    role: str
    confidence: float
    voice: tuple[float, ...]
    episode: str
    recording: str = ""


def recognise_voices(
    speakers: Sequence[Speaker], voices: Mapping[str, Sequence[float]], known: Sequence[NamedVoice]
) -> tuple[Speaker, ...]:
    """The speakers; one without a name gets that of the known voice it is, unless another voice here has it, too."""
    nameless = [s for s in speakers if not s.name and s.role != "ad" and s.label in voices]
    believed = _believed(known)
    found = {speaker.label: _nearest(voices[speaker.label], believed) for speaker in nameless}
    wanted = Counter(match.name for match, _ in found.values() if match)
    wanted.update(speaker.name for speaker in speakers if speaker.name)
    named = []
    for speaker in speakers:
        match, cosine = found.get(speaker.label, (None, 0.0))
        named.append(_named(speaker, match, cosine) if match and wanted[match.name] == 1 else speaker)
    return tuple(named)


def _believed(known: Sequence[NamedVoice]) -> list[NamedVoice]:
    """The voices whose names one episode is sure of, or several recordings have found."""
    recordings: dict[str, set[str]] = defaultdict(set)
    for voice in known:
        if voice.confidence >= AGREED:
            recordings[voice.name].add(voice.recording)
    return [voice for voice in known if voice.confidence >= SURE or len(recordings[voice.name]) > 1]


def _nearest(voice: Sequence[float], known: Sequence[NamedVoice]) -> tuple[NamedVoice | None, float]:
    """The known voice that this one is, if it is one, and their cosine."""
    near = sorted(((_cosine(voice, each.voice), each) for each in known), key=lambda pair: (-pair[0], pair[1].episode))
    if not near or near[0][0] < SAME_VOICE:
        return None, 0.0
    cosine, best = near[0]
    rival = max((other for other, each in near if each.name != best.name), default=0.0)
    return (best, cosine) if cosine - rival >= MARGIN else (None, 0.0)


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other):
        return 0.0  # of another network
    lengths = hypot(*one) * hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0


def _named(speaker: Speaker, match: NamedVoice, cosine: float) -> Speaker:
    evidence = Evidence("voice", f"the voice of {match.name} in '{match.episode}' (likeness {cosine:.2f})")
    confidence = round(match.confidence * cosine, 3)
    return replace(
        speaker, name=match.name, role=speaker.role or match.role, confidence=confidence, evidence=(evidence,)
    )
