"""``episode.html``: the whole episode as one file that opens from disk: player, transcript, lanes, ads, notes.

The file asks for nothing but the sound that lies beside it. Its content security policy names the one script and the
one style it carries by their hashes, so that text from outside can neither run nor restyle anything; the picture is
SVG from the data. Times in attributes are source seconds; the script plays them on either clock.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.formats.clock import clock
from pipeline.formats.pages.notes_page import notes_context
from pipeline.formats.records.chapters_json import clean_chapters
from pipeline.formats.transcripts.clean_transcript import PARAGRAPH_WORDS, ad_title
from pipeline.result import AdSpan, Evidence, Result
from pipeline.timeline import Seconds, Segment, Span
from pipeline.words.sentences import group_segments

if TYPE_CHECKING:
    from jinja2 import Environment

COLOURS = 8
"""Voices beyond the eighth share its colour: nobody tells nine apart."""
LEAST_LANE_SHARE = 0.004
"""A voice with less of the recording has no lane of its own: it joins the last, "others"."""
JOIN_S = 0.8
"""Turns of one voice this close are drawn as one: nobody sees less at the width of a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the source as the page shows it; ``words``: milliseconds from its start to each word's."""

    start: Seconds
    end: Seconds
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of one voice; ``ad`` is the ad it belongs to, ``removed`` whether the clean sound lacks it.

    ``opens_ad``: it is the first of its ad, above which the ad is explained.
    """

    start: Seconds
    clean: Seconds
    speaker: str
    colour: int
    lines: tuple[Line, ...]
    ad: int | None
    removed: bool
    chapter: str
    opens_ad: bool = False


def print_episode_page(result: Result, *, audio: str = "clean.mp3", original: str = "") -> str:
    """The page; ``audio`` and ``original`` name sound files beside it (no ``original``: no switch to hear it)."""
    environment = page_environment()
    style, script = page_source("episode.css"), page_source("episode.js")
    colours = _colours(result)
    page = environment.get_template("episode.html.jinja").render(
        csp=security_policy(style=style, script=script, media=True),
        style=style,
        script=script,
        audio=audio,
        original=original,
        duration=result.cuts.duration,
        clean_duration=result.cuts.clean_duration,
        removed_s=round(result.cuts.duration - result.cuts.clean_duration),
        clock=clock,
        language=result.transcript.language or "en",
        synthetic="synthetic" in " ".join(result.episode.tags.values()).lower(),
        notes=notes_context(result),
        blocks=_blocks(result, colours),
        ads=[_ad(ad, result) for ad in result.ads],
        held=[number for number, ad in enumerate(result.ads, 1) if ad.verdict == "hold"],
        taken=[number for number, ad in enumerate(result.ads, 1) if _is_removed(ad, result)],
        lanes=_lanes(result, colours),
        chapters=[
            {"start": c.start, "clean": clean.start, "title": c.title}
            for c, clean in _chapters(result)
        ],
        ticks=_ticks(result.cuts.duration),
        warnings=[{"clock": clock(result.cuts.to_clean(w.start)), "text": w.text} for w in result.warnings],
        data={
            "duration": round(result.cuts.duration, 3),
            "removed": [[round(s.start, 3), round(s.end, 3)] for s in result.cuts.removed],
            "audio": audio,
            "original": original,
        },
    )  # fmt: skip
    return page.strip() + "\n"


def security_policy(*, style: str, script: str, media: bool) -> str:
    """A policy that allows one script, one style and, with ``media``, sound from where the page lies; nothing else."""

    def hashed(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    sound = "media-src 'self' file: blob:; " if media else ""
    return (
        f"default-src 'none'; script-src {hashed(script)}; style-src {hashed(style)}; img-src data:; {sound}"
        "base-uri 'none'; form-action 'none'"
    )


@cache
def page_environment() -> Environment:
    """Templates that escape everything they are given and refuse names they are not given."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("pipeline.formats.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def page_source(name: str) -> str:
    """A script or style of ours as it goes into the page."""
    environment = page_environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0].strip()


def _colours(result: Result) -> dict[str, int]:
    """A colour for each voice, those that speak most first."""
    spoken: dict[str, float] = {}
    for turn in result.turns:
        spoken[turn.speaker] = spoken.get(turn.speaker, 0.0) + turn.duration
    for word in result.transcript.words:
        if word.speaker:
            spoken[word.speaker] = spoken.get(word.speaker, 0.0) + 0.001
    order = sorted(spoken, key=lambda label: (-spoken[label], label))
    return {label: min(index, COLOURS - 1) for index, label in enumerate(order)}


