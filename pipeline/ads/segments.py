"""Scores of units to stretches: the best way to divide the whole episode into show and ads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.ads.clauses import Unit
from pipeline.timeline import Span

EDGE_CAP = (-6.0, 4.0)  # log-odds of an edge beyond these say nothing more
HOLE_S = 6.0  # a longer stretch without words parts two pieces: each must be an ad on its own
MERGE_GAP_S = 15.0  # the annotators' rule: ads closer than this are one
SURE_SCORE = 0.8  # mean chance of the words of a stretch: what is less sure has to be an ad by itself
SHORTEST_AD_S = 7.0
SMALL_PRINT_REACH_S = 12.0  # two sentences
OPENER_REACH_S = 30.0  # a spot: what stands before an opener and leads nowhere is the show
_OPENER = re.compile(
    r"\b(?:(?:episode|podcast|show|program|video|message|this) (?:is|was|comes?) (?:brought to you|sponsored|supported|"
    r"presented|to you|made possible) (?:by|from)|(?:support for|message comes? from)|"
    r"our sponsors?(?:'s|')? (?:\w+ )?(?:website|site|page|link)s?)\b"
)
OPENER_BONUS = 3.0  # nats: a named sponsor is an ad even when it is over in eight seconds
CALL_REACH_S, CALL_LEVEL = 30.0, -3.0  # a spot's length; the show after an ad is surer than that to be show
_CALL = re.compile(
    r"\b(?:tune in to|listen to [\w' ]{3,40} (?:on|wherever|now)|wherever you get your podcasts|to hear the|"
    r"in theaters|now streaming|only on|learn more at|find out more at|visit [\w' ]{2,30} <dotcom>|near you)\b"
)
_RETURN = re.compile(
    r"\b(?:welcome back|we're back|back to (?:the|our|today's) (?:show|story|interview|conversation)|i'm your host|"
    r"welcome to (?:the|another|this|our|a new) |let's (?:get (?:to|into|back|started)|jump)|you're listening to|"
    r"this is the [\w' ]+ for (?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_PRICED = re.compile("<dotcom>|<percent>|<money>")
_CLOSER = re.compile(r"<dotcom>|\b(?:code|terms|conditions|restrictions|apply|fdic|sipc|nmls|responsibly)\b")
TAIL_UNITS, TAIL_LEVEL = 2, 2.5  # what may be trimmed after the last address or code: two clauses the trees doubt
_LEAD = re.compile(
    r"\b(?:back (?:right )?after (?:this|the|a|these)\b|(?:quick |short |brief )?word from (?:our|the) sponsors?|"
    r"(?:take|need) a (?:quick|short|brief) break)"
)
BREAK_S = (3.0, 180.0)  # between "right back after this" and "welcome back": shorter is banter, longer another subject
ANNOUNCED_SCORE = 0.9  # both phrases, this close, are a break whatever its words are, or if it has none
_LEADS_OR_SELLS = re.compile(
    r"<dotcom>|<percent>|<money>|\b(?:break|back|sponsors?|ads?|bills|message|support|thanks?|code|free|partners?|"
    r"you|your|you'll|you're)\b"
)
_SELLS = re.compile(
    r"<dotcom>|<percent>|<money>|\b(?:break|back|sponsors?|ads?|bills|message|support|code|free|partners?)\b"
)
LEAD_LEVEL = 1.5  # log-odds: thanks to patrons before an opener are less sure than an ad that says "you" to everybody
_SMALL_PRINT = re.compile(
    r"\b(?:member (?:of )?(?:fdic|sipc|finra)|nmls|terms (?:and conditions )?apply|restrictions apply|"
    r"exclusions apply|drink responsibly|equal housing lender|void where prohibited)\b"
)


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """Chosen in training on shows that are not scored.

    ``prior`` is added to the log-odds of every unit; ``trust`` and ``edge_trust`` weigh the log-odds of units and
    edges, ``switch_cost`` is paid at each edge; a rest of show shorter than ``bridge_s`` between two ads, with a mean
    log-odds above ``bridge_level``, is ad; a stretch whose ``stretch_score`` is below ``least`` is dropped.
    """

    prior: float = 0.0
    trust: float = 1.2
    edge_trust: float = 0.5
    switch_cost: float = 2.0
    bridge_s: float = 45.0
    bridge_level: float = -2.0
    least: float = 0.5


@dataclass(frozen=True, slots=True)
class Stretch(Span):
    """A span of units ``first`` to ``last`` (exclusive) with its score, the mean probability of its words."""

    first: int
    last: int
    score: float


def decode(units: Sequence[Unit], scores: np.ndarray, settings: DecodeSettings) -> tuple[Stretch, ...]:
    """The ads of the episode; ``scores``: log-odds of (inside, starts here, has just ended here), shape (n, 3)."""
    if not units:
        return ()
    scores = scores + np.array([settings.prior, 0.0, 0.0])
    edges = np.clip(scores[:, 1:], *EDGE_CAP) * settings.edge_trust - settings.switch_cost
    edges[:, 0] += OPENER_BONUS * np.array([bool(_OPENER.search(" ".join(unit.tokens))) for unit in units])
    path = best_path(scores[:, 0] * settings.trust, enter=edges[:, 0], leave=edges[:, 1])
    chance = 1 / (1 + np.exp(-scores[:, 0]))
    pieces = [p for p in _pieces(units, path) if stretch_score(units, chance, *p) >= settings.least]
    bridged = _bridge(units, scores[:, 0], chance, _without_crumbs(units, pieces), settings)
    reached = _reach_call(units, scores[:, 0], _reach_small_print(units, bridged))
    joined = _end_at_return(units, _begin_at_opener(units, scores[:, 0], reached))
    joined = [_end_at_closer(units, scores[:, 0], *piece) for piece in joined]
    breaks = announced_breaks(units)
    joined = _union(joined, breaks)
    found = (
        Stretch(units[a].start, _end_of(units, a, b, breaks), a, b, _score_of(units, chance, a, b, breaks))
        for a, b in joined
    )
    return tuple(s for s in found if s.duration >= SHORTEST_AD_S)


def stretch_score(units: Sequence[Unit], chance: np.ndarray, first: int, last: int) -> float:
    """The mean chance of the stretch, each unit by its length."""
    weights = np.array([max(1, len(unit.tokens)) for unit in units[first:last]], np.float64)
    return float((chance[first:last] * weights).sum() / weights.sum())


def best_path(gain: np.ndarray, *, enter: np.ndarray, leave: np.ndarray) -> np.ndarray:
    """The two-state path of highest worth, bool of shape (n,): True is ad.

    Being ad at n is worth ``gain[n]``; beginning or ending to be ad at n, ``enter[n]`` or ``leave[n]``. An ad may
    begin with the episode, for ``enter[0]``, and end with it, for nothing.

    >>> cost = np.full(5, -1.0)
    >>> best_path(np.array([-3.0, 2.0, -1.0, 2.0, -3.0]), enter=cost, leave=cost).tolist()
    [False, True, True, True, False]
    """
    show, ad = 0.0, float(gain[0] + enter[0])
    came_from = np.zeros((len(gain), 2), np.int8)
    for n in range(1, len(gain)):
        left, entered = ad + float(leave[n]), show + float(enter[n])
        came_from[n] = (left > show, ad >= entered)
        show, ad = max(show, left), max(ad, entered) + float(gain[n])
    path = np.zeros(len(gain), bool)
    state = int(ad > show)
    for n in range(len(gain) - 1, -1, -1):
        path[n] = state
        state = int(came_from[n, state])
    return path


def _pieces(units: Sequence[Unit], path: np.ndarray) -> list[tuple[int, int]]:
    """Runs of ad, parted at long stretches without words."""
    pieces: list[tuple[int, int]] = []
    for n in map(int, np.flatnonzero(path)):
        touches = pieces and pieces[-1][1] == n and units[n].start - units[n - 1].end <= HOLE_S
        if touches:
            pieces[-1] = (pieces[-1][0], int(n) + 1)
        else:
            pieces.append((int(n), int(n) + 1))
    return pieces


def _without_crumbs(units: Sequence[Unit], pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces that are long enough to be an ad, or lie so close to another that they are part of it."""

    def gap_s(before: tuple[int, int], after: tuple[int, int]) -> float:
        return units[after[0]].start - units[before[1] - 1].end

    kept = []
    for n, piece in enumerate(pieces):
        beside = [gap_s(*pair) for pair in pairwise(pieces[max(0, n - 1) : n + 2])]
        long_enough = units[piece[1] - 1].end - units[piece[0]].start >= SHORTEST_AD_S
        if long_enough or min(beside, default=np.inf) < MERGE_GAP_S:
            kept.append(piece)
    return kept


