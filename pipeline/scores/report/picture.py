"""An episode as a picture: who speaks, where the ads are, and where the errors are, over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from pipeline.formats.clock import clock
from pipeline.scores.scoring import CaseScores
from pipeline.scores.words.alignment import Pair
from pipeline.timeline import Seconds, Span

BINS = 90
"""Columns of the error strip: each stays wider than two pixels on a phone."""
STRIP_HEIGHT = 48
VOICE_COLOURS = 8
TICK_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TICKS = 7
LAST_TICK = 0.95  # of the axis: a time further right would not fit beside its mark


@dataclass(frozen=True, slots=True)
class Bar:
    """A coloured stretch of a lane, in per cent of the recording, and what it says when pointed at."""

    left: float
    width: float
    tip: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the picture; ``style`` is a CSS class, ``found`` tells our lanes from the reference's."""

    label: str
    style: str
    found: bool
    bars: tuple[Bar, ...]

    @property
    def svg(self) -> str:
        """The lane as SVG that stretches with its box: every x is a percentage."""
        rects = "".join(
            f'<rect x="{bar.left:.3f}%" width="{bar.width:.3f}%" height="100%"><title>{escape(bar.tip)}</title></rect>'
            for bar in self.bars
        )
        side = "found" if self.found else "reference"
        name = escape(f"{self.label}: {side}")
        return f'<svg class="lane {self.style} {side}" role="img" aria-label="{name}">{rects}</svg>'


@dataclass(frozen=True, slots=True)
class Tick:
    left: float
    label: str


def draw_lanes(scores: CaseScores) -> tuple[Lane, ...]:
    """Voices (the reference's above ours, paired as DER pairs them), then ads marked, found and cut."""
    duration = _duration(scores)
    return (*_voice_lanes(scores, duration), *_ad_lanes(scores, duration))


def draw_ticks(scores: CaseScores) -> tuple[Tick, ...]:
    """Round times for the axis."""
    duration = _duration(scores)
    step = next((s for s in TICK_STEPS_S if duration / s <= MOST_TICKS), TICK_STEPS_S[-1])
    return tuple(Tick(100 * at / duration, clock(at)) for at in range(0, int(LAST_TICK * duration) + 1, step))


def draw_errors(scores: CaseScores, rows: Sequence[tuple[Seconds, str]]) -> str:
    """The strip of errors over time as SVG; each column leads to the row of the alignment at its time.

    ``rows``: start and anchor of each row of the alignment, in order.
    """
    if scores.words is None:
        return ""
    duration = _duration(scores)
    bins = [dict.fromkeys(("substitution", "deletion", "insertion"), 0) for _ in range(BINS)]
    for at, pair in timed_pairs(scores):
        if pair.kind != "hit":
            bins[min(BINS - 1, int(BINS * at / duration))][pair.kind] += 1
    most = max(max(sum(one.values()) for one in bins), 1)
    columns = "".join(_column(i, one, most, duration, rows) for i, one in enumerate(bins))
    name = f"errors over time, at most {most} in {duration / BINS:.0f} seconds"
    return f'<svg class="strip" height="{STRIP_HEIGHT}" role="img" aria-label="{name}">{columns}</svg>'


def timed_pairs(scores: CaseScores) -> Iterable[tuple[Seconds, Pair]]:
    """The pairs of the whole comparison with the time each is at: a deleted word's is that of the word before it."""
    assert scores.words is not None
    heard, raw = scores.result.transcript.words, scores.words.raw
    at = 0.0
    for pair in raw.alignment.pairs:
        index = raw.word_found(pair)
        at = at if index is None else heard[index].start
        yield at, pair


def _column(
    index: int, counts: dict[str, int], most: int, duration: Seconds, rows: Sequence[tuple[Seconds, str]]
) -> str:
    if not any(counts.values()):
        return ""
    begin, end = duration * index / BINS, duration * (index + 1) / BINS
    tip = f"{clock(begin)}: " + ", ".join(f"{count} {kind}s" for kind, count in counts.items() if count)
    top, rects = float(STRIP_HEIGHT), ""
    for kind, count in counts.items():
        if not count:
            continue
        height = STRIP_HEIGHT * count / most
        top -= height
        x, width = f"{100 * index / BINS:.3f}%", f"{100 / BINS - 0.15:.3f}%"
        rects += f'<rect class="{kind}" x="{x}" width="{width}" y="{top:.2f}" height="{height:.2f}"/>'
    anchor = next((name for at, name in reversed(rows) if at < end), rows[0][1] if rows else "")
    return f'<a href="#{anchor}"><title>{escape(tip)}</title>{rects}</a>'


def _voice_lanes(scores: CaseScores, duration: Seconds) -> list[Lane]:
    found_turns = scores.result.turns
    shown = {turn.speaker: scores.result.shown(turn.speaker) for turn in found_turns}
    lanes: list[Lane] = []
    paired: set[str] = set()
    mapping = dict(scores.confusion.mapping) if scores.confusion else {}
    names = {"_".join(label.split()): label for label in shown}  # as turns.rttm spells them
    reference = scores.confusion.reference if scores.confusion else ()
    for number, label in enumerate(reference):
        style = f"voice{number % VOICE_COLOURS}"
        marked = [t for t in scores.case.turns or () if t.speaker == label]
        spoken = label.replace("_", " ")  # RTTM has no blanks
        lanes.append(Lane(spoken, style, False, _bars(marked, duration, spoken)))
        partner = names.get(mapping.get(label, ""))
        ours = [turn for turn in found_turns if turn.speaker == partner]
        name = f"as {shown.get(partner, '')}" if partner else "not found"
        lanes.append(Lane(name, style, True, _bars(ours, duration, name)))
        paired |= {partner} if partner else set()
    alone = sorted(
        {t.speaker for t in found_turns} - paired, key=lambda s: min(t.start for t in found_turns if t.speaker == s)
    )
    for number, label in enumerate(alone):
        style = "alone" if reference else f"voice{number % VOICE_COLOURS}"
        lanes.append(
            Lane(shown[label], style, True, _bars([t for t in found_turns if t.speaker == label], duration, label))
        )
    return lanes


def _ad_lanes(scores: CaseScores, duration: Seconds) -> list[Lane]:
    lanes = []
    if scores.ads_marked is not None:
        lanes.append(Lane("ads marked", "ads", False, _bars(scores.ads_marked, duration, "ad")))
    found = [ad for ad in scores.result.ads if ad.verdict == "cut"]
    held = [ad for ad in scores.result.ads if ad.verdict == "hold"]
    if found or scores.ads_marked is not None:
        lanes.append(Lane("ads found", "ads", True, _bars(found, duration, "found")))
    if held:
        lanes.append(Lane("held, not cut", "held", True, _bars(held, duration, "held")))
    if scores.result.cuts.removed:
        lanes.append(Lane("cut", "cuts", True, _bars(scores.result.cuts.removed, duration, "cut")))
    return lanes


def _bars(spans: Iterable[Span], duration: Seconds, what: str) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            100 * s.start / duration,
            max(0.08, 100 * s.duration / duration),
            f"{what} {clock(s.start)} to {clock(s.end)}",
        )
        for s in spans
    )


def _duration(scores: CaseScores) -> Seconds:
    return max(scores.result.cuts.duration, *(turn.end for turn in scores.case.turns or ()), 1.0)
