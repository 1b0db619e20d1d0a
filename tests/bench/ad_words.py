"""Finding ads in words alone, start-up included: ``python -m tests.bench.ad_words TOOL SECONDS`` prints a line of JSON.

The seed's words over and over, at an even pace, through a fresh Python that does nothing else.
"""

from __future__ import annotations

import itertools
import json
import sys
import time

import psutil

from pipeline.formats.records.seed import parse_seed
from pipeline.timeline import Word
from pipeline.wiring import ad_detector
from tests.paths import SEEDS

WORDS_PER_SECOND = 2.7
"""The mean pace of the word-timed episodes that the ad model was judged by."""


def spoken(seconds: float) -> tuple[Word, ...]:
    """The seed's words until ``seconds`` are full."""
    seed = parse_seed((SEEDS / "openai-code-red.txt").read_text("utf-8"))
    texts = [word for paragraph in seed.paragraphs for word in paragraph.text.split()]
    paced = zip(range(round(seconds * WORDS_PER_SECOND)), itertools.cycle(texts), strict=False)
    return tuple(Word(n / WORDS_PER_SECOND, (n + 1) / WORDS_PER_SECOND, text) for n, text in paced)


def main() -> None:
    words = spoken(float(sys.argv[2]))
    ad_detector()()(words, description="")
    wall_s = time.time() - psutil.Process().create_time()
    print(json.dumps({"words": len(words), "wall_s": wall_s, "cpu_s": time.process_time()}))


if __name__ == "__main__":
    main()
