"""Spots of other episodes, heard again in this one: by their sound, or by their words.

Only what was taken for an ad there is looked for here, so a show's own intro or theme, which repeats too, is not; and
if one was taken for an ad by mistake, its place, the same in nearly every episode, and selling nothing give it away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from pipeline.ads.finding.find import CUT_CHANCE
from pipeline.formats.clock import clock
from pipeline.library.fingerprint import HOP_S, Prints, find_sound, fingerprint
from pipeline.result import AdKind, AdSpan, Evidence, Verdict
from pipeline.timeline import Seconds, Span, Waveform, Word

SHINGLE = 4  # words in a row; two of them in their order are no chance in a spot of twenty words
LEAST_TOKENS = 8
SAME_WORDS = 0.6  # of a spot's words heard again in their order: two hearings of one spot differ in a tenth
DRIFT = 6  # words that a recogniser may hear more or less within a spot
PHASES = 2  # prints of a spot begin at so many places within a frame, for the one that meets the other recording's
SAME_PART, PART_S = 0.5, 10.0  # of a spot's sound; a piece that long is a shorter cut of it, not a jingle beside it
DOUBT_LEFT = 0.25  # of an ad's doubt, once it is heard in another episode that took it for one
HELD_LEFT = 0.5  # the same where the other episode was not certain either
SURE = 0.97  # of what is recognised by nothing else
SAME_PLACE_S = 10.0
OWN_LEAST, OWN_SHARE = 3, 0.8  # in so many episodes, and this share of all, at one place: the show's own


@dataclass(frozen=True, slots=True)
class Spot(Span):
    """What an episode took for an ad on its own: enough to recognise it elsewhere.

    ``recording``: the hash of what it was found in. ``tokens`` are its words, ``times`` their seconds from its start,
    ``prints`` its sound from ``PHASES`` beginnings. ``sells``: whether a phrase convicted it. ``to_end``: seconds from
    its start to the end of the episode.
    """

    recording: str
    kind: AdKind
    sponsor: str
    score: float
    certain: bool
    sells: bool
    to_end: Seconds
    tokens: tuple[str, ...] = ()
    times: tuple[Seconds, ...] = ()
    prints: tuple[Prints, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A spot of another episode: ``place`` is that episode's folder as OUT has it."""

    place: str
    title: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Match(Span):
    """A stretch of this episode that is a known spot; ``also``: all known spots that are heard there."""

    by: str
    known: Known
    also: tuple[Known, ...] = ()


def describe_spots(ads: Sequence[AdSpan], words: Sequence[Word], wave: Waveform, *, recording: str) -> tuple[Spot, ...]:
    """What other episodes need to know these ads again; those that are kept by choice are not told on."""
    return tuple(
        _spot(ad, words, _phases(wave.slice(ad)), recording=recording, end=wave.duration)
        for ad in ads
        if ad.verdict != "keep"
    )


def describe_decided(
    ads: Sequence[AdSpan], words: Sequence[Word], prints: Prints, *, recording: str, end: Seconds
) -> tuple[Spot, ...]:
    """The same of ads that a person decided about, from the prints of the recording that ``end``s there.

    The sound need not be decoded again; the prints then have one phase instead of ``PHASES``.
    """
    told = []
    for ad in ads:
        first, last = (round(time / HOP_S) for time in (ad.start, ad.end))
        if ad.verdict != "keep":
            told.append(_spot(ad, words, (Prints.of(prints.values[first:last]),), recording=recording, end=end))
    return tuple(told)


def _spot(ad: AdSpan, words: Sequence[Word], prints: tuple[Prints, ...], *, recording: str, end: Seconds) -> Spot:
    inside = [word for word in words if ad.contains(word.middle)]
    said = [(token, round(max(0.0, word.start - ad.start), 2)) for word in inside for token in tokens(word)]
    return Spot(
        ad.start, ad.end, recording, ad.kind, ad.sponsor, ad.score, ad.verdict == "cut",
        any(e.kind in ("phrase", "choice") for e in ad.evidence), end - ad.start,
        tuple(token for token, _ in said), tuple(time for _, time in said), prints,
    )  # fmt: skip


def _phases(sound: Waveform) -> tuple[Prints, ...]:
    return tuple(fingerprint(sound, late_s=n * HOP_S / PHASES) for n in range(PHASES))


def tokens(word: Word) -> list[str]:
    """The plain parts of a word: case and punctuation are the recogniser's, not the speaker's."""
    return re.findall(r"[^\W_]+", word.text.lower())


def marks(said: Sequence[str], prints: Sequence[Prints]) -> set[int]:
    """Numbers two recordings share where they hold the same: of words in a row (above 32 bits) and of sound."""
    shingles = (" ".join(said[k : k + SHINGLE]) for k in range(len(said) - SHINGLE + 1))
    heard = {int(value) for one in prints for value in one.values if value}
    return heard | {(1 << 32) + crc32(shingle.encode()) for shingle in shingles}


def recognise_spots(words: Sequence[Word], prints: Prints, known: Sequence[Known]) -> tuple[Match, ...]:
    """Where known spots are heard, in order of time; of several at one place the longest."""
    said = [(token, word) for word in words for token in tokens(word)]
    found = [s for one in known if (s := _by_sound(one, prints) or _by_words(one, said))]
    found.sort(key=lambda s: (-s.duration, s.known.place, s.known.spot.start))
    apart: list[Match] = []
    for match in found:
        if not any(match.overlap(other) > 0 for other in apart):
            also = (other.known for other in found if other.overlap(match) >= 0.5 * other.duration)
            apart.append(replace(match, also=tuple(sorted(also, key=lambda k: (k.place, k.spot.start)))))
    return tuple(sorted(apart, key=lambda s: s.start))


