"""Ads that the decoder leaves out although the model takes them for a call: what a second reading of it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.ads.finding.segments import (
    PAID,
    SHORTEST_AD_WORDS,
    UNPAID,
    Segment,
    WordScores,
    best_path,
    inside,
    log_sum,
    moving_mean,
    runs_of,
    segment_between,
)
from pipeline.timeline import Span, Word

CHANCE = 0.7
"""Of what is found so to be a paid ad, the show's own calls not counted: 32 of 38 on the shows on which these numbers
were chosen, 28 of 44 on those of the shipped model's fold, before sponsor and offer are asked for."""
LEAST_CALL = 0.2
"""Where the chance of an ad, a call or credits is less, nothing of a call goes on."""
LEAST_MEAN = 0.5
"""The mean chance of the words found to be in a call: as likely as not. With 0.6, F0.5 on four folds was 0.01 lower;
with 0.4, half as many spans again were found where no ad is."""
PAID_BIAS = 0.5
"""Nats by which the second reading prefers "paid". On four folds F0.5 was 0.01 lower without; with 1.0, 0.02 higher,
but three times as many spans were found where no ad is."""
TRUST, EDGE_COST = 0.1, 2.0
"""What the log-odds of a word count, and each edge costs, in nats: neighbouring words are read with the same words."""
SMOOTH = 7  # words


def overlooked_ads(words: Sequence[Word], scores: WordScores, *, without: Sequence[Span]) -> tuple[Segment, ...]:
    """The paid ads among the calls of an episode outside the stretches ``without``, cut between sentences."""
    taken = inside(words, without)
    chance = moving_mean(scores.call, SMOOTH)
    gain = (log_sum(scores.second[:, PAID]) - log_sum(scores.second[:, UNPAID]) + PAID_BIAS) * TRUST
    found = []
    for first, last in runs_of((chance > LEAST_CALL) & ~taken):
        cost = np.full(last - first, -EDGE_COST)
        enter = np.concatenate([[0.0], cost[1:]])
        for a, b in runs_of(best_path(gain[first:last], enter=enter, leave=cost)):
            start, end = first + a, first + b
            mean = float(chance[start:end].mean())
            if end - start >= SHORTEST_AD_WORDS and mean >= LEAST_MEAN:
                found.append(segment_between(words, scores.second, start, end, mean))
    return tuple(found)
