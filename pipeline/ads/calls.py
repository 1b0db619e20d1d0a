"""What a show says for itself: calls to its own listeners, and credits. Read apart from ads, for they may stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pipeline.ads.clauses import Unit, spoken_units
from pipeline.timeline import Span, Word

Call = Literal["self", "credits"]
NEAR_S = 12.0  # calls closer than this are one: "rate us", a joke, "and we have a Patreon"
LEAST_CREDITS = 2  # one "produced by" is talk about a film
OWN_SHARE = 0.5  # of a stretch's clauses: from here on the stretch is the show's own, if nobody else sells in it

_SELF = re.compile(
    r"\b(?:rate (?:and|us)\b|leave (?:us )?an? (?:\S+ )?(?:rating|review|comment)|star (?:rating|review)|"
    r"subscribe to (?:the (?:show|podcast|channel)|this|our)|hit (?:like|subscribe|the bell)|like and subscribe|"
    r"follow us\b|find us (?:on|at)|patreon|(?:our|new|all (?:our|the)) patrons|"
    r"become (?:a|an) (?:\S+ )?(?:member|patron|supporter)|"
    r"support (?:the show|the podcast|this podcast|this show|us)\b(?! comes?| is\b| and the| and get)|"
    r"our (?:own )?(?:store|merch|shop|discord|subreddit|newsletter)\b|merch\b|(?:in|on|join) (?:the|our) discord|"
    r"voice (?:note|memo|message)s?|(?:email|text|write to|write) us\b|(?:send|record) (?:us|in) (?:a|an|your)|"
    r"on our (?:own )?website|in (?:the|our) show notes|(?:brand )?new episode next week|with a (?:brand )?new episode|"
    r"(?:contact|call) the [\w' ]{3,60}(?:police|sheriff|department|bureau|office|hotline|line)|tip line|"
    r"tickets (?:are|at)\b|i'm on tour|live show|(?:our|my|the|free) newsletter|"
    r"share (?:it|this|the show|this episode) with|tell a friend|name of the show)"
)
_CREDITS = re.compile(
    r"\b(?:(?:produced|edited|mixed|written|engineered|reported|researched|directed|fact checked|mastered) by|"
    r"(?:executive|senior|associate|supervising|managing|technical) (?:producer|editor)s?|producer|editor|co host|"
    r"(?:theme|original|our) music|music (?:is |was |provided |composed )?by|sound design|special thanks to|"
    r"production of|with help from|additional (?:reporting|production)|art by)\b"
)
_SOLD = re.compile(
    r"\b(?:(?:brought to you|sponsored|supported|presented) by|sponsors?|promo code|use (?:the |our |my )?code|"
    r"at checkout|free trial|money back|terms|restrictions|conditions|fdic|sipc)\b|<percent> off|<money> off"
)


def find_calls(words: Sequence[Word], *, without: Sequence[Span] = ()) -> tuple[tuple[Span, Call], ...]:
    """The show's calls to its listeners and its credits, in order of time, outside the stretches ``without``.

    >>> text = "If you like this leave us a review. We also have a Patreon. So, where were we?"
    >>> found = find_calls([Word(n / 3, (n + 1) / 3, word) for n, word in enumerate(text.split())])
    >>> [(round(span.start, 1), round(span.end, 1), kind) for span, kind in found]
    [(0.0, 4.3, 'self')]
    """
    units = [unit for unit in spoken_units(words)[0] if not any(span.overlap(unit) > 0 for span in without)]
    return tuple((Span(group[0].start, group[-1].end), kind) for kind, group in _groups(units) if not _is_sold(group))


def own_kind(units: Sequence[Unit]) -> Call | None:
    """Whose words a stretch mostly is, if they are the show's own and nobody sells anything in it."""
    texts = [" ".join(unit.tokens) for unit in units]
    if not texts or any(_SOLD.search(text) for text in texts):
        return None
    elsewhere = [text for text in texts if "<dotcom>" in text and "patreon" not in text]
    if any("patreon" in text for text in texts) and not elsewhere:
        return "self"
    calls, credited = (sum(bool(pattern.search(text)) for text in texts) for pattern in (_SELF, _CREDITS))
    if credited >= max(LEAST_CREDITS, OWN_SHARE * len(texts)):
        return "credits"
    return "self" if calls and calls + credited > OWN_SHARE * len(texts) else None


def _groups(units: Sequence[Unit]) -> Iterator[tuple[Call, list[Unit]]]:
    """Clauses of one kind that lie near each other, each group with what is said between them."""
    open_kind: Call | None = None
    first = last = cues = 0
    for n, unit in enumerate(units):
        kind = _kind_of(unit)
        if kind is None:
            continue
        if open_kind == kind and unit.start - units[last].end <= NEAR_S:
            last, cues = n, cues + 1
            continue
        if open_kind == "self" or cues >= LEAST_CREDITS:
            yield open_kind or "self", list(units[first : last + 1])
        open_kind, first, last, cues = kind, n, n, 1
    if open_kind and (open_kind == "self" or cues >= LEAST_CREDITS):
        yield open_kind, list(units[first : last + 1])


def _kind_of(unit: Unit) -> Call | None:
    text = " ".join(unit.tokens)
    return "self" if _SELF.search(text) else "credits" if _CREDITS.search(text) else None


def _is_sold(group: Sequence[Unit]) -> bool:
    return any(_SOLD.search(" ".join(unit.tokens)) for unit in group)