def _bridge(
    units: Sequence[Unit],
    inside: np.ndarray,
    chance: np.ndarray,
    pieces: list[tuple[int, int]],
    settings: DecodeSettings,
) -> list[tuple[int, int]]:
    """The pieces, those close together as one: but nothing doubtful is joined to an ad across a hole."""
    joined: list[tuple[int, int]] = []
    for first, last in pieces:
        if joined:
            between = slice(joined[-1][1], first)
            gap_s = units[first].start - units[joined[-1][1] - 1].end
            doubtful = min(stretch_score(units, chance, *piece) for piece in (joined[-1], (first, last))) < SURE_SCORE
            hole = between.start == between.stop and gap_s > HOLE_S
            level = float(inside[between].mean()) if between.start < between.stop else 0.0
            close = gap_s < MERGE_GAP_S or (gap_s < settings.bridge_s and level > settings.bridge_level)
            if close and not (hole and doubtful):
                joined[-1] = (joined[-1][0], last)
                continue
        joined.append((first, last))
    return joined


def _reach_small_print(units: Sequence[Unit], pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Each piece, longer by the small print that closes it: nobody but an advertiser says "member SIPC"."""
    reached = []
    for n, (first, last) in enumerate(pieces):
        limit = pieces[n + 1][0] if n + 1 < len(pieces) else len(units)
        for k in range(last, limit):
            if units[k].end - units[last - 1].end > SMALL_PRINT_REACH_S:
                break
            if _SMALL_PRINT.search(" ".join(units[k].tokens)):
                last = k + 1
        reached.append((first, last))
    return reached


def _reach_call(units: Sequence[Unit], inside: np.ndarray, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Each piece, longer by a story that starts where it ends and closes with a call to act, if the trees doubt."""
    reached = []
    for n, (first, last) in enumerate(pieces):
        limit = pieces[n + 1][0] if n + 1 < len(pieces) else len(units)
        for k in range(last, limit):
            if units[k].end - units[last - 1].end > CALL_REACH_S:
                break
            if _CALL.search(" ".join(units[k].tokens)) and inside[last : k + 1].mean() > CALL_LEVEL:
                last = k + 1
                break
        reached.append((first, last))
    return reached


def _begin_at_opener(units: Sequence[Unit], inside: np.ndarray, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Each piece from its "this episode is brought to you by" on, if nothing before that leads into it or sells."""
    begun = []
    for first, last in pieces:
        before: list[str] = []
        for k in range(first, last):
            text = " ".join(units[k].tokens)
            if units[k].start - units[first].start > OPENER_REACH_S:
                break
            if _OPENER.search(text):
                said = " ".join(before)
                doubtful = k > first and inside[first:k].mean() < LEAD_LEVEL and not _SELLS.search(said)
                first = k if doubtful or not _LEADS_OR_SELLS.search(said) else first
                break
            before.append(text)
        begun.append((first, last))
    return begun


def _end_at_return(units: Sequence[Unit], pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Each piece up to where the host welcomes the listener back, if nothing is sold after that.

    A recogniser may write the last address and the welcome as one clause: that clause is still the ad's.
    """
    ended = []
    for first, last in pieces:
        for k in range(first + 1, last):
            text = " ".join(units[k].tokens)
            if not (back := _RETURN.search(text)):
                continue
            rest = [text[back.end() :], *(" ".join(unit.tokens) for unit in units[k + 1 : last])]
            if not any(map(_PRICED.search, rest)):
                last = k + 1 if _PRICED.search(text[: back.start()]) else k
                break
        ended.append((first, last))
    return ended


def _end_at_closer(units: Sequence[Unit], inside: np.ndarray, first: int, last: int) -> tuple[int, int]:
    """The piece up to its last address, code or small print, if only a doubtful clause or two follow."""
    texts = [" ".join(unit.tokens) for unit in units[first:last]]
    closers = [first + n for n, text in enumerate(texts) if _CLOSER.search(text)]
    tail = range(closers[-1] + 1, last) if closers else range(0)
    doubtful = all(inside[k] < TAIL_LEVEL and not _LEADS_OR_SELLS.search(texts[k - first]) for k in tail)
    show_follows = last < len(units)
    return (first, tail.start) if 0 < len(tail) <= TAIL_UNITS and doubtful and show_follows else (first, last)


def announced_breaks(units: Sequence[Unit]) -> list[tuple[int, int]]:
    """From a phrase that leads into a break up to the phrase that comes back from it."""
    texts = [" ".join(unit.tokens) for unit in units]
    found: list[tuple[int, int]] = []
    for first, text in enumerate(texts):
        if not _LEAD.search(text) or (found and first < found[-1][1]):
            continue
        for k in range(first + 1, len(units)):
            apart = units[k].start - units[first].end
            if apart > BREAK_S[1]:
                break
            if _RETURN.search(texts[k]):
                if apart >= BREAK_S[0]:
                    found.append((first, k))
                break
    return found


def _union(pieces: list[tuple[int, int]], breaks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted([*pieces, *breaks]):
        if joined and first < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _end_of(units: Sequence[Unit], first: int, last: int, breaks: list[tuple[int, int]]) -> float:
    spoken = max(unit.end for unit in units[first:last])
    return max(spoken, units[last].start) if any(end == last for _, end in breaks) else spoken


def _score_of(units: Sequence[Unit], chance: np.ndarray, first: int, last: int, breaks: list[tuple[int, int]]) -> float:
    score = stretch_score(units, chance, first, last)
    announced = any(first <= a and b <= last for a, b in breaks)
    return max(score, ANNOUNCED_SCORE) if announced else score
