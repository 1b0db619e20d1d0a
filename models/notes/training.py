"""Fits the models of the notes again: ``python -m models.notes.training DATA`` writes ``fitted.json``."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.notes.artifact import FILE, print_notes_model
from models.notes.corpus import read_talk
from models.notes.fitting import fit_notes_model, prepare
from models.notes.judge import MpnetReader
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
    model = fit_notes_model(episodes, labels, encoder=encoder, reader=MpnetReader())
    FILE.write_text(print_notes_model(model), encoding="utf-8")
    read = sum(label.read for label in labels)
    print(
        f"{FILE.name}: fitted on {len(episodes)} episodes, {read} sentences that were read and {len(labels) - read} not"
    )


if __name__ == "__main__":
    main()
