"""The judge of names: what it reads of the words around a name, and that it learns from them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from models.corrections import UP
from models.mpnet import Mpnet, places_among
from models.speakers.artifact import JUDGE, load_name_judge, save_name_judge
from models.speakers.judge import correcting
from models.speakers.judge.correcting import fit_name_judge
from models.speakers.judge.reader import (
    AFTER,
    BEFORE,
    BEGIN,
    END,
    HIDDEN_NAME,
    KEPT,
    LAYERS,
    LONGEST,
    MARKS,
    NEAR_AFTER,
    NEAR_BEFORE,
    OWN_AFTER,
    QUESTIONS,
    WIDTH,
    NameReader,
)
from models.weights.installed import locate
from pipeline.ports import NameWindow, SaidTurn
from tests.weights import need

LONG = "water " * 200


def window(before: str, after: str, following: str = "Yes, of course.") -> NameWindow:
    return NameWindow((SaidTurn("own", True, (before, after)), SaidTurn("both", False, (following,))), 0, 0)


@pytest.fixture
def reader() -> NameReader:
    need("mpnet")
    return NameReader()


@pytest.mark.weights
def test_a_window_is_cut_around_the_name(reader: NameReader) -> None:
    (short,) = reader.cut([window("thanks, ", ".")])
    assert short.ids[:2] == (BEGIN, END) and short.ids[-1] == END and short.ids[short.name] == HIDDEN_NAME
    assert short.ids.count(HIDDEN_NAME) == 1 and short.ids.count(END) == 3
    assert short.marks[0] == short.marks[-1] == 0 and len(set(short.marks)) == 3 and max(short.marks) < MARKS
    (long,) = reader.cut([window(LONG, LONG, LONG)])
    assert long.name == 1 + BEFORE and len(long.ids) == 1 + BEFORE + 1 + OWN_AFTER + 1 + AFTER + 1 <= LONGEST
    read = dict(reader.read([short, long]))
    assert read[0].name == short.name and read[0].states.shape == (len(short.ids), WIDTH)
    assert read[1].name == NEAR_BEFORE and len(read[1].marks) == len(read[1].states) == NEAR_BEFORE + NEAR_AFTER


@pytest.mark.weights
def test_turns_before_are_read_as_far_as_there_is_room(reader: NameReader) -> None:
    turns = (SaidTurn("other", True, (LONG,)), SaidTurn("before", True, ("Well.",)))
    (pieces,) = reader.cut([NameWindow((*turns, SaidTurn("own", True, ("and ", ""))), 2, 0)])
    assert pieces.ids.count(HIDDEN_NAME) == 1 and pieces.ids[pieces.name] == HIDDEN_NAME
    assert BEFORE <= pieces.name <= BEFORE + 5


@pytest.mark.weights
def test_one_piece_of_a_layer_is_what_the_whole_layer_has_there() -> None:
    need("mpnet")
    network = Mpnet.load(locate("mpnet"), 1, LONGEST)
    states = network.embedding(torch.arange(5, 17).reshape(2, 6)).to(network.dtype)
    present = torch.ones(2, 6, dtype=torch.bool)
    present[1, 4:] = False
    places = places_among(network.places, 6, present)
    wanted = torch.tensor([2, 3])
    whole = network.layers[0](states, places)[torch.arange(2), wanted]
    np.testing.assert_allclose(network.layers[0].at(wanted, states, places).float(), whole.float(), atol=0.02)


@pytest.mark.weights
def test_whose_a_name_is_is_learnt_and_the_same_numbers_each_time(reader, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(correcting, "BATCH", 8)
    monkeypatch.setattr(correcting, "PASSES", 4)
    own = [window(f"hello number {n}, my name is ", " and I fish.") for n in range(32)]
    others = [window(f"well, number {n}, they say that ", " sold the boat.") for n in range(32)]
    read = dict(reader.read(reader.cut([*own, *others])))
    names, answers = [read[n] for n in range(64)], np.full((64, QUESTIONS), -1)
    answers[:, :2] = np.repeat([1, 0], 32)[:, None]
    judge, again = (fit_name_judge(names, answers, np.ones(64)) for _ in range(2))
    odds = judge.odds([window("good morning, my name is ", " and I fish."), window("they say that ", " sold it.")])
    assert odds.shape == (2, QUESTIONS) and odds[0, 1] > 0 > odds[1, 1]
    known = judge.judge(names)
    assert [average_precision_score(answers[:, n], known[:, n]) for n in (0, 1)] == [1.0, 1.0]
    assert all(judge.learnt[name].any() for name in judge.learnt if name.endswith(UP)) and judge.marks.any()
    for number, one in enumerate((judge, again)):
        save_name_judge(one, tmp_path / f"{number}.npz")
    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()
    np.testing.assert_array_equal(load_name_judge(tmp_path / "0.npz").odds(own), judge.odds(own))


def test_the_judge_is_kept_as_it_is_loaded(tmp_path) -> None:
    judge = load_name_judge()
    save_name_judge(judge, tmp_path / "names.npz")
    assert (tmp_path / "names.npz").read_bytes() == JUDGE.read_bytes()
    assert judge.weights.shape == (QUESTIONS, WIDTH) and judge.marks.shape == (MARKS, WIDTH)
    corrected = defaultdict(set)
    for name in judge.learnt:
        corrected[int(name.split(".layer.")[1].split(".")[0])].add(name)
    assert sorted(corrected) == list(range(KEPT, LAYERS))
