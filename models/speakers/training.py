"""Fits naming again: `python -m models.speakers.training DATA` writes the artifact, the same bytes each time."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.language import SpacyLanguage
from models.speakers.artifact import ARTIFACT, write_model
from models.speakers.corpus import read_shows, talk_of
from models.speakers.examples import Examples, collect, read_example
from models.speakers.fitting import fit_naming


def read_examples(folder: Path) -> Examples:
    """Every episode of the folder, analysed and read: about fifteen minutes for 200 episodes on one core."""
    language = SpacyLanguage()
    shows = read_shows(folder)
    return collect([read_example(e, talk_of(e, language)) for episodes in shows.values() for e in episodes])


def main() -> None:
    """Read the data, fit on every show, write the artifact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of <show>.jsonl.gz with published speaker names")
    arguments = parser.parse_args()
    examples = read_examples(arguments.data)
    model = fit_naming(examples, examples.shows)
    ARTIFACT.write_text(write_model(model), encoding="utf-8")
    print(f"{ARTIFACT.name}: fitted on {len(examples.episodes)} episodes of {len(examples.shows)} shows")


if __name__ == "__main__":
    main()
