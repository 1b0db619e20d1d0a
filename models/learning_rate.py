"""How fast a network learns at each step of a training."""

from __future__ import annotations

import math

LEAST_SHARE = 0.02


def rate_share(step: int, steps: int, warm_steps: int) -> float:
    """Of the learning rate, in step 1 to ``steps``: it rises in a line and falls along a cosine.

    Method: Loshchilov and Hutter 2017.
    """
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, (step - 1) / steps)))
    return min(1.0, step / warm_steps) * max(LEAST_SHARE, fall)
