"""What is known about each unit before deciding: how its words and its neighbours' sound, cues, repeats, position.

Every score of words is taken relative to the median of its own episode: a chatty interview and a scripted true-crime
show lie two units of log-odds apart, and the ads in each stand out from *their* show.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from models.ads.clauses.clauses import Unit
from models.ads.clauses.copies import find_repeats, repeated_tokens
from models.ads.clauses.foreign import foreign_shares
from models.ads.clauses.lexicon import HashedText, Lexicon
from pipeline.timeline import Word

NEIGHBOURS = 4
PASSAGE_TOKENS = (25, 60)
FURTHER_TOKENS = 60
MEAN_UNITS = (3, 8, 20)
SOON_S, LATE_S = 12.0, 35.0
FAR_S = 90.0  # an opener or closer further away than this says nothing
EDGE_S = 600.0  # ads crowd at the ends; after ten minutes the distance no longer matters
BURST_S, BURST_LEAST, BURST_SHARE = 30.0, 3, 0.8  # a name said three times here and nowhere else
GAP_CAP_S = 5.0

_CUES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:brought to you by|sponsored by|supported by|presented by|sponsors?|message comes from|support for)\b",
        r"\b(?:code|promo|checkout|coupon|offer)\b",
        r"<dotcom>|\bslash\b|app store|google play",
        r"<percent>|<money>|\b(?:free|save|discount|cash back|guarantee|trial|limited time)\b",
        r"\b(?:visit|go to|head to|check out|sign up|download|learn more|get started|order|try|call|subscribe|listen|"
        r"tune in|shop|join|find)\b",
        r"\b(?:terms|conditions|restrictions|apply|member|fdic|sipc|nmls|side effects|responsibly|void|exclusions|"
        r"licensed|subject to)\b",
        r"\b(?:quick break|short break|right back|word from|we're back|welcome back|back to)\b",
        r"\b(?:you|your|you're|you'll|yourself)\b",
        r"\b(?:i|me|my|i'm|i've|he|she|his|her|they|them|was|were|said|had)\b",
        r"\b(?:our|we|us|we're)\b",
        r"\b(?:podcast|episode|show|host|listen|listeners|patreon|patrons)\b",
    )
)
_OPENER = re.compile(
    r"\b(?:brought to you by|sponsored by|is supported by|presented by|(?:today's|our|this week's) sponsors?|"
    r"message comes? from|support for (?:this|the)|for sponsoring|a word from|our sponsor's|"
    r"(?:check out|visit|thank|look at|support) our sponsors?)\b"
)
_CLOSER = re.compile(
    r"<dotcom>|<long-number>|\b(?:terms (?:and conditions )?apply|restrictions apply|learn more|find out (?:more|how)|"
    r"wherever you (?:get|listen)|in theaters|only on|now (?:playing|streaming)|streaming (?:now|on)|download the|"
    r"at checkout|promo code|member fdic|drink responsibly|tune in to|listen to [\w' ]{3,40} (?:on|wherever|now)|"
    r"to hear the|new episodes|available (?:now|wherever|at|in|on)|(?:find|get) yours|near you|in stores|"
    r"(?:apply|order|book|shop|call|register|start|join) (?:now|today|online)|get started|free trial)\b"
)


def unit_features(units: Sequence[Unit], words: Sequence[Word], lexicon: Lexicon) -> np.ndarray:
    """One row a unit, float32, shape (n, FEATURES); NaN where a neighbour does not exist."""
    text = HashedText(units, repeated_tokens(units))
    return join_features(word_scores(text, lexicon), surroundings(units, words))


def join_features(scores: np.ndarray, around: np.ndarray) -> np.ndarray:
    return np.concatenate([scores, around], axis=1).astype(np.float32)


def word_scores(text: HashedText, lexicon: Lexicon) -> np.ndarray:
    """What the lexicon says of each unit, its neighbours and the passages around it; shape (n, columns)."""
    n, starts = len(text.starts) - 1, text.starts
    clause = lexicon.score_clauses(text.clauses)
    clause = clause - np.median(clause)
    padded = np.concatenate([np.full(NEIGHBOURS, np.nan), clause, np.full(NEIGHBOURS, np.nan)])
    columns = [padded[k : k + n] for k in range(2 * NEIGHBOURS + 1)]
    before = {k: lexicon.score_passages(text.before(k)) for k in PASSAGE_TOKENS}
    after = {k: lexicon.score_passages(text.after(k)) for k in PASSAGE_TOKENS}
    level = float(np.median(after[PASSAGE_TOKENS[-1]]))
    columns += [side[k] - np.median(side[k]) for side in (before, after) for k in PASSAGE_TOKENS]
    columns += [after[k] - before[k] for k in PASSAGE_TOKENS]
    further = np.searchsorted(starts[:-1], starts[:-1] + FURTHER_TOKENS)
    columns.append(np.append(after[PASSAGE_TOKENS[-1]] - level, np.nan)[further])
    columns.append(np.full(n, level))
    running = np.concatenate([[0.0], np.cumsum(clause * np.diff(starts))])
    for k in MEAN_UNITS:
        low, high = np.maximum(0, np.arange(n) - k), np.minimum(n, np.arange(n) + k + 1)
        columns.append((running[high] - running[low]) / np.maximum(1, starts[high] - starts[low]))
    foreign = foreign_shares(text.singles, lexicon.rarity[text.singles], text.repeated, starts[:-1])
    return np.concatenate([np.stack(columns, axis=1), foreign], axis=1)


def surroundings(units: Sequence[Unit], words: Sequence[Word]) -> np.ndarray:
    """Cues, repeats, names, pauses and position of each unit: all that needs no lexicon; shape (n, columns)."""
    texts = [" ".join(unit.tokens) for unit in units]
    counts = np.array([[len(cue.findall(text)) for cue in _CUES] for text in texts], np.float64)
    lengths = np.array([max(1, len(unit.tokens)) for unit in units], np.float64)
    repeated, bursting = find_repeats(units), find_bursts(units)
    counts = np.column_stack([counts, bursting * lengths])
    middles = np.array([unit.middle for unit in units])
    starts, ends = np.array([unit.start for unit in units]), np.array([unit.end for unit in units])
    gaps = np.concatenate([[GAP_CAP_S], np.clip(starts[1:] - ends[:-1], 0, GAP_CAP_S), [GAP_CAP_S]])
    n = len(units)
    near = np.array([repeated[max(0, i - 3) : i + 4].mean() for i in range(n)])
    opens = starts[[bool(_OPENER.search(text)) for text in texts]]
    closes = ends[[bool(_CLOSER.search(text)) for text in texts]]
    return np.column_stack(
        [
            *_densities(counts, lengths, middles),
            repeated, near, gaps[:-1], gaps[1:], lengths,
            np.minimum(middles - words[0].start, EDGE_S), np.minimum(words[-1].end - middles, EDGE_S),
            _since(opens, starts), _until(opens, starts), _since(closes, starts), _until(closes, starts),
        ]
    )  # fmt: skip


def _densities(counts: np.ndarray, lengths: np.ndarray, middles: np.ndarray) -> list[np.ndarray]:
    """Cues in ten words: in the next and last ``SOON_S`` and ``LATE_S`` seconds."""
    n = len(middles)
    running = np.vstack([np.zeros(counts.shape[1]), np.cumsum(counts, axis=0)])
    spoken = np.concatenate([[0.0], np.cumsum(lengths)])
    here = np.arange(n)
    found = []
    for reach in (SOON_S, LATE_S):
        ahead = np.maximum(here, np.searchsorted(middles, middles + reach, side="right"))
        behind = np.minimum(here, np.searchsorted(middles, middles - reach, side="left"))
        for low, high in ((here, ahead), (behind, here)):
            found.append((running[high] - running[low]) / np.maximum(1, spoken[high] - spoken[low])[:, None] * 10)
    return found


def _since(events: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Seconds since the last event at or before each time, at most ``FAR_S``."""
    index = np.searchsorted(events, times, side="right") - 1
    return np.minimum(FAR_S, times - np.concatenate([[-np.inf], events])[index + 1])


def _until(events: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Seconds until the next event at or after each time, at most ``FAR_S``."""
    return np.minimum(FAR_S, np.append(events, np.inf)[np.searchsorted(events, times)] - times)


def find_bursts(units: Sequence[Unit]) -> np.ndarray:
    """The share of each unit's tokens that are frequent just here and rare in the rest of the episode: a brand."""
    times: dict[str, list[float]] = defaultdict(list)
    for unit in units:
        for token in unit.tokens:
            times[token].append(unit.middle)
    arrays = {token: np.array(at) for token, at in times.items() if len(at) >= BURST_LEAST and len(token) > 2}
    shares = np.zeros(len(units))
    for n, unit in enumerate(units):
        for token in unit.tokens:
            at = arrays.get(token)
            if at is None or token.startswith("<"):
                continue
            near = np.searchsorted(at, unit.middle + BURST_S, "right") - np.searchsorted(at, unit.middle - BURST_S)
            shares[n] += near >= max(BURST_LEAST, BURST_SHARE * len(at))
        shares[n] /= max(1, len(unit.tokens))
    return shares
