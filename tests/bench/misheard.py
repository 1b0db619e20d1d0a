"""How often a word was said that was heard with such a probability: ``python -m tests.bench.misheard DATA [OUT]``.

DATA/episodes holds recordings with their text. They are heard once, into OUT (out/ablation if not given, as for
``ads_ablation``). A word counts once an episode, by the highest probability that it has there, if it has as many
letters as notes leave a misheard one out from.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from pipeline.batch.single import run_one
from pipeline.notes.material import SHORTEST_MISHEARD, bare_word
from pipeline.scores.words.alignment import align_words
from pipeline.settings import Settings
from pipeline.timeline import Word
from tests.bench.ads_ablation import told_in

STEPS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)
Heard = dict[str, tuple[float, bool]]
"""Each word of an episode: the highest probability it has, and whether it was said anywhere where it was heard."""


def heard_in(told: list[str], words: tuple[Word, ...]) -> Heard:
    aligned = align_words(told, [word.text for word in words])
    said = {aligned.found[p.found].first for p in aligned.pairs if p.kind == "hit" and p.found is not None}
    heard: Heard = defaultdict(lambda: (0.0, False))
    for n, word in enumerate(words):
        most, was_said = heard[bare_word(word.text)]
        heard[bare_word(word.text)] = (max(most, word.probability), was_said or n in said)
    return {word: found for word, found in heard.items() if len(word) >= SHORTEST_MISHEARD}


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "out/ablation")
    found: list[tuple[float, bool]] = []
    for path in sorted((data / "episodes").glob("*.mp3")):
        _, result = run_one(path, Settings(out=out, show=path.stem.split("_")[0], memory=False))
        told = [word for _, line in told_in(path.with_suffix(".txt").read_text(encoding="utf-8")) for word in line]
        found += heard_in(told, result.transcript.words).values()
    print("| highest probability | words | of which said |\n|---|---|---|")
    for least, below in zip(STEPS, (*STEPS[1:], 1.01), strict=True):
        said = [was_said for most, was_said in found if least <= most < below]
        print(f"| from {least} | {len(said)} | {sum(said) / max(1, len(said)):.0%} |")


if __name__ == "__main__":
    main()
