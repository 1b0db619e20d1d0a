"""Pieces worked on at once come back in order, a few at a time, and leave torch as it was."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from models.parallel import AHEAD, MOST_CORES, side_by_side, undivided


def test_results_come_in_the_order_of_the_pieces() -> None:
    def slow_at_first(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0.0)
        return number

    assert list(side_by_side(slow_at_first, range(20))) == list(range(20))


def test_only_a_few_pieces_are_begun_before_their_results_are_taken() -> None:
    begun: list[int] = []
    taken = side_by_side(lambda number: begun.append(number), range(1000))
    next(taken)
    assert len(begun) <= AHEAD * MOST_CORES + 1
    taken.close()


def test_each_piece_has_one_core_and_torch_gets_its_own_back() -> None:
    before = torch.get_num_threads()
    assert set(side_by_side(lambda _: torch.get_num_threads(), range(6))) == {1}
    assert torch.get_num_threads() == before
    later: list[int] = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [before]


def test_an_error_in_a_piece_is_raised_and_torch_gets_its_cores_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda number: 1 // number, [1, 0, 1]))
    assert torch.get_num_threads() == before


def test_within_a_piece_pieces_are_worked_on_one_after_the_other() -> None:
    def inner(number: int) -> set[int]:
        return set(side_by_side(lambda _: threading.get_ident(), range(4)))

    assert [len(threads) for threads in side_by_side(inner, range(3))] == [1, 1, 1]


def test_undivided_work_has_one_core_and_its_pieces_have_all() -> None:
    before = torch.get_num_threads()
    with undivided() as allowed:
        assert allowed == before
        assert torch.get_num_threads() == 1
        list(side_by_side(lambda number: number, range(3)))
        assert torch.get_num_threads() == 1
        with undivided() as again:
            assert again == before
    assert torch.get_num_threads() == before
