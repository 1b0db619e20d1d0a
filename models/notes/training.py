"""Fits the models of the notes again, ``fitted.json`` and ``judge.npz``: ``python -m models.notes.training DATA``."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.notes.artifact import FILE, JUDGE, save_notes_model
from models.notes.corpus import read_talk
from models.notes.correcting import mark
from models.notes.fitting import fit_notes_model, prepare
from models.notes.labels import read_labels


def main() -> None:
    from models.encoder import MiniLmEncoder
    from models.language import SpacyLanguage

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with talk in it")
    data: Path = parser.parse_args().data
    encoder = MiniLmEncoder()
    episodes = [prepare(e) for e in read_talk(data, encoder=encoder, analysis=SpacyLanguage())]
    labels = read_labels(data)
    save_notes_model(fit_notes_model(episodes, mark(labels), encoder=encoder))
    read = sum(label.read for label in labels)
    print(
        f"{FILE.name}, {JUDGE.name}: fitted on {len(episodes)} episodes, {read} sentences that were read and "
        f"{len(labels) - read} not"
    )


if __name__ == "__main__":
    main()
