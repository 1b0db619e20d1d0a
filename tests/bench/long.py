"""Long recordings, measured: ``python -m tests.bench.long "60 minutes" 3600`` prints one line of JSON.

The seed rendering over and over, through a fresh ``cleancast run``: what an hour costs must not grow with the hours.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from pipeline.timeline import Waveform
from tests.bench.hearing import samples
from tests.bench.whole import run_cleancast

MINUTES = (20, 60, 180)


def repeated(seconds: float) -> Waveform:
    """The seed rendering, repeated up to ``seconds``."""
    once = samples(float("inf"))
    return Waveform(np.resize(once.samples, round(seconds * once.sample_rate)), once.sample_rate)


if __name__ == "__main__":
    print(json.dumps(run_cleancast(repeated(float(sys.argv[2])))))