def _blocks(result: Result, colours: dict[str, int]) -> list[Block]:
    edges = [t for span in (*result.cuts.removed, *result.ads) for t in (span.start, span.end)]
    heads = [(c.start, c.title) for c, _ in _chapters(result)]
    groups: list[tuple[list[Segment], int | None, bool, str]] = []
    for segment in group_segments(result.transcript.words, breaks=edges):
        middle = segment.words[0].middle
        removed = result.cuts.removes(middle)
        ad = next(
            (i for i, ad in enumerate(result.ads) if ad.contains(middle) or (removed and _near(ad, middle))), None
        )
        chapter = ""
        while heads and segment.start >= heads[0][0] - 0.01 and not removed:
            chapter = heads.pop(0)[1]
        last = groups[-1] if groups else None
        same = last and last[0][-1].speaker == segment.speaker and last[1:3] == (ad, removed) and not chapter
        if last and same and sum(len(s.words) for s in last[0]) < PARAGRAPH_WORDS:
            last[0].append(segment)
        else:
            groups.append(([segment], ad, removed, chapter))
    first_of = {ad: place for place, (_, ad, _, _) in reversed(list(enumerate(groups)))}
    return [
        Block(
            segments[0].start, result.cuts.to_clean(segments[0].start),
            result.shown(segments[0].speaker),
            colours.get(segments[0].speaker or "", COLOURS - 1),
            tuple(_line(s) for s in segments), ad, removed, chapter, ad is not None and first_of[ad] == place,
        )
        for place, (segments, ad, removed, chapter) in enumerate(groups)
    ]  # fmt: skip


def _near(ad: Span, time: Seconds, *, within_s: float = 5.0) -> bool:
    return ad.start - within_s <= time <= ad.end + within_s


def _line(segment: Segment) -> Line:
    offsets = " ".join(str(max(0, round((word.start - segment.start) * 1000))) for word in segment.words)
    return Line(round(segment.start, 3), round(segment.end, 3), segment.text, offsets)


def _chapters(result: Result) -> list[tuple[Any, Any]]:
    """Chapters that the clean recording has, each with itself on the clean clock."""
    pairs = []
    for chapter in sorted(result.chapters, key=lambda c: c.start):
        moved = clean_chapters([chapter], result.cuts)
        if moved:
            pairs.append((chapter, moved[0]))
    return pairs


def _ad(ad: AdSpan, result: Result) -> dict[str, Any]:
    return {
        "title": ad_title(ad),
        "start": clock(ad.start),
        "end": clock(ad.end),
        "seconds": round(ad.duration),
        "score": round(100 * ad.score),
        "removed": _is_removed(ad, result),
        "became": _became(ad, result),
        "held": ad.verdict == "hold",
        "reasons": [_reason(e) for e in ad.evidence],
        **_place(ad, result.cuts.duration),
    }


def _is_removed(ad: AdSpan, result: Result) -> bool:
    return sum(ad.overlap(span) for span in result.cuts.removed) > 0.5 * ad.duration


def _became(ad: AdSpan, result: Result) -> str:
    if _is_removed(ad, result):
        return "removed"
    return {"hold": "kept for your review", "keep": "kept by choice", "cut": "left in"}[ad.verdict]


def _reason(evidence: Evidence) -> str:
    quoted = evidence.kind == "phrase" and "\u201c" not in evidence.text
    shown = f"\u201c{evidence.text}\u201d" if quoted else evidence.text
    return shown + (f" at {clock(evidence.at)}" if evidence.at is not None else "")


def _place(span: Span, duration: Seconds) -> dict[str, str]:
    """Where a span lies on the picture, in percent of its width."""
    total = max(duration, 0.001)
    start = min(max(span.start / total, 0.0), 1.0)
    return {"x": f"{100 * start:.3f}", "w": f"{100 * max(min(span.end / total, 1.0) - start, 0.0008):.3f}"}


def _lanes(result: Result, colours: dict[str, int]) -> list[dict[str, Any]]:
    """One lane a voice, most heard first: name, colour, share of all speech, and the joined turns."""
    total = sum(turn.duration for turn in result.turns) or 1.0
    shares: dict[str, float] = {}
    for turn in result.turns:
        shares[turn.speaker] = shares.get(turn.speaker, 0.0) + turn.duration / total
    roles = {speaker.label: speaker.role for speaker in result.speakers}
    lanes: list[dict[str, Any]] = []
    rest: list[str] = []
    for label in sorted(shares, key=lambda name: (-shares[name], name)):
        if shares[label] < LEAST_LANE_SHARE or len(lanes) >= COLOURS:
            rest.append(label)
        else:
            lanes.append(
                _lane(result, [label], result.shown(label), colours[label], shares[label], roles.get(label, ""))
            )
    if rest:
        lanes.append(_lane(result, rest, "others", COLOURS - 1, sum(shares[label] for label in rest), ""))
    return lanes


def _lane(
    result: Result, labels: Sequence[str], name: str, colour: int, share: float, role: str
) -> dict[str, Any]:  # fmt: skip
    spans: list[Span] = []
    for turn in sorted((t for t in result.turns if t.speaker in labels), key=lambda t: t.start):
        if spans and turn.start - spans[-1].end <= JOIN_S:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, turn.end))
        else:
            spans.append(Span(turn.start, turn.end))
    return {
        "name": name,
        "colour": colour,
        "share": round(100 * share),
        "role": role,
        "turns": [_place(span, result.cuts.duration) for span in spans],
    }


def _ticks(duration: Seconds) -> list[dict[str, str]]:
    """Labels of the time axis: six to twelve round times."""
    steps = (10, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((s for s in steps if duration / s <= 10), steps[-1])
    times = [float(t) for t in range(0, int(duration) + 1, step)]
    return [{"x": f"{100 * t / max(duration, 0.001):.3f}", "text": clock(t)} for t in times if t < duration * 0.97]
