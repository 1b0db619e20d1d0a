"""``python -m audio.rendering``: the seed episode as sound, spoken by synthetic voices, with its exact truth.

Writes an evaluation case into ``audio/seed``: ``audio.mp3``, ``reference.txt`` (the seed, byte for byte),
``reference.ads.json`` (which of its paragraphs are ads), ``reference.rttm``, ``ads.json``, ``words.json`` and
``case.json``. Everything random comes from the recipe's seed, so the samples are the same every time on machines
whose onnxruntime computes alike.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from audio.rendering.episode import Spoken, Voice, perform, speak, utterances_of
from audio.rendering.files import write_case
from audio.rendering.kokoro import Kokoro
from pipeline.errors import CleancastError, WeightsError
from pipeline.formats.records.seed import parse_ad_marks, parse_seed

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "audio" / "seed" / "recipe.toml"
WEIGHTS = Path.home() / ".cache" / "cleancast" / "weights"
CACHE = Path.home() / ".cache" / "cleancast" / "seed-rendering"


def main() -> int:
    arguments = _arguments()
    try:
        render(arguments)
    except CleancastError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def render(arguments: argparse.Namespace) -> None:
    recipe = tomllib.loads(arguments.recipe.read_text("utf-8"))
    seed_text = (ROOT / recipe["episode"]["seed"]).read_text("utf-8")
    marks_text = (ROOT / recipe["episode"]["marks"]).read_text("utf-8")
    seed = parse_seed(seed_text, name=recipe["episode"]["seed"])
    marks = parse_ad_marks(marks_text, seed, name=recipe["episode"]["marks"])
    kokoro = Kokoro(_weights("kokoro") / "model.onnx", _weights("kokoro-voices"), arguments.cache)
    voices = {name: Voice(**options) for name, options in recipe["voices"].items()}
    random = np.random.default_rng(recipe["episode"]["random_seed"])
    spoken: list[Spoken] = []
    utterances = utterances_of(seed, voices, random)
    for number, utterance in enumerate(utterances):
        if number % arguments.of == arguments.part:
            spoken.append(speak(utterance, kokoro, recipe["respell"]))
            _show(number + 1, len(utterances))
    if arguments.of == 1:
        performance = perform(spoken, seed, marks, recipe, random)
        write_case(performance, recipe["episode"], seed_text, marks_text, arguments.out)


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total} utterances", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done % 20 == 0 or done == total:
        print(f"{done}/{total} utterances", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m audio.rendering", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--out", type=Path, default=ROOT / "audio" / "seed")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where rendered utterances are kept")
    parser.add_argument(
        "--part", type=int, default=0, help="with --of: speak only every OF-th utterance, into the cache"
    )
    parser.add_argument("--of", type=int, default=1, help="share the speaking among this many processes")
    return parser.parse_args()


def _weights(name: str) -> Any:
    folder = WEIGHTS / name
    if not folder.is_dir():
        raise WeightsError(name, "are not here; fetch them with: cleancast models pull " + name)
    return folder


if __name__ == "__main__":
    sys.exit(main())
