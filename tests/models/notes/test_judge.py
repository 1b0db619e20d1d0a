from __future__ import annotations

import csv
from collections import defaultdict

import numpy as np
import pytest

from models.corrections import UP
from models.mpnet import Published
from models.notes import correcting
from models.notes.artifact import FILE, JUDGE, load_judge, parse_notes_model, print_notes_model, save_judge
from models.notes.correcting import fit_judge, fit_uncorrected, mark
from models.notes.judge import KEPT, LAYERS, WIDTH, MpnetReader, TrainedJudge
from models.notes.labels import FILE as LABELS
from models.notes.labels import KEY_LETTERS, ReadSentence
from models.weights.installed import locate
from tests.weights import need

SHORT, LONG = "Bread rises in the oven.", "Bread rises in the oven because yeast breathes out gas while it is warm."
KEPT_SENTENCES = [ReadSentence("s", f"Bread number {n} rises because yeast makes gas.", False) for n in range(24)]
STRUCK_SENTENCES = [ReadSentence("s", f"And so on and on with number {n}, which is.", True) for n in range(24)]


@pytest.fixture
def weights() -> Published:
    need("mpnet")
    return Published(locate("mpnet"), LAYERS)


@pytest.mark.weights
def test_what_was_struck_is_struck_again_and_the_same_numbers_are_learnt_each_time(weights, monkeypatch, tmp_path):
    monkeypatch.setattr(correcting, "BATCH", 8)
    marked = mark([*KEPT_SENTENCES, *STRUCK_SENTENCES])
    judge, again = fit_judge(marked, weights), fit_judge(marked, weights)
    new = ["Bread number 40 rises because yeast makes gas.", "And so on and on with number 40, which is."]
    odds = judge.odds(new)
    assert odds[0] > 0 > odds[1] and all(judge.learnt[name].any() for name in judge.learnt if name.endswith(UP))
    assert np.ptp(fit_uncorrected(marked).odds(new)) > 0
    for number, one in enumerate((judge, again)):
        save_judge(one, tmp_path / f"{number}.npz")
    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()
    np.testing.assert_allclose(load_judge(tmp_path / "0.npz").odds(new), odds, atol=1e-5)


@pytest.mark.weights
def test_pieces_are_what_the_mean_is_made_of(weights):
    read, pieces = (ask([SHORT, LONG]) for ask in (MpnetReader().read, MpnetReader().read_pieces))
    for mean, states in zip(read, pieces, strict=True):
        np.testing.assert_allclose(states.float().mean(0).numpy(), mean, atol=1e-5)


def test_the_model_is_printed_as_it_is_kept():
    text = FILE.read_text(encoding="utf-8")
    assert print_notes_model(parse_notes_model(text, judge=load_judge())) == text


def test_the_judge_is_kept_as_it_is_loaded(tmp_path):
    judge = load_judge()
    save_judge(judge, tmp_path / "judge.npz")
    assert (tmp_path / "judge.npz").read_bytes() == JUDGE.read_bytes()
    assert isinstance(judge, TrainedJudge) and judge.weights.shape == (WIDTH,)
    corrected = defaultdict(set)
    for name in judge.learnt:
        corrected[int(name.split(".layer.")[1].split(".")[0])].add(name)
    assert sorted(corrected) == list(range(KEPT, LAYERS))


def test_the_labels_hold_no_text():
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len({(row["show"], row["sentence"]) for row in rows}) == len(rows) > 500
    for row in rows:
        assert len(bytes.fromhex(row["sentence"])) * 2 == KEY_LETTERS and int(row["from"]) >= 0
        assert (row["struck"], row["read"]) in {("0", "1"), ("1", "1"), ("1", "0")}


@pytest.mark.weights
def test_a_sentence_is_read_alike_alone_and_beside_longer_ones(weights):
    reader = MpnetReader()
    together, alone = reader.read([SHORT, LONG])[0], reader.read([SHORT])[0]
    assert float(np.abs(together - alone).max()) < 0.05 * float(np.abs(alone).max())
    assert reader.read([]).shape == (0, WIDTH) and reader.read_pieces([]) == []