def _by_sound(known: Known, prints: Prints) -> Match | None:
    spot = known.spot
    heard = [(h, n * HOP_S / PHASES) for n, one in enumerate(spot.prints) if (h := find_sound(one, prints))]
    if not heard:
        return None
    best, late = max(heard, key=lambda pair: pair[0].duration)
    if best.duration < min(PART_S, SAME_PART * spot.duration):
        return None
    begins = best.start - best.at - late  # where the whole spot would begin: its first second may be under a fade
    whole = Span(max(0.0, begins), max(0.0, begins) + spot.duration)
    span = whole if best.duration >= 0.8 * spot.duration else best
    return Match(span.start, span.end, "sound", known)


def _by_words(known: Known, said: Sequence[tuple[str, Word]]) -> Match | None:
    spot = known.spot
    if len(spot.tokens) < LEAST_TOKENS:
        return None
    places: dict[tuple[str, ...], list[int]] = {}
    for k in range(len(said) - SHINGLE + 1):
        places.setdefault(tuple(token for token, _ in said[k : k + SHINGLE]), []).append(k)
    hits = [
        (k, place)
        for k in range(len(spot.tokens) - SHINGLE + 1)
        for place in places.get(spot.tokens[k : k + SHINGLE], ())
    ]
    if not hits:
        return None
    votes = Counter(place - k for k, place in hits)
    shift = max(votes, key=lambda s: (sum(votes[s + d] for d in range(-DRIFT, DRIFT + 1)), -abs(s), -s))
    near = sorted((k, place) for k, place in hits if abs(place - k - shift) <= DRIFT)
    covered = {k + n for k, _ in near for n in range(SHINGLE)}
    if len(covered) < SAME_WORDS * len(spot.tokens):
        return None
    (first, at), (last, to) = near[0], near[-1]
    end_token = min(last + SHINGLE, len(spot.tokens)) - 1
    start = said[at][1].start - spot.times[first]
    end = said[to + SHINGLE - 1][1].end + (spot.duration - spot.times[end_token]) - _length(spot, end_token)
    return Match(max(0.0, start), max(said[to + SHINGLE - 1][1].end, end), "words", known)


def _length(spot: Spot, token: int) -> Seconds:
    after = spot.times[token + 1] if token + 1 < len(spot.times) else spot.duration
    return min(0.5, after - spot.times[token])


def apply_matches(
    ads: Sequence[AdSpan], matches: Sequence[Match], *, show: str, episodes: int, duration_s: Seconds
) -> tuple[AdSpan, ...]:
    """The ads with what other episodes know: surer, as long as the spot is, and those that words alone did not show.

    ``show``: this show's folder; ``episodes``: how many others it has.
    """
    judged = list(ads)
    for match in matches:
        if _is_shows_own(match, show, episodes, duration_s):
            judged = [_doubted(ad) if ad.overlap(match) >= 0.5 * ad.duration else ad for ad in judged]
            continue
        touched = [ad for ad in judged if ad.overlap(match) >= 0.5 * min(ad.duration, match.duration)]
        if touched:
            judged = [_surer(ad, match) if ad in touched else ad for ad in judged]
        else:
            judged.append(_recognised(match))
    return tuple(sorted(judged, key=lambda ad: (ad.start, ad.end)))


def _reason(match: Match) -> Evidence:
    spot = match.known.spot
    said = f"the same {match.by} as an ad of “{match.known.title}” at {clock(spot.start)}"
    return Evidence("repeat", said, match.start)


def _surer(ad: AdSpan, match: Match) -> AdSpan:
    """The ad, less doubtful; one that was held becomes as long as the spot is.

    The edges of an ad that this episode is sure of by itself stay: another episode's may lie in this one's show.
    """
    spot = match.known.spot
    left = DOUBT_LEFT if spot.certain else HELD_LEFT
    chance = 1 - (1 - ad.score) * left
    doubtful = ad.verdict != "cut"
    return replace(
        ad,
        start=min(ad.start, match.start) if doubtful else ad.start,
        end=max(ad.end, match.end) if doubtful else ad.end,
        score=chance,
        verdict="cut" if chance >= CUT_CHANCE else ad.verdict,
        sponsor=ad.sponsor or spot.sponsor,
        evidence=(*ad.evidence, _reason(match)),
    )


def _recognised(match: Match) -> AdSpan:
    spot = match.known.spot
    chance = min(SURE, spot.score if spot.certain else 1 - (1 - spot.score) * HELD_LEFT)
    verdict: Verdict = "cut" if chance >= CUT_CHANCE else "hold"
    return AdSpan(match.start, match.end, chance, spot.kind, (_reason(match),), verdict, spot.sponsor)


def _is_shows_own(match: Match, show: str, episodes: int, duration_s: Seconds) -> bool:
    """Whether this comes at the same place in nearly every episode of the show and sells nothing."""
    here = [known for known in match.also if known.place.startswith(f"{show}/")]
    if any(known.spot.sells for known in match.also):
        return False
    by_start = {k.place for k in here if abs(k.spot.start - match.start) <= SAME_PLACE_S}
    by_end = {k.place for k in here if abs(k.spot.to_end - (duration_s - match.start)) <= SAME_PLACE_S}
    there = max(len(by_start), len(by_end)) + 1
    return there >= OWN_LEAST and there >= OWN_SHARE * (episodes + 1)


def _doubted(ad: AdSpan) -> AdSpan:
    if any(reason.kind == "phrase" for reason in ad.evidence):
        return ad  # it sells here, whatever it does elsewhere
    reason = Evidence("repeat", "comes at the same place in nearly every episode: probably the show's own", ad.start)
    return replace(ad, verdict="hold", evidence=(*ad.evidence, reason))
