from __future__ import annotations

import csv

import numpy as np
import pytest

from models.notes.artifact import FILE, parse_notes_model, print_notes_model
from models.notes.fitting import fit_judge
from models.notes.judge import WIDTH, MpnetReader, TrainedJudge
from models.notes.labels import FILE as LABELS
from models.notes.labels import KEY_LETTERS, ReadSentence
from models.scripted import ScriptedEncoder
from pipeline.errors import WeightsError


class ScriptedReader:
    """Reads words, not meaning."""

    def read(self, sentences):
        return ScriptedEncoder(WIDTH).encode(sentences)


def test_what_was_struck_is_struck_again():
    kept = [ReadSentence("s", f"Bread number {n} rises.", False) for n in range(20)]
    struck = [ReadSentence("s", f"And so on number {n}.", True) for n in range(20)]
    judge = fit_judge([*kept, *struck], reader=ScriptedReader())
    odds = judge.odds(["Bread number 40 rises.", "And so on number 40."])
    assert odds[0] > 0 > odds[1]


def test_the_model_is_printed_as_it_is_kept():
    text = FILE.read_text(encoding="utf-8")
    assert print_notes_model(parse_notes_model(text)) == text
    judge = parse_notes_model(text).judge
    assert isinstance(judge, TrainedJudge) and judge.weights.shape == (WIDTH,)


def test_the_labels_hold_no_text():
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len({(row["show"], row["sentence"]) for row in rows}) == len(rows) > 500
    for row in rows:
        assert len(bytes.fromhex(row["sentence"])) * 2 == KEY_LETTERS and int(row["from"]) >= 0
        assert (row["struck"], row["read"]) in {("0", "1"), ("1", "1"), ("1", "0")}


@pytest.mark.weights
def test_a_sentence_is_read_alike_alone_and_beside_longer_ones():
    reader = MpnetReader()
    try:
        reader.folder  # noqa: B018  (looks for the weights)
    except WeightsError as missing:
        pytest.skip(str(missing))
    short, long = "Bread rises in the oven.", "Bread rises in the oven because yeast breathes out gas while it is warm."
    together, alone = reader.read([short, long])[0], reader.read([short])[0]
    assert float(np.abs(together - alone).max()) < 0.05 * float(np.abs(alone).max())
    assert reader.read([]).shape == (0, WIDTH)
